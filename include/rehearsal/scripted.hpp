// An event source, and a network, that follow a literal list of steps: for tests in which every
// step is visible.
//
//     readiness   ScriptedSource, ScriptedWait
//     with calls  ScriptedNetwork, ScriptedSocket, ScriptedRecord
#pragma once

#include "rehearsal/scheduler.hpp"
#include "simnet/scripted_network.hpp"
#include "simnet/scripted_source.hpp"

namespace rehearsal {

using simnet::ScriptedSource;
using simnet::ScriptedWait;

using simnet::ScriptedNetwork;
using simnet::ScriptedRecord;
using simnet::ScriptedSocket;

}  // namespace rehearsal
