// The text of rehearsal.py, in the section from which gdb loads scripts.
#pragma once

namespace rehearsal::harness {

// "\4", the name of the script, a line break, and its text: an inlined script in Python (see "The
// .debug_gdb_scripts section" in the manual of gdb).
extern const char gdb_script[];

}  // namespace rehearsal::harness
