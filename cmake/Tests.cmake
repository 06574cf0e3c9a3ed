# Properties are tested with the same seed in every run, unless the environment sets another one
# (RC_PARAMS="seed=7"). In rapidcheck the last setting wins, so this one is put in front.
set(rehearsal_fixed_seed "RC_PARAMS=string_prepend:seed=2718281828 ")

# Timeouts of ctest in seconds, for long and for other tests: at least 20 times their duration on an
# idle machine. REHEARSAL_TEST_PATIENCE in the environment of CMake, an integer, multiplies them.
# The tests also read it for their own time limits (CONTRIBUTING.md).
set(rehearsal_patience 1)
if(DEFINED ENV{REHEARSAL_TEST_PATIENCE})
  set(rehearsal_patience "$ENV{REHEARSAL_TEST_PATIENCE}")
endif()
math(EXPR rehearsal_long_timeout "10800 * ${rehearsal_patience}")
math(EXPR rehearsal_timeout "3600 * ${rehearsal_patience}")

# The COST of a test that takes seconds. ctest starts it early, so that no long test runs alone at
# the end.
set(rehearsal_long 10)

# rehearsal_add_tests(FOLDER LIBRARIES...): adds the program NAME_tests, NAME being the last part of
# FOLDER. It has the GoogleTest tests in tests/FOLDER and in its subfolders that mirror a folder of
# the tree. Each test is a test of ctest. A folder that is a separate library has its own program.
function(rehearsal_add_tests folder)
  cmake_path(GET folder FILENAME name)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp")
  file(GLOB_RECURSE rooms LIST_DIRECTORIES true RELATIVE "${PROJECT_SOURCE_DIR}"
       "${PROJECT_SOURCE_DIR}/${folder}/*")
  list(FILTER rooms EXCLUDE REGEX "/(gtest|guest|rapidcheck|interpose|tls)(/|$)")
  foreach(room IN LISTS rooms)
    file(GLOB more CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${room}/*.cpp")
    list(APPEND sources ${more})
  endforeach()
  set(target ${name}_tests)
  add_executable(${target} ${sources})
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE ${ARGN} GTest::gtest_main rapidcheck rapidcheck_gtest
                                          rehearsal_warnings)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  # The tests are listed when ctest starts, so a program that crashes at once does not fail the
  # build.
  gtest_discover_tests(
    ${target}
    TEST_PREFIX "${name}."
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 600
    PROPERTIES TIMEOUT ${rehearsal_timeout} ENVIRONMENT_MODIFICATION "${rehearsal_fixed_seed}")
endfunction()

# rehearsal_add_crashing_test(NAME SCRIPT ARGUMENTS...): adds a test that is a Python script and
# runs programs that crash on purpose, hundreds of times. Sanitizers do not symbolize the stacks,
# which would take most of the time.
function(rehearsal_add_crashing_test name script)
  add_test(NAME ${name}
           COMMAND Python3::Interpreter "${CMAKE_CURRENT_SOURCE_DIR}/${script}" ${ARGN})
  set_tests_properties(
    ${name} PROPERTIES TIMEOUT ${rehearsal_long_timeout}
                       COST ${rehearsal_long} ENVIRONMENT PYTHONDONTWRITEBYTECODE=1
                       ENVIRONMENT_MODIFICATION "ASAN_OPTIONS=string_append::symbolize=0")
endfunction()

# rehearsal_add_header_check(): adds the target headers_compile_alone, with one object for each
# header that no source of this build includes first. It is part of the default build if
# REHEARSAL_CHECK_HEADERS is set.
function(rehearsal_add_header_check)
  set(folders sched realnet record simnet tests)
  if(TARGET rehearsal_servers)
    list(APPEND folders include harness servers examples)
  endif()
  set(headers "")
  set(shown "")
  foreach(folder IN LISTS folders)
    file(GLOB_RECURSE found RELATIVE "${PROJECT_SOURCE_DIR}" CONFIGURE_DEPENDS
         "${PROJECT_SOURCE_DIR}/${folder}/*.hpp")
    list(APPEND headers ${found})
    if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND NOT folder IN_LIST REHEARSAL_UNITY_FOLDERS)
      # A source compiled alone, without precompiled headers, checks the header that it includes
      # first.
      file(GLOB_RECURSE found RELATIVE "${PROJECT_SOURCE_DIR}" CONFIGURE_DEPENDS
           "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
      list(APPEND shown ${found})
    endif()
  endforeach()
  # The headers of the bench need its peers, which only the bench installs.
  list(FILTER headers EXCLUDE REGEX "^tests/bench/")
  list(FILTER shown EXCLUDE REGEX "^tests/(bench|project/consumer|corpus/fuzz)/|/main\\.cpp$")
  if(NOT TARGET rehearsal_rapidcheck)
    list(FILTER headers EXCLUDE REGEX "^(simnet/rapidcheck/|include/rehearsal/rapidcheck\\.hpp$)")
  endif()
  if(NOT TARGET rehearsal_tls)
    list(FILTER headers EXCLUDE REGEX "/tls(/|\\.hpp$)")
    list(FILTER shown EXCLUDE REGEX "/tls/")
  endif()
  foreach(source IN LISTS shown)
    file(STRINGS "${PROJECT_SOURCE_DIR}/${source}" first REGEX "^#include" LIMIT_COUNT 1)
    string(REGEX REPLACE "^#include [\"<](.*)[\">].*" "\\1" first "${first}")
    list(REMOVE_ITEM headers "${first}")
  endforeach()

  set(sources "")
  foreach(header IN LISTS headers)
    set(source "${CMAKE_CURRENT_BINARY_DIR}/headers/${header}.cpp")
    # Including it twice checks #pragma once.
    file(CONFIGURE OUTPUT "${source}" @ONLY
         CONTENT "#include \"@header@\"\n#include \"@header@\" // NOLINT\n")
    list(APPEND sources "${source}")
  endforeach()
  add_library(headers_compile_alone OBJECT ${sources})
  if(NOT REHEARSAL_CHECK_HEADERS)
    set_target_properties(headers_compile_alone PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
  set_target_properties(headers_compile_alone PROPERTIES CXX_EXTENSIONS OFF UNITY_BUILD OFF
                                                         EXPORT_COMPILE_COMMANDS OFF)
  target_compile_features(headers_compile_alone PRIVATE cxx_std_20)
  target_include_directories(headers_compile_alone PRIVATE "${PROJECT_SOURCE_DIR}")
  # Only whether it compiles matters, not the object code.
  target_compile_options(headers_compile_alone PRIVATE -O0)
  target_link_libraries(
    headers_compile_alone PRIVATE rehearsal::realnet rehearsal::simnet GTest::gtest rapidcheck
                                  rapidcheck_gtest rehearsal_warnings)
  if(TARGET rehearsal_rapidcheck)
    target_link_libraries(headers_compile_alone PRIVATE rehearsal::rapidcheck)
  endif()
  if(TARGET rehearsal_tls)
    target_link_libraries(headers_compile_alone PRIVATE rehearsal::tls OpenSSL::SSL)
  endif()
  if(TARGET rehearsal_servers)
    target_link_libraries(headers_compile_alone PRIVATE rehearsal::servers rehearsal::gtest)
  endif()
endfunction()

# rehearsal_add_consumer_tests(): adds tests in which a project outside this tree finds the library
# in each supported way, builds with it, and runs.
function(rehearsal_add_consumer_tests)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  set(compiler -G "${CMAKE_GENERATOR}" "-DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}")
  # The installed libraries must be linked with the flags they were built with (sanitizers).
  set(as_built
      "-DCMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE}" "-DCMAKE_CXX_FLAGS=${CMAKE_CXX_FLAGS}"
      "-DCMAKE_CXX_FLAGS_${type}=${CMAKE_CXX_FLAGS_${type}}")
  # If the library is part of the consumer's build, the test covers only the wiring, and compiles
  # little.
  set(from_source "-DCMAKE_BUILD_TYPE=Debug" "-DCMAKE_CXX_FLAGS_DEBUG=-O0" -DCMAKE_UNITY_BUILD=ON)
  set(ways find_package)
  if(NOT "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}" MATCHES "-fsanitize")
    # These ways compile the library again, and do not depend on sanitizers.
    list(APPEND ways add_subdirectory fetch_content)
  endif()
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    list(APPEND ways pkg_config)
  endif()
  foreach(way IN ITEMS install ${ways})
    set(settings ${compiler} ${as_built})
    if(way MATCHES "add_subdirectory|fetch_content")
      set(settings ${compiler} ${from_source})
    endif()
    add_test(
      NAME consumer.${way}
      COMMAND
        "${CMAKE_COMMAND}" "-DBY=${way}" "-DSOURCE_DIR=${PROJECT_SOURCE_DIR}"
        "-DBINARY_DIR=${PROJECT_BINARY_DIR}" "-DWORK_DIR=${CMAKE_CURRENT_BINARY_DIR}/consumer"
        "-DTLS=$<TARGET_EXISTS:rehearsal_tls>" "-DSETTINGS=${settings}" -P
        "${PROJECT_SOURCE_DIR}/tests/project/consumer/consume.cmake")
    set_tests_properties(consumer.${way} PROPERTIES TIMEOUT ${rehearsal_long_timeout}
                                                    COST ${rehearsal_long})
  endforeach()
  set_tests_properties(consumer.install PROPERTIES FIXTURES_SETUP rehearsal_prefix)
  set_tests_properties(consumer.find_package PROPERTIES FIXTURES_REQUIRED rehearsal_prefix)
  if(PkgConfig_FOUND)
    set_tests_properties(consumer.pkg_config PROPERTIES FIXTURES_REQUIRED rehearsal_prefix)
  endif()
  rehearsal_add_example_tests(${compiler} ${as_built})
  find_package(Python3 3.9 COMPONENTS Interpreter)
  if(Python3_FOUND AND TARGET rehearsal)
    add_test(NAME consumer.installed
             COMMAND Python3::Interpreter
                     "${PROJECT_SOURCE_DIR}/tests/project/consumer/installed_test.py"
                     "${CMAKE_CURRENT_BINARY_DIR}/consumer/prefix" "${PROJECT_SOURCE_DIR}")
    set_tests_properties(consumer.installed PROPERTIES TIMEOUT ${rehearsal_timeout}
                                                       FIXTURES_REQUIRED rehearsal_prefix
                                                       ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
  endif()
endfunction()

# rehearsal_add_example_tests(SETTINGS...): adds a test for each example, built as a project outside
# this tree with the library that consumer.install has installed. SETTINGS are CMake arguments for
# its build.
function(rehearsal_add_example_tests)
  find_package(Python3 3.9 COMPONENTS Interpreter)
  if(NOT Python3_FOUND OR NOT TARGET rehearsal_gtest)
    message(STATUS "No Python 3, or no rehearsal::gtest: the tests of the examples are left out")
    return()
  endif()
  file(GLOB examples CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/examples/*/CMakeLists.txt")
  foreach(example IN LISTS examples)
    cmake_path(GET example PARENT_PATH example)
    cmake_path(GET example FILENAME name)
    add_test(
      NAME examples.${name}
      COMMAND
        Python3::Interpreter "${PROJECT_SOURCE_DIR}/tests/project/examples/examples_test.py" ${name}
        "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_BINARY_DIR}/consumer/prefix"
        "${CMAKE_CURRENT_BINARY_DIR}/examples" ${ARGN})
    set_tests_properties(
      examples.${name} PROPERTIES TIMEOUT ${rehearsal_long_timeout} COST ${rehearsal_long}
                                  FIXTURES_REQUIRED rehearsal_prefix ENVIRONMENT
                                  PYTHONDONTWRITEBYTECODE=1)
  endforeach()
endfunction()

# rehearsal_use_asio(TARGET): lets a test use asio. Version 1.22 does not know that clang has
# coroutines.
function(rehearsal_use_asio target)
  target_compile_definitions(
    ${target} PRIVATE $<$<CXX_COMPILER_ID:Clang>:ASIO_HAS_CO_AWAIT=1 ASIO_HAS_STD_COROUTINE=1>)
endfunction()
