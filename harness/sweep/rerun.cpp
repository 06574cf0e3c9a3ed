#include "harness/sweep/rerun.hpp"

#include <array>
#include <utility>
#include <variant>

#include "harness/process/attempts.hpp"
#include "harness/process/run_log.hpp"
#include "harness/run_text.hpp"
#include "sched/base/check.hpp"

namespace rehearsal::harness {
namespace {

// In the process of its own. The deviations that it tells as it goes are what is known of a run
// that crashes.
void retell(const simnet::Scenario& scenario, const simnet::SeededRun& how,
            const std::string& program, const Parent& parent) {
  RunLog log;
  log.keep(false);
  TellsDeviations deviations(parent);
  const std::array<simnet::RunWatcher*, 1> watchers = {&deviations};
  const std::string command = run_command(program, scenario.name, how);
  const sched::CheckNote note(command);
  const simnet::RunResult result = run_scenario(scenario, how, watchers);
  parent.tell(Retold{result.report.digest, describe(result.report), result.schedule.to_string()});
}

}  // namespace

Rerun::Rerun(const simnet::Scenario& scenario, const simnet::NamedPolicy& policy,
             const std::string& program, Finding finding)
    : finding_(std::move(finding)),
      child_([&scenario, policy, &program, seed = finding_.seed](const Parent& parent) {
        retell(scenario, {seed, policy}, program, parent);
      }),
      schedule_{scenario.name, finding_.seed, {}} {}

bool Rerun::hear() {
  const bool more = child_.receive();
  while (const std::optional<Message> message = child_.next()) {
    if (const auto* deviates = std::get_if<Deviates>(&*message)) {
      schedule_.deviations.push_back(deviates->deviation);
    } else if (const auto* retold = std::get_if<Retold>(&*message)) {
      retold_ = *retold;
    }
  }
  return more;
}

FailureReport Rerun::failure() {
  FailureReport failure{finding_.seed, finding_.kind, finding_.what, {}, {}};
  std::string otherwise;  // how it came out this time, where that is not as in the sweep
  if (!retold_) {
    const ChildEnd end = child_.wait();
    failure.details = "the process crashed: " + end.how + '\n' + indented(end.errors, "  ");
    failure.schedule = schedule_.to_string();
    otherwise = finding_.digest ? "crashed" : "";
  } else if (finding_.digest) {
    failure.details = retold_->what + '\n';
    failure.schedule = retold_->schedule;
    otherwise = retold_->digest == *finding_.digest ? "" : "came to another digest";
  } else {
    failure.details = finding_.what + '\n' + indented(finding_.errors, "  ");
    otherwise = "did not crash";
  }
  if (!otherwise.empty()) {
    failure.schedule.clear();
    failure.details += "  run again alone, this seed " + otherwise +
                       ": something in it reads more than its world\n";
  }
  return failure;
}

}  // namespace rehearsal::harness
