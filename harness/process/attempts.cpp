#include "harness/process/attempts.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <tuple>

#include "harness/process/run_log.hpp"
#include "harness/process/shared_memory.hpp"
#include "harness/run_text.hpp"
#include "simnet/choices/choices.hpp"
#include "simnet/network/fabric.hpp"
#include "simnet/search/seed_runs.hpp"

namespace rehearsal::harness {
namespace {

void run_what_is_asked(const simnet::Scenario& scenario, Parent& parent) {
  RunLog log;
  log.keep(false);
  while (const std::optional<Message> message = parent.hear()) {
    const auto& asked = std::get<Tries>(*message);
    const simnet::RunResult result =
        asked.from_step == 0
            ? replay_scenario(scenario, asked.schedule)
            : continue_scenario(scenario, asked.schedule, asked.from_step, asked.seed);
    parent.tell(RunEnded{outcome_of(result), 0, {}});
  }
}

// Returns the last line of `text` that starts with `beginning`, or an empty string if none does.
std::string_view line_with(std::string_view text, std::string_view beginning) {
  std::string_view found;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    found = line.starts_with(beginning) ? line : found;
  }
  return found;
}

class TellsSchedule final : public simnet::RunWatcher {
 public:
  explicit TellsSchedule(const Parent& parent) : parent_(parent) {}
  void begins(simnet::World& world) override {
    parent_.tell(Begins{world.fabric().data_seed});
    world.choices().on_deviation(
        [this](const simnet::Deviation& deviation) { parent_.tell(Deviates{deviation}); });
  }

 private:
  const Parent& parent_;
};

}  // namespace

simnet::Outcome Attempts::ask(const Tries& tries) {
  if (child_ == nullptr) {
    child_ =
        std::make_unique<Child>([this](Parent& parent) { run_what_is_asked(scenario_, parent); });
  }
  child_->tell(tries);
  do {
    if (std::optional<Message> message = child_->next()) {
      return std::move(std::get<RunEnded>(*message).outcome);
    }
  } while (child_->receive());
  const simnet::Failure failure = crash(child_->wait());
  child_.reset();
  return {failure, tries.schedule.deviations, 0};
}

simnet::Shrunk Attempts::shrink(const simnet::Schedule& failing, simnet::ShrinkBound bound) {
  bound.rates = scenario_.rates;
  return simnet::shrink(failing, [this](const simnet::Schedule& one) { return run(one); }, bound);
}

void CountsEvents::begins(simnet::World& world) {
  world.fabric().listener = [this, &world](const simnet::RunEvent& /*event*/) {
    reached_ = {world.fabric().events, world.steps()};
  };
}

void CountsEvents::ends(simnet::World& world, const simnet::RunReport& /*report*/) {
  world.fabric().listener = nullptr;
}

RunLength length_of(const simnet::Scenario& scenario, const simnet::Schedule& schedule) {
  const SharedMemory<Reached> reached;
  const auto run = [&](const Parent& parent) {
    RunLog log;
    log.listen([&parent](const std::string& line) { parent.tell(Logs{line}); });
    CountsEvents events(*reached);
    const std::array<simnet::RunWatcher*, 2> watchers = {&log, &events};
    replay_scenario(scenario, schedule, watchers);
  };
  RunLength length;
  run_in_child(run, [&length](const Message& message) {
    length.log += std::get<Logs>(message).line + '\n';
  });
  length.end = *reached;
  return length;
}

std::vector<std::uint64_t> crashes_before(const simnet::Scenario& scenario,
                                          const simnet::SeededRun& how) {
  std::vector<std::uint64_t> crashed;
  if (!how.policy.guided()) {
    return crashed;
  }
  const SharedMemory<std::uint64_t> running;  // the seed; 0: none
  do {
    *running = 0;
    const auto run = [&](const Parent& /*parent*/) {
      RunLog log;
      log.keep(false);
      simnet::SeedRuns runs(scenario, how.policy);
      std::ranges::for_each(crashed, [&](std::uint64_t seed) { runs.leave_out(seed); });
      while (const std::optional<std::uint64_t> earlier = runs.needed_before(how.seed)) {
        *running = *earlier;
        std::ignore = runs.run(*earlier);
      }
      *running = 0;
    };
    run_in_child(run, [](const Message& /*message*/) {});
    if (*running != 0) {
      crashed.push_back(*running);
    }
  } while (*running != 0);
  return crashed;
}

simnet::RunResult run_seed(const simnet::Scenario& scenario, const simnet::SeededRun& how,
                           const std::vector<std::uint64_t>& crashed,
                           simnet::RunWatchers watchers) {
  simnet::SeedRuns runs(scenario, how.policy);
  std::ranges::for_each(crashed, [&](std::uint64_t seed) { runs.leave_out(seed); });
  {
    RunLog log;
    log.keep(false);
    while (const std::optional<std::uint64_t> earlier = runs.needed_before(how.seed)) {
      std::ignore = runs.run(*earlier);
    }
  }
  return runs.run(how.seed, watchers);
}

ChildRun run_in_child(
    const simnet::Scenario& scenario, std::uint64_t data_seed,
    const std::function<RunEnded(simnet::RunWatcher& schedule, const Parent& parent)>& run) {
  ChildRun known;
  known.schedule = {scenario.name, data_seed, {}};
  const auto body = [&](const Parent& parent) {
    TellsSchedule tells(parent);
    parent.tell(run(tells, parent));
  };
  known.end = run_in_child(body, [&known](Message& message) {
    if (auto* deviates = std::get_if<Deviates>(&message)) {
      known.schedule.deviations.push_back(std::move(deviates->deviation));
    } else if (const auto* begins = std::get_if<Begins>(&message)) {
      known.schedule.data_seed = begins->data_seed;
    } else if (auto* failed = std::get_if<Expectation>(&message)) {
      known.failed.push_back(std::move(*failed));
    } else if (auto* skips = std::get_if<Skips>(&message)) {
      known.skips = std::move(skips->why);
    } else {
      known.ended = std::move(std::get<RunEnded>(message));
    }
  });
  return known;
}

simnet::Failure crash(const ChildEnd& end) {
  for (const std::string_view beginning : {"CHECK failed: ", "SUMMARY: "}) {
    if (const std::string_view line = line_with(end.errors, beginning); !line.empty()) {
      return {simnet::FailureKind::crash, std::string(line), {}};
    }
  }
  return {simnet::FailureKind::crash, "the process crashed: " + end.how, {}};
}

std::string crash_text(const ChildEnd& end) {
  return "the process crashed: " + end.how + '\n' + indented(end.errors, "  ");
}

}  // namespace rehearsal::harness
