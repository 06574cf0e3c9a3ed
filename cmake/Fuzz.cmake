# rehearsal_add_fuzzer(NAME SOURCES... LIBRARIES libraries...): adds a program with libFuzzer, the
# coverage-guided fuzzer of clang. REHEARSAL_HAS_FUZZER is true if the compiler has it; otherwise
# the function adds nothing.
include(CheckCXXSourceCompiles)

set(CMAKE_REQUIRED_FLAGS "-fsanitize=fuzzer")
check_cxx_source_compiles(
  "extern \"C\" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }"
  REHEARSAL_HAS_FUZZER)
unset(CMAKE_REQUIRED_FLAGS)

function(rehearsal_add_fuzzer name)
  cmake_parse_arguments(PARSE_ARGV 1 fuzzer "" "" "LIBRARIES")
  if(NOT REHEARSAL_HAS_FUZZER)
    return()
  endif()
  add_executable(${name} ${fuzzer_UNPARSED_ARGUMENTS})
  target_compile_features(${name} PRIVATE cxx_std_20)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_libraries(${name} PRIVATE ${fuzzer_LIBRARIES} rehearsal_warnings)
endfunction()
