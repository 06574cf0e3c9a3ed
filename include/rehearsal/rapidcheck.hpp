// rapidcheck properties over simulated worlds. Includes <rapidcheck.h> and scenario.hpp. RC_ASSERT
// and its variants work inside tasks too.
//
//     properties  PropertyRuns, PropertyOptions
//     worlds      WorldPlan, world_plans; PlannedLink, planned_links; link_options
//     faults      PlannedFault, planned_faults, FaultKinds
//     models      call, CallResult: one client call, in a world that runs until it is answered
//     clients     ClientProgram, ClientStep, ClientBytes, ClientLog, client_programs, perform
#pragma once

#include "rehearsal/scenario.hpp"
#include "simnet/call.hpp"
#include "simnet/rapidcheck/client_program.hpp"
#include "simnet/rapidcheck/plans.hpp"
#include "simnet/rapidcheck/property_runs.hpp"

namespace rehearsal {

using simnet::PropertyOptions;
using simnet::PropertyRuns;

using simnet::link_options;
using simnet::planned_links;
using simnet::PlannedLink;
using simnet::world_plans;
using simnet::WorldPlan;

using simnet::FaultKinds;
using simnet::planned_faults;
using simnet::PlannedFault;

using simnet::call;
using simnet::CallResult;

using simnet::client_programs;
using simnet::ClientBytes;
using simnet::ClientLog;
using simnet::ClientProgram;
using simnet::ClientStep;
using simnet::perform;

}  // namespace rehearsal
