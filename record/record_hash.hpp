// The hash of the bytes of a recording, made for long ones: eight lanes of AES rounds, each of
// which waits for its own last one only (the way of aHash and Meow hash). x86 has an instruction
// for a round, and newer ones have one for two; whatever is not there is done in software, which
// gives the same and takes fifty times as long. recording_format.md says what is computed.
//
// Not one for adversaries.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sched/seam/network.hpp"

namespace rehearsal::sched {

[[nodiscard]] std::uint64_t record_hash(ConstBytes bytes);
// Copies them, too, in the same pass. REQUIRES: there is room for them at `to`.
std::uint64_t copy_and_hash(std::byte* to, ConstBytes bytes);
// From this length on, what is copied goes past the caches, which hold what is read soon; others
// see it for sure only before what is stored behind finish_copy().
inline constexpr std::size_t long_copy = 4096;
void finish_copy();

// Who computes the rounds.
enum class RoundsBy : std::uint8_t { software, instruction, wide_instruction };
// Whether this machine can.
[[nodiscard]] bool can(RoundsBy how);
// As record_hash() and copy_and_hash(), which choose the fastest. REQUIRES: can(how). A null `to`
// is not copied to.
std::uint64_t record_hash_by(RoundsBy how, ConstBytes bytes, std::byte* to = nullptr);

}  // namespace rehearsal::sched
