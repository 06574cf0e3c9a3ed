#include "harness/number_text.hpp"

#include <chrono>

#include <fmt/format.h>

namespace rehearsal::harness {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Returns the number, in thousandths, with three significant digits and its unit.
std::string with_fraction(std::int64_t thousandths, std::string_view unit) {
  const int digits = thousandths < 10'000 ? 2 : thousandths < 100'000 ? 1 : 0;
  return fmt::format("{:.{}f} {}", static_cast<double>(thousandths) / 1000.0, digits, unit);
}

std::string two_units(std::int64_t amount, std::int64_t per, std::string_view big,
                      std::string_view small) {
  return amount % per == 0 ? fmt::format("{} {}", amount / per, big)
                           : fmt::format("{} {} {} {}", amount / per, big, amount % per, small);
}

}  // namespace

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t from_end = 3; from_end < text.size(); from_end += 4) {
    text.insert(text.size() - from_end, 1, ',');
  }
  return text;
}

std::string in_words(sched::Duration time) {
  const std::int64_t count = time.count();
  if (count < 1'000) {
    return fmt::format("{} ns", count);
  }
  if (count < 1'000'000) {
    return with_fraction(count, "us");
  }
  if (count < 1'000'000'000) {
    return with_fraction(count / 1'000, "ms");
  }
  if (time < minutes(1)) {
    return with_fraction(count / 1'000'000, "s");
  }
  if (time < hours(1)) {
    return two_units(time / seconds(1), 60, "min", "s");
  }
  if (time < hours(48)) {
    return two_units(time / minutes(1), 60, "h", "min");
  }
  return two_units(time / hours(1), 24, "d", "h");
}

std::string exact(sched::Duration time) {
  const std::int64_t microseconds = time.count() / 1'000;
  return microseconds < 1'000'000
             ? fmt::format("{}.{:03} ms", microseconds / 1'000, microseconds % 1'000)
             : fmt::format("{}.{:06} s", microseconds / 1'000'000, microseconds % 1'000'000);
}

std::string nth(std::uint64_t number) {
  const std::uint64_t last = number % 10;
  const bool teens = number % 100 / 10 == 1;
  const char* ending = teens || last == 0 || last > 3 ? "th"
                       : last == 1                    ? "st"
                       : last == 2                    ? "nd"
                                                      : "rd";
  return grouped(number) + ending;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", grouped(count), noun, count == 1 ? "" : "s");
}

}  // namespace rehearsal::harness
