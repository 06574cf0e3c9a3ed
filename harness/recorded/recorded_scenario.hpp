// A scenario made from a recording: its server in a world, with a scripted client for each client
// that the server accepted.
//
// The number of messages of client N (from 1) is the choice "clients:N". Outcome 0: the client is
// left out; outcome v: it connects and sends its first v - 1 messages. Every client sends all its
// messages, except in a replay, which leaves out the clients that its schedule does not name. So
// shrinking removes clients and messages like other deviations.
#pragma once

#include <string>

#include "harness/recorded/recordable_server.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::harness {

// Returns the scenario of the recording at `path`, which is also its name. Throws BadInput if the
// recording cannot be read, has no clients, or is not of one of `servers`.
[[nodiscard]] simnet::Scenario recorded_scenario(const std::string& path,
                                                 const RecordableServers& servers);

// Returns the server of the recording at `path`, which has this head. Throws BadInput if it is not
// one of `servers`.
[[nodiscard]] const RecordableServer& server_of(const std::string& path,
                                                const record::RecordingHead& head,
                                                const RecordableServers& servers);

}  // namespace rehearsal::harness
