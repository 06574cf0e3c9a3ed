# rehearsal_add_library(NAME [OBJECT] [WITHOUT FOLDERS...] [FRONT_DOOR HEADERS...]): adds the
# library rehearsal_NAME, alias rehearsal::NAME, of the current folder and its subfolders. It
# contains every source except main.cpp and the sources in FOLDERS, which are separate libraries.
# Without sources it is an INTERFACE library; OBJECT makes it an object library. The headers of the
# folder are internal. HEADERS, without ".hpp", are the headers of include/rehearsal that need the
# library. Internal includes are relative to the root of the tree, also when installed.
function(rehearsal_add_library name)
  cmake_parse_arguments(PARSE_ARGV 1 library "OBJECT" "" "WITHOUT;FRONT_DOOR")
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
    set(kind "")
    if(library_OBJECT)
      set(kind OBJECT)
    endif()
    add_library(${target} ${kind} ${sources})
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

# rehearsal_link(NAME PUBLIC_OR_PRIVATE LIBRARIES...): links LIBRARIES to rehearsal_NAME, also if it
# has no sources.
function(rehearsal_link name scope)
  get_target_property(type rehearsal_${name} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    set(scope INTERFACE)
  endif()
  target_link_libraries(rehearsal_${name} ${scope} ${ARGN})
endfunction()

# rehearsal_hot(TARGET [SOURCES...]): compiles the target, or only SOURCES, with
# REHEARSAL_HOT_OPTIONS, because the tests spend their time there.
function(rehearsal_hot target)
  if(NOT ARGN)
    target_compile_options(${target} PRIVATE ${REHEARSAL_HOT_OPTIONS})
  elseif(REHEARSAL_HOT_OPTIONS)
    # The precompiled headers were compiled with the options of the other sources.
    set_source_files_properties(
      ${ARGN} TARGET_DIRECTORY ${target} PROPERTIES COMPILE_OPTIONS "${REHEARSAL_HOT_OPTIONS}"
                                                    SKIP_PRECOMPILE_HEADERS ON)
  endif()
endfunction()

# rehearsal_precompile(TARGET HEADERS...): lets clang precompile headers that most sources of the
# target include, which halves the build time. g++ does not precompile, which checks that each
# source includes the headers it needs. And with precompiled headers g++ 12 wrongly warns about
# std::string (-Warray-bounds).
function(rehearsal_precompile target)
  if(PROJECT_IS_TOP_LEVEL AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()
