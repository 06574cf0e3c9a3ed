// A shard is one of several parts of a sweep, which run by themselves, on other machines perhaps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/sweep/seeds.hpp"

namespace rehearsal::harness {

inline constexpr std::uint64_t most_shards = 1'000'000;

// Shards are counted from 1, as job arrays and `--partition` or `--shard` of test runners are.
struct Shard {
  // "3/16"; nothing where it is not so.
  [[nodiscard]] static std::optional<Shard> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;
  // Its part of the seeds, which follow each other; parts differ by one seed at most. Nothing where
  // there are fewer seeds than shards and this one has none.
  [[nodiscard]] std::optional<Seeds> part_of(const Seeds& seeds) const;
  friend bool operator==(const Shard&, const Shard&) = default;

  std::uint64_t number = 1;
  std::uint64_t of = 1;
};

// A check of a flag.
[[nodiscard]] std::string check_shard(const std::string& text);

}  // namespace rehearsal::harness
