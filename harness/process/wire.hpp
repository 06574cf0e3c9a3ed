// The messages between a child and its parent, and their form as bytes on a socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "simnet/search/search.hpp"
#include "simnet/search/shrink.hpp"
#include "simnet/search/tally.hpp"

namespace rehearsal::harness {

// A run of a sweep has failed.
struct RunFailed {
  std::uint64_t seed = 0;
  std::uint64_t digest = 0;
  std::string kind;
  std::string what;  // one line
};
// Runs of a sweep are done: those of the seeds with these indexes.
struct Tallied {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  // one past the last index
  simnet::Tally tally;
};
// The first seed of a sweep, repeated in the same process, has another result.
struct RunDiffers {};
// The worker has no more runs to do, or the sweep was asked to stop.
struct Ends {
  bool leaked = false;  // LeakSanitizer found lost memory
};
// A run begins, with this seed of the random numbers of the program.
struct Begins {
  std::uint64_t data_seed = 0;
};
// A run has made this deviation.
struct Deviates {
  simnet::Deviation deviation;
};
// A run has logged this line.
struct Logs {
  std::string line;
};
// An expectation of a test has failed (EXPECT_* of GoogleTest).
struct Expectation {
  std::string file;  // from __FILE__
  int line = 0;
  std::string message;
  std::string when;  // "in task client-1/talk at 12.003 ms", or empty if no world was running
};
// A test asks to be skipped.
struct Skips {
  std::string why;  // not empty
};
// Asks for a run of a schedule, with other choices from `from_step` on. 0 means no other choices.
struct Tries {
  simnet::Schedule schedule;
  std::uint64_t from_step = 0;
  std::uint64_t seed = 0;
};
// A run has ended.
struct RunEnded {
  simnet::Outcome outcome;
  std::uint64_t status = 0;  // the exit status for it
  std::string what;          // the text to print about it
};
// A search has ended (simnet::SearchReport).
struct Searched {
  std::string said;  // the report in one line
  simnet::SearchEnd end = simnet::SearchEnd::complete;
  std::uint64_t runs = 0;
  std::uint64_t failed_at = 0;
  std::vector<std::string> notes;
  std::vector<std::string> unreached;
  std::optional<RunEnded> failure;  // the first failing run
};

using Message = std::variant<RunFailed, Tallied, RunDiffers, Ends, Begins, Deviates, Logs,
                             Expectation, Skips, Tries, RunEnded, Searched>;

[[nodiscard]] std::string to_bytes(Message message);

// Assembles messages from the chunks that a socket returns. A child that is about to crash may have
// written anything.
class MessageReader {
 public:
  void add(std::string_view bytes) { bytes_.append(bytes); }
  // Returns the next whole message, or nothing if more bytes are needed or the next message is
  // damaged.
  [[nodiscard]] std::optional<Message> next();
  // Returns whether next() found a damaged message. No message follows it.
  [[nodiscard]] bool damaged() const { return damaged_; }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
  bool damaged_ = false;
};

}  // namespace rehearsal::harness
