// Runs one program on the simulated and on the real kernel, step by step, and finds the first
// difference.
#pragma once

#include <map>
#include <string>

#include "tests/conformance/performer.hpp"

namespace rehearsal::conformance {

// An address of 127.0.0.0/8 that no program of this process had before, and ports of this process.
[[nodiscard]] Place next_place();

// How often each step had each result.
std::map<std::string, std::uint64_t>& tally();

// Empty where nothing differs; otherwise what did, with the steps that led to it.
[[nodiscard]] std::string difference(const Program& program);

}  // namespace rehearsal::conformance
