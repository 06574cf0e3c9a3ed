// What a worker of a sweep tells the process that started it, as bytes through a pipe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "simnet/tally.hpp"

namespace rehearsal::servers {

// A run has failed, and how.
struct RunFailed {
  std::uint64_t seed = 0;
  std::uint64_t digest = 0;
  std::string kind;
  std::string what;
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
// The repeated run has come to an end.
struct Retold {
  bool ok = false;  // it did not fail again
  std::uint64_t digest = 0;
  std::string what;
  std::string schedule;  // a line
  std::string log;
};

using Message = std::variant<RunFailed, Tallied, Ends, Deviates, Logs, Retold>;

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
