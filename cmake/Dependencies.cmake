# Third-party libraries: taken from the system if installed, otherwise fetched at a pinned release.
# rehearsal::record needs xxHash and rehearsal::simnet a JSON parser; the servers and the tests need
# more.
include(FetchContent)
# Lets variables set here override the options of older projects too.
set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)

# xxHash: the installed library, which uses the widest vectors of the machine, or else its fetched
# header alone.
find_path(REHEARSAL_XXHASH_INCLUDE_DIR xxhash.h)
find_library(REHEARSAL_XXHASH_LIBRARY xxhash)
add_library(rehearsal_xxhash INTERFACE)
if(REHEARSAL_XXHASH_INCLUDE_DIR AND REHEARSAL_XXHASH_LIBRARY)
  include(CheckLibraryExists)
  check_library_exists("${REHEARSAL_XXHASH_LIBRARY}" XXH3_64bits_dispatch ""
                       REHEARSAL_XXHASH_DISPATCHES)
  target_link_libraries(rehearsal_xxhash INTERFACE "${REHEARSAL_XXHASH_LIBRARY}")
  if(REHEARSAL_XXHASH_DISPATCHES AND EXISTS "${REHEARSAL_XXHASH_INCLUDE_DIR}/xxh_x86dispatch.h")
    target_compile_definitions(rehearsal_xxhash INTERFACE REHEARSAL_XXHASH_DISPATCHES)
  endif()
else()
  message(STATUS "For rehearsal::record: xxHash, fetched unless it is installed (Debian: "
                 "libxxhash-dev)")
  set(REHEARSAL_XXHASH_LIBRARY "")
  FetchContent_Declare(
    xxhash
    GIT_REPOSITORY https://github.com/Cyan4973/xxHash.git
    GIT_TAG v0.8.1
    GIT_SHALLOW ON
    SOURCE_SUBDIR header_only)
  FetchContent_MakeAvailable(xxhash)
  set(REHEARSAL_XXHASH_INCLUDE_DIR "${xxhash_SOURCE_DIR}")
  target_compile_definitions(rehearsal_xxhash INTERFACE XXH_INLINE_ALL)
endif()
target_include_directories(rehearsal_xxhash SYSTEM INTERFACE "${REHEARSAL_XXHASH_INCLUDE_DIR}")

# nlohmann's JSON library, which is header-only.
find_path(REHEARSAL_JSON_INCLUDE_DIR nlohmann/json.hpp)
if(NOT REHEARSAL_JSON_INCLUDE_DIR)
  message(STATUS "For rehearsal::simnet: JSON for Modern C++, fetched unless it is installed "
                 "(Debian: nlohmann-json3-dev)")
  FetchContent_Declare(
    nlohmann_json
    GIT_REPOSITORY https://github.com/nlohmann/json.git
    GIT_TAG v3.11.2
    GIT_SHALLOW ON
    SOURCE_SUBDIR headers_only)
  FetchContent_MakeAvailable(nlohmann_json)
  set(REHEARSAL_JSON_INCLUDE_DIR "${nlohmann_json_SOURCE_DIR}/single_include")
endif()
add_library(rehearsal_json INTERFACE)
target_include_directories(rehearsal_json SYSTEM INTERFACE "${REHEARSAL_JSON_INCLUDE_DIR}")

# OpenSSL is not fetched: a program should use the one that its system keeps up to date.
if(REHEARSAL_BUILD_TLS)
  find_package(OpenSSL 3.0 QUIET)
  if(NOT OpenSSL_FOUND)
    message(STATUS "rehearsal::tls is left out: OpenSSL 3 is not installed (Debian: libssl-dev)")
  endif()
endif()

if(REHEARSAL_BUILD_SERVERS)
  message(STATUS "For the servers: {fmt}, spdlog, CLI11, fetched unless they are installed "
                 "(Debian: libfmt-dev libspdlog-dev libcli11-dev)")
  # The releases in Debian 12, so that fetched and installed libraries are the same.
  FetchContent_Declare(
    fmt
    GIT_REPOSITORY https://github.com/fmtlib/fmt.git
    GIT_TAG 9.1.0
    GIT_SHALLOW ON
    SYSTEM
    FIND_PACKAGE_ARGS CONFIG)
  FetchContent_Declare(
    spdlog
    GIT_REPOSITORY https://github.com/gabime/spdlog.git
    GIT_TAG v1.10.0
    GIT_SHALLOW ON
    SYSTEM
    FIND_PACKAGE_ARGS CONFIG)
  FetchContent_Declare(
    CLI11
    GIT_REPOSITORY https://github.com/CLIUtils/CLI11.git
    GIT_TAG v2.1.2
    GIT_SHALLOW ON
    SYSTEM
    FIND_PACKAGE_ARGS CONFIG)
  # Lets spdlog use this {fmt} instead of its own copy.
  set(SPDLOG_FMT_EXTERNAL ON)
  FetchContent_MakeAvailable(fmt spdlog CLI11)
endif()

if(REHEARSAL_BUILD_SERVERS OR REHEARSAL_BUILD_TESTS)
  message(STATUS "For rehearsal::gtest and the tests: GoogleTest, fetched unless it is installed "
                 "(Debian: libgtest-dev)")
  FetchContent_Declare(
    googletest
    GIT_REPOSITORY https://github.com/google/googletest.git
    GIT_TAG v1.14.0
    GIT_SHALLOW ON
    SYSTEM
    FIND_PACKAGE_ARGS GLOBAL NAMES GTest)
  set(INSTALL_GTEST OFF)
  FetchContent_MakeAvailable(googletest)
endif()

if(REHEARSAL_BUILD_RAPIDCHECK OR REHEARSAL_BUILD_TESTS)
  message(STATUS "For rehearsal::rapidcheck and the tests: rapidcheck, fetched unless it is "
                 "installed (Debian: librapidcheck-dev)")
  # rapidcheck has no releases, so this is a commit.
  FetchContent_Declare(
    rapidcheck
    GIT_REPOSITORY https://github.com/emil-e/rapidcheck.git
    GIT_TAG ff6af6fc683159deb51c543b065eba14dfcf329b
    SYSTEM
    FIND_PACKAGE_ARGS CONFIG)
  set(RC_ENABLE_GTEST ON)
  FetchContent_MakeAvailable(rapidcheck)
endif()
