// The seeds of a sweep.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rehearsal::harness {

// From the first to the last, both included.
struct Seeds {
  // "1..1000"; nothing where it is not so. All numbers together are no seeds: they would be one
  // more than a number can count.
  [[nodiscard]] static std::optional<Seeds> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] std::uint64_t count() const { return last - first + 1; }
  friend bool operator==(const Seeds&, const Seeds&) = default;

  std::uint64_t first = 1;
  std::uint64_t last = 1;
};

// A check of a flag.
[[nodiscard]] std::string check_seeds(const std::string& text);

}  // namespace rehearsal::harness
