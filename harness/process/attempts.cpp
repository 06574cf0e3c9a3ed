#include "harness/process/attempts.hpp"

#include <array>
#include <optional>
#include <string_view>

#include "harness/process/run_log.hpp"

namespace rehearsal::harness {
namespace {

void run_what_is_asked(const simnet::Scenario& scenario, simnet::RunWatchers watchers,
                       const Parent& parent) {
  RunLog log;
  log.keep(false);
  MessageReader heard;
  while (const std::optional<Message> message = parent.hear(heard)) {
    const auto& asked = std::get<Tries>(*message);
    const simnet::RunResult result =
        asked.from_step == 0
            ? replay_scenario(scenario, asked.schedule, watchers)
            : continue_scenario(scenario, asked.schedule, asked.from_step, asked.seed, watchers);
    parent.tell(RunEnded{outcome_of(result), 0, {}});
  }
}

// The last line of `text` that begins so; empty where none does.
std::string_view line_with(std::string_view text, std::string_view beginning) {
  std::string_view found;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(beginning)) {
      found = line;
    }
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return found;
}

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

class TellsEvents final : public simnet::RunWatcher {
 public:
  explicit TellsEvents(const Parent& parent) : parent_(parent) {}
  void begins(simnet::World& world) override {
    world.fabric().listener = [this, &world](const simnet::RunEvent& /*event*/) {
      parent_.tell(Reached{world.fabric().events, world.steps()});
    };
  }
  void ends(simnet::World& world, const simnet::RunReport& /*report*/) override {
    world.fabric().listener = nullptr;
  }

 private:
  const Parent& parent_;
};

}  // namespace

simnet::Outcome Attempts::ask(const Tries& tries) {
  if (child_ == nullptr) {
    child_ = std::make_unique<Child>(
        [this](const Parent& parent) { run_what_is_asked(scenario_, watchers_, parent); });
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

RunLength length_of(const simnet::Scenario& scenario, const simnet::Schedule& schedule) {
  const auto run = [&](const Parent& parent) {
    RunLog log;
    log.listen([&parent](const std::string& line) { parent.tell(Logs{line}); });
    TellsEvents events(parent);
    const std::array<simnet::RunWatcher*, 2> watchers = {&log, &events};
    replay_scenario(scenario, schedule, watchers);
  };
  RunLength length;
  run_in_child(run, [&length](const Message& message) {
    if (const auto* logs = std::get_if<Logs>(&message)) {
      length.log += logs->line + '\n';
    } else {
      length.end = std::get<Reached>(message);
    }
  });
  return length;
}

ChildRun run_in_child(const simnet::Scenario& scenario, std::uint64_t data_seed,
                      const std::function<RunEnded(simnet::RunWatcher& deviations)>& run) {
  ChildRun known{{scenario.name, data_seed, {}}, std::nullopt, {}};
  const auto body = [&](const Parent& parent) {
    TellsDeviations deviations(parent);
    parent.tell(run(deviations));
  };
  known.end = run_in_child(body, [&known](Message& message) {
    if (auto* deviates = std::get_if<Deviates>(&message)) {
      known.schedule.deviations.push_back(std::move(deviates->deviation));
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

}  // namespace rehearsal::harness
