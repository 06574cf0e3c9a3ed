// TraceReader: reads a trace line by line: each event, then the end or the first error. All events
// before the damage are returned first. Memory is limited by the longest line.
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

  // Returns one line, such as "line 3: the field \"t\" is missing".
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const TraceError&, const TraceError&) = default;
};

class TraceReader {
 public:
  using Item = std::variant<TraceEvent, TraceEnd, TraceError>;

  // Reads the header. `in` must outlive the reader and must not throw (istream::exceptions).
  explicit TraceReader(std::istream& in);

  // Returns the header, or null if the first line is not one; then next() returns the error.
  [[nodiscard]] const TraceHeader* header() const { return header_ ? &*header_ : nullptr; }
  // Returns the next event, the end or the error. At the end or after an error it returns
  // the same again.
  [[nodiscard]] Item next();
  // Returns the line of the last result of next(), from 1.
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
  std::optional<Item> last_;  // the end or the error, after it was read
};

}  // namespace rehearsal::simnet
