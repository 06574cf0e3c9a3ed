// Runs, replays, searches and shrinks scenarios. Includes world.hpp.
//
//     scenarios   Scenario, run_scenario, replay_scenario, RunResult, SeededRun, RunWatcher
//     schedules   Schedule, Deviation, parse_schedule, ScheduleError
//     policies    NamedPolicy, Policy, PolicyAlgorithm, Question, Subject, Site, Rate, Rates,
//                 RunShape, MakesPolicy
//     searches    search, Search, Exhaustive, DelayBounded, search_faults, SearchOptions,
//                 SearchReport, SearchEnd, FaultsTried
//     fuzzing     fuzz, run_fuzzed: the bytes of a fuzzer are the choices of a run
//     shrinking   shrink, attempt_here, ShrinkBound, Shrunk
#pragma once

#include "rehearsal/world.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/delay_bounded.hpp"
#include "simnet/search/exhaustive.hpp"
#include "simnet/search/faults.hpp"
#include "simnet/search/fuzz.hpp"
#include "simnet/search/search.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal {

using simnet::replay_scenario;
using simnet::run_scenario;
using simnet::RunResult;
using simnet::RunWatcher;
using simnet::Scenario;
using simnet::SeededRun;

using simnet::Deviation;
using simnet::parse_schedule;
using simnet::Schedule;
using simnet::ScheduleError;

using simnet::MakesPolicy;
using simnet::NamedPolicy;
using simnet::Policy;
using simnet::PolicyAlgorithm;
using simnet::Question;
using simnet::Rate;
using simnet::Rates;
using simnet::RunShape;
using simnet::Site;
using simnet::Subject;

using simnet::DelayBounded;
using simnet::Exhaustive;
using simnet::FaultsTried;
using simnet::Search;
using simnet::search;
using simnet::search_faults;
using simnet::SearchEnd;
using simnet::SearchOptions;
using simnet::SearchReport;

using simnet::fuzz;
using simnet::run_fuzzed;

using simnet::attempt_here;
using simnet::shrink;
using simnet::ShrinkBound;
using simnet::Shrunk;

}  // namespace rehearsal
