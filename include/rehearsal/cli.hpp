// The commands of the program `rehearsal` (list, run, replay, shrink, keep, trace, ...), for your
// own scenarios and for servers that you record. Includes world.hpp.
//
//     commands    run_scenarios, Scenarios
//     scenarios   Scenario, NamedPolicy, Rate, Rates, Site
//     recordings  RecordableServer, RecordableServers, Conversation; Recorded, RecordingHead,
//                 ReplayStopped
#pragma once

#include "harness/cli/scenario_commands.hpp"
#include "record/recorded.hpp"
#include "rehearsal/world.hpp"

namespace rehearsal {

using harness::run_scenarios;
using harness::Scenarios;

using simnet::NamedPolicy;
using simnet::Rate;
using simnet::Rates;
using simnet::Scenario;
using simnet::Site;

using harness::Conversation;
using harness::RecordableServer;
using harness::RecordableServers;
using record::Recorded;
using record::RecordingHead;
using record::ReplayStopped;

}  // namespace rehearsal
