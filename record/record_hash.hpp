// The hash of the bytes of a recording: XXH3 with 64 bits (xxhash.h), seed 0. Not one for
// adversaries.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sched/seam/network.hpp"

namespace rehearsal::record {

[[nodiscard]] std::uint64_t record_hash(sched::ConstBytes bytes);
// Copies them, too. REQUIRES: there is room for them at `to`.
std::uint64_t copy_and_hash(std::byte* to, sched::ConstBytes bytes);
// From this length on, a copy goes past the caches, which hold what is read soon. Others see it for
// sure only before what is stored behind finish_copy().
inline constexpr std::size_t long_copy = 4096;
void finish_copy();

}  // namespace rehearsal::record
