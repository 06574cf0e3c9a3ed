#include "harness/sweep/shard.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/flags.hpp"

namespace rehearsal::harness {

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
  // The first ones have one seed more where it does not come out even.
  const std::uint64_t each = seeds.count() / of;
  const std::uint64_t more = seeds.count() % of;
  const std::uint64_t before = (number - 1) * each + std::min(number - 1, more);
  const std::uint64_t count = each + (number <= more ? 1 : 0);
  if (count == 0) {
    return std::nullopt;
  }
  return Seeds{seeds.first + before, seeds.first + before + count - 1};
}

std::string check_shard(const std::string& text) {
  return Shard::parse(text) ? std::string()
                            : fmt::format("'{}' is not SHARD/SHARDS, from 1/1 to {}/{}, as in 3/16",
                                          text, most_shards, most_shards);
}

}  // namespace rehearsal::harness
