#include "harness/sweep/seeds.hpp"

#include <limits>

#include <fmt/format.h>

#include "harness/flags.hpp"

namespace rehearsal::harness {

std::optional<Seeds> Seeds::parse(std::string_view text) {
  const std::size_t dots = text.find("..");
  Seeds seeds;
  if (dots == std::string_view::npos || !parse_number(text.substr(0, dots), seeds.first) ||
      !parse_number(text.substr(dots + 2), seeds.last) || seeds.first > seeds.last ||
      seeds.last - seeds.first == std::numeric_limits<std::uint64_t>::max()) {
    return std::nullopt;
  }
  return seeds;
}

std::string Seeds::to_string() const { return fmt::format("{}..{}", first, last); }

std::string check_seeds(const std::string& text) {
  return Seeds::parse(text) ? std::string()
                            : fmt::format("'{}' is not FIRST..LAST, as in 1..1000", text);
}

}  // namespace rehearsal::harness
