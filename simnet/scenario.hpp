// A scenario is a simulation test as a value: the hosts, what happens to them, and what must hold.
// It runs many times, each time in a new world.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "simnet/choices/choices.hpp"
#include "simnet/choices/named_policy.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {

/// A simulation test: a function that fills a world, and the options of its runs.
struct Scenario {
  /// Creates a scenario: its name, a one-line description, and the function that fills a world.
  Scenario(std::string named, std::string says, std::function<void(World&)> builds)
      : name(std::move(named)), description(std::move(says)), build(std::move(builds)) {}

  /// Identifies the scenario on command lines and in schedules.
  std::string name;
  /// One line that describes the scenario.
  std::string description;
  /// Adds hosts, links, scripts, faults and properties to an empty world. Called once per run.
  /// Objects that tasks share should come from World::make(), so that they live long enough. An
  /// exception from it fails the run.
  std::function<void(World&)> build;
  /// Options of every run, except `data_seed`, which each run sets.
  WorldOptions options;
  /// How often random policies deviate at each site.
  Rates rates = Rates::usual();
  /// Creates the policy of a run if the policy is "own", that is, your own PolicyAlgorithm. Called
  /// once per run. Null if the scenario has none. Example:
  ///
  ///     scenario.own_policy = [](std::uint64_t seed, const Rates& rates, const RunShape&) {
  ///       return Policy::directed(seed, std::make_shared<Mine>(seed), rates);
  ///     };
  MakesPolicy own_policy;
  /// Runs the world that `build` has filled; by default World::run(). An exception from it
  /// fails the run.
  std::function<RunReport(World&)> run = [](World& world) { return world.run(); };
  /// Called when the world of a run is destroyed, with the report of the run. Adds what failed
  /// since the run ended. Null: nothing is called.
  std::function<void(RunReport& report)> judge;
};

/// A run by a policy, as opposed to a replay.
struct SeededRun {
  /// Seed of the policy and of the random numbers of the program.
  std::uint64_t seed = 1;
  /// The policy that makes the choices; by default the mix of policies.
  NamedPolicy policy;
};

/// Observes a run from the beginning of its world to its end. Derive from it to record a run.
class RunWatcher {
 public:
  RunWatcher() = default;
  RunWatcher(const RunWatcher&) = delete;
  RunWatcher& operator=(const RunWatcher&) = delete;
  virtual ~RunWatcher() = default;

  /// Called when the world is still empty, before Scenario::build.
  virtual void begins(World& /*world*/) {}
  /// Called when the run is over; `world` is as the run left it.
  virtual void ends(World& /*world*/, const RunReport& /*report*/) {}
};

/// The result of one run of a scenario.
struct RunResult {
  /// How the run ended.
  RunReport report;
  /// Replays this run exactly: the deviations that occurred, in order.
  Schedule schedule;
  /// How often each fault rule of the run matched and fired.
  std::vector<FaultCount> faults;
  /// How often each site deviated, by index(Site).
  std::array<SiteCount, site_count> sites{};
  /// Each name given to World::sometimes(), and whether its condition was true at least once.
  std::map<std::string, bool, std::less<>> sometimes;
  /// The names of sometimes() of which every call came before a task ran.
  std::set<std::string, std::less<>> sometimes_early;
  /// The invariants, eventual conditions and actions of the world, and whether the run came to
  /// them.
  std::vector<Planned> planned;
  /// The paths of the programs that still ran when run_for() or run_until() ended the run, without
  /// those of hosts in the background. A check after the wait of such a program was not evaluated.
  std::vector<std::string> unended;
  /// What the run reached by World::sometimes() and World::state(), in order.
  std::vector<Milestone> reached;
  /// In a replay: the deviations of the schedule that never applied. Empty otherwise.
  std::vector<Deviation> not_applied;
};

/// Ends a run from within that shows nothing new. run_scenario() and replay_scenario() pass it on
/// to the search that throws it.
struct RunGivenUp {};

/// Watchers of one run, called in order. The array and the watchers must outlive the run.
using RunWatchers = std::span<RunWatcher* const>;

/// Runs the scenario once without deviations and with data seed 1. Returns how many choices it made
/// at each site, and whether it names milestones.
RunShape shape_of(const Scenario& scenario);
/// Runs `scenario` once in a new world. Exceptions derived from std::exception that `build` or
/// `run` throw are failures of the run. `shape` is the result of shape_of(), for policies that plan
/// by it. If it is null and the policy needs it, shape_of() is called, which costs one more run.
/// Fails a CHECK if the policy is "own" and `own_policy` is null.
RunResult run_scenario(const Scenario& scenario, const SeededRun& how, RunWatchers watchers = {},
                       const RunShape* shape = nullptr);
/// Runs `scenario` once under `policy`, in a new world whose programs draw random numbers by
/// `data_seed`. Use it for a PolicyAlgorithm of your own. A policy with an algorithm serves
/// one run only.
RunResult run_scenario(const Scenario& scenario, const Policy& policy, std::uint64_t data_seed,
                       RunWatchers watchers = {});
/// Runs `scenario` once with the deviations and the data seed of `schedule`. The scenario name in
/// the schedule is ignored. RunResult::not_applied lists the deviations that the run never reached.
RunResult replay_scenario(const Scenario& scenario, const Schedule& schedule,
                          RunWatchers watchers = {});
/// Replays `schedule` until the task resumption `from_step`, counted from 1, is about to happen.
/// From there on the choices are made at random by the scenario's rates, or take their defaults if
/// `seed` is 0.
RunResult continue_scenario(const Scenario& scenario, const Schedule& schedule,
                            std::uint64_t from_step, std::uint64_t seed, RunWatchers watchers = {});
/// The same, but from there on `policy` makes the choices.
RunResult continue_scenario(const Scenario& scenario, const Schedule& schedule,
                            std::uint64_t from_step, const Policy& policy,
                            RunWatchers watchers = {});

}  // namespace rehearsal::simnet
