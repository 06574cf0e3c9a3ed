// What a child and the process that started it tell each other, as bytes through a socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "simnet/search/shrink.hpp"
#include "simnet/search/tally.hpp"

namespace rehearsal::harness {

// A run has failed, and how.
struct RunFailed {
  std::uint64_t seed = 0;
  std::uint64_t digest = 0;
  std::string kind;
  std::string what;  // one line
};
// The runs of these places of the sweep.
struct Tallied {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  // the place after the last
  simnet::Tally tally;
};
// There is no more to do, or the sweep was asked to stop.
struct Ends {};
// Of a run that is repeated: a deviation, or a line of its log, as it comes.
struct Deviates {
  simnet::Deviation deviation;
};
struct Logs {
  std::string line;
};
// Asks for a run of a schedule, from this step on with other choices; from step 0: none.
struct Tries {
  simnet::Schedule schedule;
  std::uint64_t from_step = 0;
  std::uint64_t seed = 0;
};
// A run has come to its end.
struct RunEnded {
  simnet::Outcome outcome;
  std::uint64_t status = 0;  // the exit status that it asks for
  std::string what;          // what is said of it
};

using Message = std::variant<RunFailed, Tallied, Ends, Deviates, Logs, Tries, RunEnded>;

[[nodiscard]] std::string to_bytes(Message message);

// Puts messages together from the pieces that a socket gives.
class MessageReader {
 public:
  void add(std::string_view bytes) { bytes_.append(bytes); }
  // The next whole message; nothing where more bytes are needed.
  [[nodiscard]] std::optional<Message> next();

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace rehearsal::harness
