#include "harness/sweep/finding.hpp"

#include <array>
#include <cstdint>
#include <vector>

#include "harness/process/attempts.hpp"
#include "harness/process/run_log.hpp"
#include "harness/run_text.hpp"
#include "sched/base/check.hpp"

namespace rehearsal::harness {

FailureReport rerun(const simnet::Scenario& scenario, const simnet::NamedPolicy& policy,
                    const std::string& program, const Finding& finding) {
  const simnet::SeededRun how{finding.seed, policy};
  const std::vector<std::uint64_t> crashed = crashes_before(scenario, how);
  const ChildRun run = run_in_child(
      scenario, how.seed, [&](simnet::RunWatcher& deviations, const Parent& /*parent*/) {
        RunLog log;
        log.keep(false);
        const std::array<simnet::RunWatcher*, 1> watchers = {&deviations};
        const std::string command = run_command(program, scenario.name, how);
        const sched::CheckNote note(command);
        const simnet::RunResult result = run_seed(scenario, how, crashed, watchers);
        return RunEnded{outcome_of(result), 0, describe(result.report)};
      });
  FailureReport failure{finding.seed, finding.kind, finding.what, {}, run.schedule.to_string()};
  std::string otherwise;  // the result of this run, if it differs from the sweep
  if (!run.ended) {
    failure.details = crash_text(run.end);
    otherwise = finding.digest ? "crashes" : "";
  } else if (finding.digest) {
    failure.details = run.ended->what + '\n';
    otherwise = run.ended->outcome.digest == *finding.digest ? "" : "has another digest";
  } else {
    failure.details = finding.what + '\n' + indented(finding.errors, "  ");
    otherwise = "does not crash";
  }
  if (!otherwise.empty()) {
    failure.schedule.clear();
    failure.details += nondeterminism_text(otherwise, find_command(program, scenario.name, how));
  }
  return failure;
}

}  // namespace rehearsal::harness
