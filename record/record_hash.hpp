// The hash of the bytes of a recording: 64-bit XXH3 (xxhash.h), seed 0. Not safe
// against adversaries.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sched/seam/network.hpp"

namespace rehearsal::record {

[[nodiscard]] std::uint64_t record_hash(sched::ConstBytes bytes);
// Copies the bytes to `to` and returns their hash. REQUIRES: there is room for them.
std::uint64_t copy_and_hash(std::byte* to, sched::ConstBytes bytes);
// From this length on, a copy bypasses the caches, which should hold what is read soon. Other
// threads see it reliably only before data that is stored after finish_copy().
inline constexpr std::size_t long_copy = 4096;
void finish_copy();

}  // namespace rehearsal::record
