#include "simnet/scenario.hpp"

#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "sched/base/check.hpp"
#include "simnet/choices/choices.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/network/fabric.hpp"

namespace rehearsal::simnet {
namespace {

RunReport report_of(const Scenario& scenario, World& world) {
  try {
    scenario.build(world);
    return scenario.run(world);
  } catch (const RunGivenUp&) {
    throw;
  } catch (...) {
    RunReport report;
    report.end = WorldEnd::failed;
    report.time = world.now().time_since_epoch();
    report.steps = world.steps();
    report.digest = world.digest();
    report.failures.push_back({FailureKind::property,
                               "the scenario threw: " + what_was_thrown(std::current_exception()),
                               {}});
    return report;
  }
}

// Returns the programs of hosts that are not in the background: tasks without a parent.
std::vector<std::string> unended(World& world) {
  std::vector<std::string> paths;
  for (std::uint32_t i = 0; i < world.fabric().size(); ++i) {
    const SimulatedHost& host = world.host(world.fabric().kernel(i).name());
    if (host.in_background()) {
      continue;
    }
    for (const sched::TaskInfo& task : host.tasks()) {
      if (task.path.find('/', host.name().size() + 1) == std::string::npos) {
        paths.push_back(task.path);
      }
    }
  }
  return paths;
}

RunResult run_in(World& world, const Scenario& scenario, std::uint64_t data_seed,
                 RunWatchers watchers) {
  for (RunWatcher* watcher : watchers) {
    watcher->begins(world);
  }
  RunResult result;
  result.report = report_of(scenario, world);
  world.end_schedule();
  const Choices& choices = world.choices();
  result.schedule = {scenario.name, data_seed, choices.deviations()};
  result.faults = world.fault_counts();
  for (std::size_t site = 0; site < site_count; ++site) {
    result.sites[site] = choices.count(static_cast<Site>(site));
  }
  result.sometimes = world.milestones().held();
  result.sometimes_early = world.milestones().early();
  result.reached = world.milestones().reached();
  result.planned = world.planned();
  if (result.report.end == WorldEnd::condition) {
    result.unended = unended(world);
  }
  result.not_applied = choices.not_applied();
  for (RunWatcher* watcher : watchers) {
    watcher->ends(world, result.report);
  }
  return result;
}

// `how` is the policy of the run or the deviations that it replays.
template <class How>
RunResult run_in_new_world(const Scenario& scenario, How how, std::uint64_t data_seed,
                           RunWatchers watchers) {
  WorldOptions options = scenario.options;
  options.data_seed = data_seed;
  RunResult result;
  {
    World world(std::move(how), options);
    result = run_in(world, scenario, data_seed, watchers);
  }
  if (scenario.judge) {
    scenario.judge(result.report);
  }
  return result;
}

class FollowsFrom final : public RunWatcher {
 public:
  FollowsFrom(std::uint64_t step, const Policy& policy) : step_(step), policy_(policy) {}
  void begins(World& world) override {
    auto& listener = world.fabric().listener;
    listener = [this, &world, before = std::move(listener)](const RunEvent& event) {
      if (before) {
        before(event);
      }
      if (!follows_ && world.steps() >= step_) {
        follows_ = true;
        world.choices().follow(policy_);
      }
    };
  }

 private:
  std::uint64_t step_;
  const Policy& policy_;
  bool follows_ = false;
};

}  // namespace

RunResult continue_scenario(const Scenario& scenario, const Schedule& schedule,
                            std::uint64_t from_step, std::uint64_t seed, RunWatchers watchers) {
  const Policy policy = seed == 0 ? Policy::nominal() : Policy::random(seed, scenario.rates);
  return continue_scenario(scenario, schedule, from_step, policy, watchers);
}

RunResult continue_scenario(const Scenario& scenario, const Schedule& schedule,
                            std::uint64_t from_step, const Policy& policy, RunWatchers watchers) {
  FollowsFrom follows(from_step, policy);
  std::vector<RunWatcher*> all(watchers.begin(), watchers.end());
  all.push_back(&follows);
  return replay_scenario(scenario, schedule, all);
}

RunShape shape_of(const Scenario& scenario) {
  const auto counting = std::make_shared<CountingAlgorithm>();
  const RunResult run = run_scenario(scenario, Policy::directed(0, counting, scenario.rates), 1);
  RunShape shape = counting->shape();
  shape.names_milestones = !run.sometimes.empty() || !run.reached.empty();
  return shape;
}

RunResult run_scenario(const Scenario& scenario, const SeededRun& how, RunWatchers watchers,
                       const RunShape* shape) {
  RunShape found;
  if (shape == nullptr && how.policy.needs_shape()) {
    found = shape_of(scenario);
    shape = &found;
  }
  const RunShape& known = shape == nullptr ? found : *shape;
  if (how.policy.own()) {
    sched::check(scenario.own_policy != nullptr, "a scenario has the policy of its own");
    return run_scenario(scenario, scenario.own_policy(how.seed, scenario.rates, known), how.seed,
                        watchers);
  }
  return run_scenario(scenario, how.policy.make(how.seed, scenario.rates, known), how.seed,
                      watchers);
}

RunResult run_scenario(const Scenario& scenario, const Policy& policy, std::uint64_t data_seed,
                       RunWatchers watchers) {
  return run_in_new_world(scenario, policy, data_seed, watchers);
}

RunResult replay_scenario(const Scenario& scenario, const Schedule& schedule,
                          RunWatchers watchers) {
  return run_in_new_world(scenario, schedule.deviations, schedule.data_seed, watchers);
}

}  // namespace rehearsal::simnet
