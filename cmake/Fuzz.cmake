# Fuzzers: programs with libFuzzer, the coverage-guided fuzzer of clang. REHEARSAL_HAS_FUZZER is
# true if the compiler has it.
include(CheckCXXSourceCompiles)

set(CMAKE_REQUIRED_FLAGS "-fsanitize=fuzzer")
check_cxx_source_compiles(
  "extern \"C\" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }"
  REHEARSAL_HAS_FUZZER)
unset(CMAKE_REQUIRED_FLAGS)

# rehearsal_add_fuzz_program(NAME SOURCES... LIBRARIES libraries...): adds a program with the
# sources of a fuzz target.
function(rehearsal_add_fuzz_program name)
  cmake_parse_arguments(PARSE_ARGV 1 fuzz "" "" "LIBRARIES")
  add_executable(${name} ${fuzz_UNPARSED_ARGUMENTS})
  target_compile_features(${name} PRIVATE cxx_std_20)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${fuzz_LIBRARIES} rehearsal_warnings)
endfunction()

# rehearsal_add_fuzzer(NAME SOURCES... LIBRARIES libraries...): adds a fuzzer. REQUIRES:
# REHEARSAL_HAS_FUZZER.
function(rehearsal_add_fuzzer name)
  rehearsal_add_fuzz_program(${name} ${ARGN})
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
endfunction()

# rehearsal_add_fuzz_target(NAME LIBRARIES libraries...): adds the fuzzer NAME_fuzzer of NAME.cpp,
# which ./dev fuzz builds, and the test fuzz.NAME, which runs NAME.cpp over the files of corpus/NAME
# with any compiler.
function(rehearsal_add_fuzz_target name)
  if(REHEARSAL_HAS_FUZZER)
    rehearsal_add_fuzzer(${name}_fuzzer ${name}.cpp ${ARGN})
    set_target_properties(${name}_fuzzer PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
  rehearsal_add_fuzz_program(${name}_corpus ${name}.cpp run_corpus.cpp ${ARGN})
  add_test(NAME fuzz.${name} COMMAND ${name}_corpus "${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name}")
  set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT ${rehearsal_timeout})
endfunction()
