// The seeds of a sweep. A shard is one of several parts of them, which run by themselves, on other
// machines perhaps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rehearsal::harness {

// From the first to the last, both included.
struct Seeds {
  // Reads "1..1000"; returns nothing if `text` has another form, or if the range is all 2^64
  // numbers, whose count does not fit in one.
  [[nodiscard]] static std::optional<Seeds> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] std::uint64_t count() const { return last - first + 1; }
  friend bool operator==(const Seeds&, const Seeds&) = default;

  std::uint64_t first = 1;
  std::uint64_t last = 1;
};

inline constexpr std::uint64_t most_shards = 1'000'000;

// Shards are counted from 1, as job arrays and `--partition` or `--shard` of test runners are.
struct Shard {
  // Reads "3/16"; returns nothing if `text` has another form.
  [[nodiscard]] static std::optional<Shard> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;
  // Its part of the seeds, which follow each other; parts differ by one seed at most. Nothing where
  // there are fewer seeds than shards and this one has none.
  [[nodiscard]] std::optional<Seeds> part_of(const Seeds& seeds) const;
  friend bool operator==(const Shard&, const Shard&) = default;

  std::uint64_t number = 1;
  std::uint64_t of = 1;
};

// Checks of flags.
[[nodiscard]] std::string check_seeds(const std::string& text);
[[nodiscard]] std::string check_shard(const std::string& text);

}  // namespace rehearsal::harness
