// The commands of the program `rehearsal` (list, run, replay, shrink, keep, trace, ...) for
// scenarios of your own and for servers that you record. Includes world.hpp.
//
//   commands    run_scenarios, Scenarios
//   scenarios   Scenario, NamedPolicy, Rate, Rates, Site
//   recordings  RecordableServer, RecordableServers, Conversation; Recorded, RecordingHead,
//               ReplayStopped
#pragma once

#include "harness/cli/scenario_commands.hpp"
#include "record/recorded.hpp"
#include "rehearsal/world.hpp"

namespace rehearsal {

using servers::run_scenarios;
using servers::Scenarios;

using simnet::NamedPolicy;
using simnet::Rate;
using simnet::Rates;
using simnet::Scenario;
using simnet::Site;

using sched::Recorded;
using sched::RecordingHead;
using sched::ReplayStopped;
using servers::Conversation;
using servers::RecordableServer;
using servers::RecordableServers;

}  // namespace rehearsal
