#include "harness/failure/failure_report.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "harness/exit_status.hpp"
#include "harness/failure/explained_failure.hpp"
#include "harness/number_text.hpp"
#include "harness/process/attempts.hpp"
#include "harness/report/export/replayed_run.hpp"
#include "harness/run_text.hpp"
#include "realnet/clock.hpp"

namespace rehearsal::harness {
namespace {

// Replays the schedule twice in one process, since the first run may leave state that changes the
// second. Returns what is different, or an empty string.
std::string differs(Attempts& attempts, const FoundFailure& found) {
  std::uint64_t digest = found.digest;
  for (int time = 0; time < 2; ++time) {
    const simnet::Outcome again = attempts.run(found.schedule);
    if (!again.failure) {
      return "passes";
    }
    if (!same_failure(found.failure, *again.failure)) {
      return "fails differently (" + again.failure->to_string() + ")";
    }
    if (digest != 0 && again.digest != digest) {
      return "has another digest";
    }
    digest = again.digest;
  }
  return {};
}

}  // namespace

int report_failure(const simnet::Scenario& scenario, const FoundFailure& found,
                   const FailureReportOptions& options) {
  Attempts attempts(scenario);
  if (const std::string other = differs(attempts, found); !other.empty()) {
    fmt::print("{}", nondeterminism_text(
                         other, find_command(options.program, found.schedule, found.seeded)));
    std::fflush(stdout);
    return nondeterministic;
  }
  simnet::Shrunk shrunk{found.schedule, found.failure};
  if (options.shrinks) {
    const sched::Instant start = realnet::monotonic_now();
    shrunk = attempts.shrink(found.schedule, options.bound);
    const std::string took = ", " + in_words(realnet::monotonic_now() - start);
    fmt::print("  shrunk {}\n", shrunk_text(shrunk, options.timed ? took : ""));
    if (shrunk.failure && !shrunk.minimal) {
      fmt::print("{}\n", resuming_command(options.program, shrunk, options.bound));
    }
    std::fflush(stdout);
  }
  const simnet::Failure& failure = shrunk.failure.value_or(found.failure);
  ExplainedFailureOptions explaining;
  explaining.text = for_stdout();
  const std::string command = replay_command(options.program, shrunk.schedule.to_string(),
                                             std::string(too_long_for_a_shell));
  explaining.again = command + "\n  Add --gdb to stop in gdb as the last step begins.\n";
  explaining.files = options.files;
  explaining.page = page_options(options.program, shrunk.schedule);
  explaining.page.sweep = options.sweep;
  const ExplainedFailure explained = explain(scenario, shrunk.schedule, failure, explaining);
  fmt::print("{}", explained.text);
  std::fflush(stdout);
  return write_files(options.program, options.files, explained.contents,
                     exit_status(found.failure.kind));
}

}  // namespace rehearsal::harness
