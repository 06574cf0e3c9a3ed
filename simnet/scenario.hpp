// A scenario is a world to be rehearsed, as a value: who is in it, what happens to it, what must
// hold. It is run many times, each time in a world of its own.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "simnet/choices/choices.hpp"
#include "simnet/choices/named_policy.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {

struct Scenario {
  Scenario(std::string named, std::string says, std::function<void(World&)> builds)
      : name(std::move(named)), description(std::move(says)), build(std::move(builds)) {}

  std::string name;
  std::string description;  // one line
  // Adds hosts, links, scripts, faults and invariants. What those share lives as long as the world:
  // they keep it alive.
  std::function<void(World&)> build;
  // As they are for every run, but for the data seed.
  WorldOptions options;
  Rates rates = Rates::usual();
  // Makes a run's policy if the policy is "own", from a PolicyAlgorithm of your own:
  //     return Policy::directed(seed, std::make_shared<Mine>(seed), rates);
  // Null: the scenario has no policy of its own.
  MakesPolicy own_policy;
  std::function<RunReport(World&)> run = [](World& world) { return world.run(); };
};

// A run that is not replayed: the seed is that of the policy, and of the program's data.
struct SeededRun {
  std::uint64_t seed = 1;
  NamedPolicy policy;
};

// Looks at a run from its world's begin to its end.
class RunWatcher {
 public:
  RunWatcher() = default;
  RunWatcher(const RunWatcher&) = delete;
  RunWatcher& operator=(const RunWatcher&) = delete;
  virtual ~RunWatcher() = default;

  // The world is still empty.
  virtual void begins(World& /*world*/) {}
  // The world is as the run left it.
  virtual void ends(World& /*world*/, const RunReport& /*report*/) {}
};

struct RunResult {
  RunReport report;
  Schedule schedule;  // replays this run
  std::vector<FaultCount> faults;
  std::array<SiteCount, site_count> sites{};
  std::map<std::string, bool, std::less<>> sometimes;
  std::vector<Deviation> not_applied;  // of a replay
};

using RunWatchers = std::span<RunWatcher* const>;

// The shape of its nominal run, whose data seed is 1.
RunShape shape_of(const Scenario& scenario);
// Runs it once. What `build` or `run` throws is a failure of the run. A policy that plans by the
// shape of the nominal run is given `shape`; null: it is found by a run more.
RunResult run_scenario(const Scenario& scenario, const SeededRun& how, RunWatchers watchers = {},
                       const RunShape* shape = nullptr);
// Likewise, under a policy of one's own. `policy` is for this run alone.
RunResult run_scenario(const Scenario& scenario, const Policy& policy, std::uint64_t data_seed,
                       RunWatchers watchers = {});
// Likewise, with the deviations of a schedule; its name is not looked at.
RunResult replay_scenario(const Scenario& scenario, const Schedule& schedule,
                          RunWatchers watchers = {});
// Likewise, until this resumption of a task, counted from 1, is about to happen; from there on each
// choice is drawn by the scenario's rates, or nominal where `seed` is 0.
RunResult continue_scenario(const Scenario& scenario, const Schedule& schedule,
                            std::uint64_t from_step, std::uint64_t seed, RunWatchers watchers = {});

}  // namespace rehearsal::simnet
