// The seeds of a sweep. A shard is a part of them that runs by itself, possibly on another machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rehearsal::harness {

// A range of seeds from first to last, both included.
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

// Shards are numbered from 1, as in job arrays and in `--shard` of test runners.
struct Shard {
  // Reads "3/16"; returns nothing if `text` has another form.
  [[nodiscard]] static std::optional<Shard> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;
  // Returns the part of `seeds` of this shard, a contiguous range. Parts differ in size by at most
  // one. Returns nothing if there are fewer seeds than shards and this shard has none.
  [[nodiscard]] std::optional<Seeds> part_of(const Seeds& seeds) const;
  friend bool operator==(const Shard&, const Shard&) = default;

  std::uint64_t number = 1;
  std::uint64_t of = 1;
};

// Checks that a flag has the form "1..1000". Returns what is wrong, or an empty string.
[[nodiscard]] std::string check_seeds(const std::string& text);
// Checks that a flag has the form "3/16". Returns what is wrong, or an empty string.
[[nodiscard]] std::string check_shard(const std::string& text);

}  // namespace rehearsal::harness
