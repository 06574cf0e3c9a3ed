# rehearsal_add_library(NAME [WITHOUT FOLDERS...] [FRONT_DOOR HEADERS...]): the library of a folder
# and its folders, rehearsal_NAME, alias rehearsal::NAME. It holds every source except main.cpp and
# those of FOLDERS, which are libraries of their own. A folder of headers alone is an INTERFACE
# library. Its headers are internal; HEADERS, without ".hpp", are those of include/rehearsal that
# need it. Internal includes are spelled from the root of the tree, and the same way once installed.
function(rehearsal_add_library name)
  cmake_parse_arguments(PARSE_ARGV 1 library "" "" "WITHOUT;FRONT_DOOR")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.hpp")
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  foreach(folder IN LISTS library_WITHOUT)
    list(FILTER sources EXCLUDE REGEX "^${CMAKE_CURRENT_SOURCE_DIR}/${folder}/")
    list(FILTER headers EXCLUDE REGEX "^${CMAKE_CURRENT_SOURCE_DIR}/${folder}/")
  endforeach()

  set(target rehearsal_${name})
  if(sources)
    set(scope PUBLIC)
    add_library(${target} ${sources})
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:rehearsal_warnings>)
    set_target_properties(
      ${target} PROPERTIES CXX_EXTENSIONS OFF VERSION ${PROJECT_VERSION}
                           SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  else()
    set(scope INTERFACE)
    add_library(${target} INTERFACE)
  endif()
  add_library(rehearsal::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(${target} ${scope} cxx_std_20)
  target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}"
                                    FILES ${headers})
  if(library_FRONT_DOOR)
    list(TRANSFORM library_FRONT_DOOR REPLACE "(.+)"
                                              "${PROJECT_SOURCE_DIR}/include/rehearsal/\\1.hpp")
    target_sources(
      ${target} ${scope} FILE_SET front_door TYPE HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include"
                                             FILES ${library_FRONT_DOOR})
  endif()
endfunction()

# rehearsal_link(NAME PUBLIC_OR_PRIVATE LIBRARIES...): as target_link_libraries, also for a folder
# that has no source yet.
function(rehearsal_link name scope)
  get_target_property(type rehearsal_${name} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    set(scope INTERFACE)
  endif()
  target_link_libraries(rehearsal_${name} ${scope} ${ARGN})
endfunction()

# rehearsal_hot(TARGET [SOURCES...]): the tests spend their time in it, or in those sources of it.
function(rehearsal_hot target)
  if(NOT ARGN)
    target_compile_options(${target} PRIVATE ${REHEARSAL_HOT_OPTIONS})
  elseif(REHEARSAL_HOT_OPTIONS)
    # What is precompiled for the others has their options.
    set_source_files_properties(
      ${ARGN} TARGET_DIRECTORY ${target} PROPERTIES COMPILE_OPTIONS "${REHEARSAL_HOT_OPTIONS}"
                                                    SKIP_PRECOMPILE_HEADERS ON)
  endif()
endfunction()

# rehearsal_precompile(TARGET HEADERS...): clang compiles once what most sources of the target
# include, which takes about half the time. g++ takes each source as it is, which shows that it
# includes what it needs; with precompiled headers g++ 12 warns of std::string (-Warray-bounds).
function(rehearsal_precompile target)
  if(PROJECT_IS_TOP_LEVEL AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()
