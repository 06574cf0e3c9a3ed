#include "harness/sweep/shard.hpp"

#include <algorithm>
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

std::optional<Shard> Shard::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  Shard shard;
  if (slash == std::string_view::npos || !parse_number(text.substr(0, slash), shard.number) ||
      !parse_number(text.substr(slash + 1), shard.of) || shard.number == 0 ||
      shard.number > shard.of || shard.of > most_shards) {
    return std::nullopt;
  }
  return shard;
}

std::string Shard::to_string() const { return fmt::format("{}/{}", number, of); }

std::optional<Seeds> Shard::part_of(const Seeds& seeds) const {
  // If the seeds do not divide evenly, the first shards have one more.
  const std::uint64_t each = seeds.count() / of;
  const std::uint64_t more = seeds.count() % of;
  const std::uint64_t before = (number - 1) * each + std::min(number - 1, more);
  const std::uint64_t count = each + (number <= more ? 1 : 0);
  if (count == 0) {
    return std::nullopt;
  }
  return Seeds{seeds.first + before, seeds.first + before + count - 1};
}

std::string check_seeds(const std::string& text) {
  return Seeds::parse(text) ? std::string()
                            : fmt::format("'{}' is not FIRST..LAST, as in 1..1000", text);
}

std::string check_shard(const std::string& text) {
  return Shard::parse(text) ? std::string()
                            : fmt::format("'{}' is not SHARD/SHARDS, from 1/1 to {}/{}, as in 3/16",
                                          text, most_shards, most_shards);
}

}  // namespace rehearsal::harness
