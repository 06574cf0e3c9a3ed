# Configures, builds and runs the tiny project next to this file against Rehearsal.
#   BY           the way: install, find_package, pkg_config, add_subdirectory or fetch_content;
#                "install" only lays down what find_package and pkg_config then use
#   SOURCE_DIR   the root of Rehearsal
#   BINARY_DIR   its build tree
#   WORK_DIR     a folder in which this may write
#   TLS          whether it has rehearsal::tls
#   SETTINGS     cache settings of that build, so that what is linked together fits together
set(prefix "${WORK_DIR}/prefix")
set(build "${WORK_DIR}/${BY}")

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

if(BY STREQUAL "install")
  # Starts from nothing each time, so that a header that is no longer installed causes an error.
  file(REMOVE_RECURSE "${prefix}" "${WORK_DIR}/find_package" "${WORK_DIR}/pkg_config")
  run("${CMAKE_COMMAND}" --install "${BINARY_DIR}" --prefix "${prefix}")
  return()
endif()

file(GLOB_RECURSE pkg_config_file "${prefix}/*/rehearsal.pc")
if(pkg_config_file)
  cmake_path(GET pkg_config_file PARENT_PATH pkg_config_dir)
  set(ENV{PKG_CONFIG_PATH} "${pkg_config_dir}")
endif()
run("${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}" -B "${build}" ${SETTINGS}
    "-DREHEARSAL_BY=${BY}" "-DREHEARSAL_SOURCE_DIR=${SOURCE_DIR}" "-DCMAKE_PREFIX_PATH=${prefix}")
run("${CMAKE_COMMAND}" --build "${build}" --target server --parallel 2)
run("${build}/server")
if(TLS AND BY STREQUAL "find_package")
  run("${build}/secure")
endif()
if(EXISTS "${build}/rehearses")
  run("${build}/rehearses" run nap --seeds 1..3)
endif()
if(EXISTS "${build}/server_tests")
  run("${build}/server_tests")
endif()
