# The files that `cmake --install` installs: the libraries and their headers, the program, and the
# files for find_package and pkg-config.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(rehearsal_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/rehearsal")
# Users include <rehearsal/server.hpp> and other public headers; those include internal headers in
# this folder.
set(rehearsal_header_dir "${CMAKE_INSTALL_INCLUDEDIR}/rehearsal/internal")
set(rehearsal_headers FILE_SET HEADERS DESTINATION "${rehearsal_header_dir}" FILE_SET front_door
                      DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")

install(
  TARGETS rehearsal_sched rehearsal_realnet rehearsal_record rehearsal_simnet
  EXPORT rehearsalTargets
  ${rehearsal_headers})
if(TARGET rehearsal)
  install(TARGETS rehearsal)
endif()

# rehearsal_install_with(EXPORT_NAME "TARGETS" NEEDED...): installs targets that need other packages
# in an export of their own, so that find_package works without those packages. Does nothing if one
# of NEEDED was fetched into this build, because another build could not find it.
function(rehearsal_install_with export targets)
  foreach(needed IN LISTS ARGN)
    get_target_property(is_package ${needed} IMPORTED)
    if(NOT is_package)
      return()
    endif()
  endforeach()
  install(
    TARGETS ${targets}
    EXPORT ${export}
    ${rehearsal_headers})
  install(
    EXPORT ${export}
    NAMESPACE rehearsal::
    DESTINATION "${rehearsal_package_dir}")
endfunction()
if(TARGET rehearsal_tls)
  rehearsal_install_with(rehearsalTlsTargets "rehearsal_tls" OpenSSL::SSL)
endif()
if(TARGET rehearsal_servers)
  set(targets rehearsal_record_files rehearsal_harness rehearsal_cli)
  rehearsal_install_with(rehearsalCliTargets "${targets}" fmt::fmt spdlog::spdlog CLI11::CLI11)
endif()
if(TARGET rehearsal_rapidcheck)
  rehearsal_install_with(rehearsalRapidcheckTargets "rehearsal_rapidcheck" rapidcheck)
endif()
if(TARGET rehearsal_gtest)
  rehearsal_install_with(rehearsalGtestTargets "rehearsal_gtest" GTest::gtest)
endif()

install(
  EXPORT rehearsalTargets
  NAMESPACE rehearsal::
  DESTINATION "${rehearsal_package_dir}")
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/rehearsalConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/rehearsalConfig.cmake"
  INSTALL_DESTINATION "${rehearsal_package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/rehearsalConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/rehearsalConfig.cmake"
              "${PROJECT_BINARY_DIR}/rehearsalConfigVersion.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/Kept.cmake"
        DESTINATION "${rehearsal_package_dir}")

# The prefix in the file is relative to the file, so an installed tree can be moved.
file(RELATIVE_PATH rehearsal_prefix_from_pkgconfig "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
set(rehearsal_link_flags "")
foreach(name IN ITEMS realnet simnet record sched) # users of a library before it
  get_target_property(type rehearsal_${name} TYPE)
  if(NOT type STREQUAL "INTERFACE_LIBRARY")
    string(APPEND rehearsal_link_flags " -lrehearsal_${name}")
  endif()
endforeach()
if(REHEARSAL_XXHASH_LIBRARY)
  string(APPEND rehearsal_link_flags " -lxxhash")
endif()
configure_file("${PROJECT_SOURCE_DIR}/cmake/rehearsal.pc.in" "${PROJECT_BINARY_DIR}/rehearsal.pc"
               @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/rehearsal.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

# The pages, in the folders in which their links find each other.
install(FILES "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
              "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
file(GLOB rehearsal_pages RELATIVE "${PROJECT_SOURCE_DIR}" CONFIGURE_DEPENDS
     "${PROJECT_SOURCE_DIR}/docs/*.md")
file(GLOB_RECURSE rehearsal_formats RELATIVE "${PROJECT_SOURCE_DIR}" CONFIGURE_DEPENDS
     "${PROJECT_SOURCE_DIR}/harness/*_format.md" "${PROJECT_SOURCE_DIR}/record/*_format.md"
     "${PROJECT_SOURCE_DIR}/simnet/*_format.md")
foreach(page IN LISTS rehearsal_pages rehearsal_formats)
  cmake_path(GET page PARENT_PATH folder)
  install(FILES "${PROJECT_SOURCE_DIR}/${page}" DESTINATION "${CMAKE_INSTALL_DOCDIR}/${folder}")
endforeach()

# The man pages and completion of the program, made from docs/reference.md.
if(TARGET rehearsal)
  find_package(Python3 3.9 COMPONENTS Interpreter)
  if(Python3_FOUND)
    set(generate "${PROJECT_SOURCE_DIR}/docs/man/generate.py")
    set(reference "${PROJECT_SOURCE_DIR}/docs/reference.md")
    set(manual "${PROJECT_BINARY_DIR}/manual")
    add_custom_command(
      OUTPUT "${manual}/stamp"
      COMMAND "${CMAKE_COMMAND}" -E rm -rf "${manual}"
      COMMAND Python3::Interpreter "${generate}" "${reference}" "${PROJECT_VERSION}" "${manual}"
      COMMAND "${CMAKE_COMMAND}" -E touch "${manual}/stamp"
      DEPENDS "${generate}" "${reference}"
      VERBATIM)
    add_custom_target(rehearsal_manual ALL DEPENDS "${manual}/stamp")
    install(DIRECTORY "${manual}/man1" DESTINATION "${CMAKE_INSTALL_MANDIR}")
    install(FILES "${manual}/bash/rehearsal"
            DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
    install(FILES "${manual}/zsh/_rehearsal"
            DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions")
  else()
    message(STATUS "No Python 3: the man pages and the completion of the program are left out")
  endif()
endif()
