// A recording in the place of a scenario: its server in a world, and each client that it accepted
// as a scripted one.
//
// How many messages a client sends is a choice of the world, "clients:N" for the Nth from 1: 0, it
// stays away; v, it comes and sends the first v - 1. All of them come and send all, unless a
// schedule says otherwise, in which what it does not name stays away. So messages and clients fall
// away as deviations do.
#pragma once

#include <string>

#include "harness/recorded/recordable_server.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::harness {

// `path` is its name, too. Throws BadInput.
[[nodiscard]] simnet::Scenario recorded_scenario(const std::string& path,
                                                 const RecordableServers& servers);

// The server of the recording at `path`. Throws BadInput if it is not one of `servers`.
[[nodiscard]] const RecordableServer& server_of(const std::string& path,
                                                const record::RecordingHead& head,
                                                const RecordableServers& servers);

}  // namespace rehearsal::harness
