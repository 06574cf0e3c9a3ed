# The warnings for every target of this tree, and for no user: installed targets link this one in
# the build tree only. For g++, three are off or reduced:
#   -Wnon-virtual-dtor  takes a protected destructor for accessible if the class has a friend
#   -Wrestrict          wrongly warns about std::string's operator+ in release 12
#   -Wshadow            also counts members of the class that encloses a local class
add_library(rehearsal_warnings INTERFACE)
target_compile_options(
  rehearsal_warnings
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wcast-align
            -Wcast-qual
            -Wconversion
            -Wdouble-promotion
            -Wextra-semi
            -Wformat=2
            -Wimplicit-fallthrough
            -Wold-style-cast
            -Woverloaded-virtual
            -Wsign-conversion
            -Wundef
            -Wunused
            $<$<CXX_COMPILER_ID:Clang>:-Wnon-virtual-dtor>
            $<$<CXX_COMPILER_ID:Clang>:-Wshadow>
            $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
            $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
            $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
            $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>
            $<$<BOOL:${REHEARSAL_WERROR}>:-Werror>)
# If several sources are compiled as one, two warnings are wrong: names of another source are not
# really shadowed, and the unnamed namespace of an included source is not in a header.
set(in_unity $<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>)
target_compile_options(
  rehearsal_warnings
  INTERFACE $<${in_unity}:-Wno-shadow>
            $<$<AND:${in_unity},$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage>)

if(PROJECT_IS_TOP_LEVEL AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # If lld is installed, it links the tests several times faster than the default linker.
  include(CheckLinkerFlag)
  check_linker_flag(CXX -fuse-ld=lld REHEARSAL_HAS_LLD)
  if(REHEARSAL_HAS_LLD)
    # Places hot functions together, as the default linker does.
    add_link_options(-fuse-ld=lld -Wl,-z,keep-text-section-prefix)
  endif()
endif()
