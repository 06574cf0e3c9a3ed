# Kept schedules: failures that were found once, each a file NAME.schedule in a folder, and are
# replayed by every run of the tests (simnet/search/kept_format.md).

# rehearsal_add_kept_schedules(TARGET FOLDER): of a program of scenarios (rehearsal::cli); each file
# is a test of ctest, TARGET.kept.NAME. A file that is added is found by the next build.
function(rehearsal_add_kept_schedules target folder)
  get_filename_component(folder "${folder}" ABSOLUTE)
  file(GLOB files CONFIGURE_DEPENDS "${folder}/*.schedule")
  foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME)
    string(REGEX REPLACE "\\.schedule$" "" name "${name}")
    add_test(NAME "${target}.kept.${name}" COMMAND ${target} kept "${file}")
  endforeach()
endfunction()

# rehearsal_kept_schedules(TARGET FOLDER): of a program of REHEARSE tests (rehearsal::gtest); each
# of its tests begins with its own.
function(rehearsal_kept_schedules target folder)
  get_filename_component(folder "${folder}" ABSOLUTE)
  target_compile_definitions(${target} PRIVATE "REHEARSAL_TRACES=\"${folder}\"")
endfunction()
