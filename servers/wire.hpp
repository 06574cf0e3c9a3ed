// What a worker of a sweep tells the process that started it, as bytes through a pipe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "simnet/tally.hpp"

namespace rehearsal::servers {

// The run of this seed begins.
struct Begins {
  std::uint64_t seed = 0;
};
// A run has failed: what is said of it, the command that replays it, and its log.
struct RunFailed {
  std::uint64_t seed = 0;
  std::string what;
  std::string command;
  std::string log;
};
// The runs since the last tally, and the place in the sweep of the seed that comes next.
struct Tallied {
  std::uint64_t next = 0;
  simnet::Tally tally;
};
// There is no more to do, or the sweep was asked to stop.
struct Ends {};
// Of a run that is repeated because it crashed: a deviation, or a line of its log.
struct Deviates {
  simnet::Deviation deviation;
};
struct Logs {
  std::string line;
};

using Message = std::variant<Begins, RunFailed, Tallied, Ends, Deviates, Logs>;

[[nodiscard]] std::string to_bytes(const Message& message);

// Puts messages together from the pieces that a pipe gives.
class MessageReader {
 public:
  void add(std::string_view bytes) { bytes_.append(bytes); }
  // The next whole message; nothing where more bytes are needed.
  [[nodiscard]] std::optional<Message> next();

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace rehearsal::servers
