// A server whose recordings a program can replay and simulate: how to set it up again from the head
// of a recording.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "record/recorded.hpp"
#include "simnet/world.hpp"

namespace rehearsal::harness {

/// The bytes that one client has sent and received. Valid during the call that receives it.
struct Conversation {
  sched::ConstBytes sent;  ///< all bytes that the client has sent so far
  sched::ConstBytes came;  ///< all bytes that it has received so far
  std::size_t judged = 0;  ///< bytes of `came` that earlier calls have checked
  bool over = false;       ///< the server has finished sending: no more bytes will come
};

/// How to run a server again from one of its recordings.
struct RecordableServer {
  /// The name of the server, as in the head of its recordings (RecordingHead::server).
  std::string name;
  /// Runs the server on `network` as it ran when it was recorded. Returns when the server ends, or
  /// lets record::ReplayStopped of the network pass. Throws std::invalid_argument if a flag in
  /// `head` is invalid.
  std::function<void(record::Recorded& network, const record::RecordingHead& head)> replay;
  /// Spawns the server on a simulated host. Returns the port on which it listens there. Throws
  /// std::invalid_argument if a flag in `head` is invalid.
  std::function<std::uint16_t(simnet::SimulatedHost& host, const record::RecordingHead& head)>
      rehearse;
  /// Checks the bytes that a client has received; called after each receive, and at the end.
  /// Returns what is wrong, or nothing. If `judge` is empty, nothing is checked.
  std::function<std::optional<std::string>(const Conversation& conversation,
                                           const record::RecordingHead& head)>
      judge;
};

/// The servers whose recordings a program accepts, found by name.
using RecordableServers = std::vector<RecordableServer>;

}  // namespace rehearsal::harness
