// A server whose recordings a program can replay, and rehearse with: how it is set up again from
// what stands at the head of a recording.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "record/recorded.hpp"
#include "simnet/world.hpp"

namespace rehearsal::harness {

// What one client has sent, and what has come to it.
struct Conversation {
  sched::ConstBytes sent;
  sched::ConstBytes came;
  std::size_t judged = 0;  // bytes of `came` that were looked at before
  // Nothing more will come: the server has finished, or the client has all that it waits for.
  bool over = false;
};

struct RecordableServer {
  std::string name;  // as the head of its recordings says
  // Runs it over the network as it ran when it was recorded, until it has come to its end or the
  // network throws record::ReplayStopped. Throws std::invalid_argument for flags that are wrong.
  std::function<void(record::Recorded& network, const record::RecordingHead& head)> replay;
  // Spawns it on the host, and gives the port on which it listens there. Throws as `replay`.
  std::function<std::uint16_t(simnet::SimulatedHost& host, const record::RecordingHead& head)>
      rehearse;
  // What is wrong with what came to a client; nothing: all is well. Empty: nothing is checked.
  std::function<std::optional<std::string>(const Conversation& conversation,
                                           const record::RecordingHead& head)>
      judge;
};

using RecordableServers = std::vector<RecordableServer>;

}  // namespace rehearsal::harness
