// Numbers and times, formatted for a person.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sched/base/time.hpp"

namespace rehearsal::harness {

// Returns the number with separators: "1,234,567".
[[nodiscard]] std::string grouped(std::uint64_t number);
// Returns the time in units of its size: "850 ns", "12.3 us", "4.50 ms", "1.23 s", "2 min 5 s",
// "3 h 20 min", "2 d 4 h".
[[nodiscard]] std::string in_words(sched::Duration time);
// Returns the time to the microsecond, in milliseconds or, from 1 s, in seconds: "12.003 ms",
// "61.500000 s".
[[nodiscard]] std::string exact(sched::Duration time);
// Returns the ordinal number: "1st", "22nd", "13th", "1,003rd".
[[nodiscard]] std::string nth(std::uint64_t number);
// Returns the count with its noun, in the plural unless it is 1: "1 run", "1,000 runs".
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view noun);

}  // namespace rehearsal::harness
