// Numbers as digits. Each function writes from `to` on, and gives the place behind what it wrote.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace rehearsal::sched {

// What put_decimal() writes at most, with a sign.
inline constexpr std::size_t most_decimal_digits = 20;

char* put_decimal(char* to, std::uint64_t number);
char* put_decimal(char* to, std::int64_t number);
// 16 hexadecimal digits, lower case.
char* put_hex16(char* to, std::uint64_t number);
// The same as a text: how traces, results and reports write digests and hashes.
[[nodiscard]] std::string hex16(std::uint64_t number);

}  // namespace rehearsal::sched
