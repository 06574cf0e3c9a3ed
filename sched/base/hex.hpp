// Digests and hashes as text: 16 hexadecimal digits, lower case.
#pragma once

#include <cstdint>
#include <string>

namespace rehearsal::sched {

// Writes the digits to `to`. Returns the position behind them.
char* put_hex16(char* to, std::uint64_t number);
[[nodiscard]] std::string hex16(std::uint64_t number);

}  // namespace rehearsal::sched
