// Runs one program on the simulated and on the real kernel, step by step, and finds
// the first difference.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tests/properties/conformance/performer.hpp"

namespace rehearsal::conformance {

enum class Protocol : std::uint8_t { ipv4, ipv6, unix_socket };

// Returns an address of 127.0.0.0/8 that no earlier program of this process used, or ::1, the only
// IPv6 loopback address; and ports of this process. For Unix sockets, returns a path that no
// earlier program used, in a directory of this process.
[[nodiscard]] Place next_place(Protocol protocol);

// Returns how often each step had each result.
std::map<std::string, std::uint64_t>& tally();

// Returns the first difference with the steps that led to it, or an empty string if there is none.
[[nodiscard]] std::string difference(const Program& program, Protocol protocol);

}  // namespace rehearsal::conformance
