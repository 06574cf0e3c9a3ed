# Kept schedules: regression tests that replay failures found earlier. Each is a file NAME.schedule
# in a folder (simnet/search/kept_format.md).

# rehearsal_add_kept_schedules(TARGET FOLDER): for a program of scenarios (rehearsal::cli), adds a
# test TARGET.kept.NAME to ctest for each file. The next build finds new files.
function(rehearsal_add_kept_schedules target folder)
  get_filename_component(folder "${folder}" ABSOLUTE)
  file(GLOB files CONFIGURE_DEPENDS "${folder}/*.schedule")
  foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME)
    string(REGEX REPLACE "\\.schedule$" "" name "${name}")
    add_test(NAME "${target}.kept.${name}" COMMAND ${target} kept "${file}")
  endforeach()
endfunction()

# rehearsal_kept_schedules(TARGET FOLDER): for a program of REHEARSE tests (rehearsal::gtest). Each
# test replays its own schedules first.
function(rehearsal_kept_schedules target folder)
  get_filename_component(folder "${folder}" ABSOLUTE)
  target_compile_definitions(${target} PRIVATE "REHEARSAL_TRACES=\"${folder}\"")
endfunction()
