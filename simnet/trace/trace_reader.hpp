// Reads a trace line by line: each event, then the end, or the one thing that is wrong. What stands
// before the damage has been given by then. Memory is bounded by the longest line.
#pragma once

#include <array>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "simnet/trace/trace.hpp"

namespace rehearsal::simnet {

struct TraceError {
  std::uint64_t line = 1;
  std::string reason;

  // "line 3: the field \"t\" is missing"
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const TraceError&, const TraceError&) = default;
};

class TraceReader {
 public:
  using Item = std::variant<TraceEvent, TraceEnd, TraceError>;

  // Reads the header. `in` must outlive the reader; it must not throw (istream::exceptions).
  explicit TraceReader(std::istream& in);

  // Null where the first line is no header; next() says why.
  [[nodiscard]] const TraceHeader* header() const { return header_ ? &*header_ : nullptr; }
  // The next event, the end, or what is wrong. The end and an error are given again and again.
  [[nodiscard]] Item next();
  // The line of what next() gave last, from 1.
  [[nodiscard]] std::uint64_t line() const { return line_number_; }

 private:
  enum class Line : std::uint8_t { whole, cut, none, too_long, unreadable };

  void read_header();
  Item read_record();
  Item interpret(const std::string& line);
  Line read_line();
  TraceError error(std::string reason) const { return {line_number_, std::move(reason)}; }

  std::istream& in_;
  std::array<char, 4096> chunk_{};  // of a line
  std::string line_;
  std::uint64_t line_number_ = 0;
  std::uint64_t events_ = 0;
  std::optional<TraceHeader> header_;
  std::optional<Item> last_;  // the end or the error, once there is one
};

}  // namespace rehearsal::simnet
