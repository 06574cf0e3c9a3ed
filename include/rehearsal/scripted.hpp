// A source, and a network, that do what a literal list says: for a test in which every step is in
// sight.
//
//   readiness   ScriptedSource, ScriptedWait
//   calls too   ScriptedNetwork, ScriptedSocket, ScriptedRecord
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
