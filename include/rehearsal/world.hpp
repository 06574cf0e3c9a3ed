// A world: simulated hosts, the links between them, and virtual time. Includes server.hpp.
//
//     the world   World, WorldOptions, Script
//     a host      SimulatedHost, HostOptions; SimulatedNetwork, the network its program runs on
//     links       Link, LinkOptions, LinkState
//     faults      Faults, FaultRule, Operation, Verdict; for World::survives(): HostFault,
//                 FaultBudget, crash, power_loss, pause, clock_jump, partition,
//                 partition_one_way, hold
//     the end     RunReport, WorldEnd, Failure, FailureKind, Planned
#pragma once

#include "rehearsal/server.hpp"
#include "simnet/world.hpp"

namespace rehearsal {

using simnet::Script;
using simnet::World;
using simnet::WorldOptions;

using simnet::HostOptions;
using simnet::SimulatedHost;
using simnet::SimulatedNetwork;

using simnet::Link;
using simnet::LinkOptions;
using simnet::LinkState;

using simnet::FaultRule;
using simnet::Faults;
using simnet::Operation;
using simnet::Verdict;

using simnet::clock_jump;
using simnet::crash;
using simnet::FaultBudget;
using simnet::hold;
using simnet::HostFault;
using simnet::partition;
using simnet::partition_one_way;
using simnet::pause;
using simnet::power_loss;

using simnet::Failure;
using simnet::FailureKind;
using simnet::Planned;
using simnet::RunReport;
using simnet::WorldEnd;

}  // namespace rehearsal
