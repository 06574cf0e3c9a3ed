// Integers of 128 bits, which hold the product of any two of 64.
#pragma once

namespace rehearsal::sched {

// An extension of both compilers, which -Wpedantic would otherwise tell of.
__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

}  // namespace rehearsal::sched
