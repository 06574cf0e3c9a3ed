# What is not ours: taken from the system when it is there, otherwise fetched at a pinned release.
# The libraries themselves need nothing; the servers and the tests do.
include(FetchContent)
# Their options are set here as variables, which older projects would not look at.
set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)

if(REHEARSAL_BUILD_SERVERS)
  message(STATUS "For the servers: {fmt}, spdlog, CLI11, fetched unless they are installed "
                 "(Debian: libfmt-dev libspdlog-dev libcli11-dev)")
  # The releases that Debian 12 carries, so that both ways build the same program.
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
  # One {fmt} in the program: spdlog would otherwise bring a copy of its own.
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
  # rapidcheck makes no releases: a commit stands in for one.
  FetchContent_Declare(
    rapidcheck
    GIT_REPOSITORY https://github.com/emil-e/rapidcheck.git
    GIT_TAG ff6af6fc683159deb51c543b065eba14dfcf329b
    SYSTEM
    FIND_PACKAGE_ARGS CONFIG)
  set(RC_ENABLE_GTEST ON)
  FetchContent_MakeAvailable(rapidcheck)
endif()
