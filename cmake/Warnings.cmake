# What every target of ours is compiled with, and nobody else: the targets that are installed link
# this one in the build tree only. g++ goes without -Wnon-virtual-dtor, because it takes a protected
# destructor for accessible where the class has a friend, without -Wrestrict, because release 12
# warns of std::string's operator+, and with less of -Wshadow, because it counts the members of a
# class around a local one.
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
# Where several sources are compiled as one, a neighbour's name is no name around this one, and an
# unnamed namespace in a source that another includes is not in a header.
set(in_unity $<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>)
target_compile_options(
  rehearsal_warnings
  INTERFACE $<${in_unity}:-Wno-shadow>
            $<$<AND:${in_unity},$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage>)

if(PROJECT_IS_TOP_LEVEL AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # lld links the tests several times faster than the default linker, where it is installed.
  include(CheckLinkerFlag)
  check_linker_flag(CXX -fuse-ld=lld REHEARSAL_HAS_LLD)
  if(REHEARSAL_HAS_LLD)
    # Functions marked hot lie together, as the default linker places them.
    add_link_options(-fuse-ld=lld -Wl,-z,keep-text-section-prefix)
  endif()
endif()
