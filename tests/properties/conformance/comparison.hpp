// Runs one program on the simulated and on the real kernel, step by step, and finds the first
// difference.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tests/properties/conformance/performer.hpp"

namespace rehearsal::conformance {

enum class Protocol : std::uint8_t { ipv4, ipv6 };

// An address of 127.0.0.0/8 that no program of this process had before, or ::1, which is the only
// one; and ports of this process.
[[nodiscard]] Place next_place(Protocol protocol);

// How often each step had each result.
std::map<std::string, std::uint64_t>& tally();

// Empty where nothing differs; otherwise what did, with the steps that led to it.
[[nodiscard]] std::string difference(const Program& program, Protocol protocol);

}  // namespace rehearsal::conformance
