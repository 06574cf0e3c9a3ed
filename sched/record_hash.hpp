// The hash of the bytes of a recording, made for long ones: eight lanes of multiplications, each of
// which waits for its own last one only.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sched/network.hpp"

namespace rehearsal::sched {

[[nodiscard]] std::uint64_t record_hash(ConstBytes bytes);
// Copies them, too, in the same pass. REQUIRES: there is room for them at `to`.
std::uint64_t copy_and_hash(std::byte* to, ConstBytes bytes);

}  // namespace rehearsal::sched
