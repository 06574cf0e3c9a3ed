#include "servers/sweep_worker.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "realnet/clock.hpp"
#include "sched/check.hpp"
#include "servers/run_log.hpp"
#include "servers/run_text.hpp"

namespace rehearsal::servers {
namespace {

// How often a tally is told: what came after it is run again where a run crashes.
constexpr sched::Duration tally_every = std::chrono::milliseconds(50);

class TellsDeviations final : public simnet::RunWatcher {
 public:
  explicit TellsDeviations(const Parent& parent) : parent_(parent) {}
  void begins(simnet::World& world) override {
    world.choices().on_deviation(
        [this](const simnet::Deviation& deviation) { parent_.tell(Deviates{deviation}); });
  }

 private:
  const Parent& parent_;
};

// Keeps no deviations: most runs do not fail, and those that do are run again.
class RecordsNothing final : public simnet::RunWatcher {
 public:
  void begins(simnet::World& world) override { world.choices().record(false); }
};

// Runs what has failed once more, for its deviations and its log.
RunFailed failure_of(const simnet::Scenario& scenario, const SweepOptions& options,
                     const simnet::SeededRun& how, const simnet::RunResult& failed, RunLog& log) {
  log.keep(true);
  const std::array<simnet::RunWatcher*, 1> watchers = {&log};
  const simnet::RunResult again = run_scenario(scenario, how, watchers);
  log.keep(false);
  std::string what = describe(failed.report);
  if (again.report.digest != failed.report.digest) {
    what +=
        "\n  (run again, the same seed came to another digest: something in it reads more than "
        "its world)";
  }
  const std::string command = run_command(options.program, scenario.name, how);
  return {how.seed, what, replay_command(options.program, again.schedule, command), log.text()};
}

}  // namespace

void run_share(const simnet::Scenario& scenario, const SweepOptions& options, const Share& share,
               const Parent& parent) {
  RunLog log;
  log.keep(false);
  RecordsNothing records_nothing;
  const std::array<simnet::RunWatcher*, 1> watchers = {&records_nothing};
  std::optional<simnet::RunShape> shape;
  Tallied tallied{share.from, {}};
  const std::uint64_t last = options.last_seed - options.first_seed;
  sched::Instant told = realnet::monotonic_now();
  while (tallied.next <= last && !parent.wants_an_end()) {
    const std::uint64_t seed = options.first_seed + tallied.next;
    tallied.next += share.step;
    if (share.crashed.contains(seed)) {
      continue;
    }
    parent.tell(Begins{seed});
    if (!shape && options.policy.needs_shape()) {
      shape = shape_of(scenario);  // of a run, too: it may crash
    }
    const simnet::SeededRun how{seed, options.policy};
    const std::string command = run_command(options.program, scenario.name, how);
    const sched::CheckNote note(command);
    const simnet::RunResult result =
        run_scenario(scenario, how, watchers, shape ? &*shape : nullptr);
    tallied.tally.add(result);
    if (!result.report.ok()) {
      parent.tell(failure_of(scenario, options, how, result, log));
    }
    const sched::Instant now = realnet::monotonic_now();
    if (!share.crashed.empty() || now - told >= tally_every) {
      parent.tell(tallied);
      tallied.tally = {};
      told = now;
    }
  }
  parent.tell(tallied);
  parent.tell(Ends{});
}

void run_to_the_crash(const simnet::Scenario& scenario, const SweepOptions& options,
                      std::uint64_t seed, const Parent& parent) {
  RunLog log;
  log.listen([&parent](const std::string& line) { parent.tell(Logs{line}); });
  TellsDeviations deviations(parent);
  const std::array<simnet::RunWatcher*, 2> watchers = {&log, &deviations};
  const simnet::SeededRun how{seed, options.policy};
  const std::string command = run_command(options.program, scenario.name, how);
  const sched::CheckNote note(command);
  run_scenario(scenario, how, watchers);
  parent.tell(Ends{});
}

}  // namespace rehearsal::servers
