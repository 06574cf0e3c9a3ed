// Reads a fuzzer's bytes as a schedule, or as a kept schedule if they have several lines
// (libFuzzer). Whatever they are, the reader returns a schedule or one error of one line. A
// schedule has one text, and if it is one of the echo server, its run ends, and its replay is the
// same run.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sched/base/check.hpp"
#include "servers/echo_scenarios.hpp"
#include "simnet/search/kept.hpp"

namespace rehearsal::simnet {
namespace {

using sched::check;

bool is_line(std::string_view text) {
  return !text.empty() && text.find('\n') == std::string_view::npos;
}

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> all = [] {
    std::vector<Scenario> bounded = servers::echo_scenarios();
    for (Scenario& scenario : bounded) {
      scenario.options.step_limit = 2'000;
    }
    return bounded;
  }();
  return all;
}

void run(const Schedule& schedule) {
  const auto scenario = std::ranges::find(scenarios(), schedule.scenario, &Scenario::name);
  if (scenario == scenarios().end()) {
    return;
  }
  const RunResult first = replay_scenario(*scenario, schedule);
  const RunResult again = replay_scenario(*scenario, first.schedule);
  check(again.report.digest == first.report.digest && again.not_applied.empty(),
        "the schedule of a run replays it");
  std::vector<Deviation> all = first.schedule.deviations;
  all.insert(all.end(), first.not_applied.begin(), first.not_applied.end());
  std::vector<Deviation> asked = schedule.deviations;
  std::ranges::sort(all);
  std::ranges::sort(asked);
  check(all == asked, "each deviation applies or is reported");
}

void try_line(std::string_view text) {
  const auto parsed = parse_schedule(text);
  if (const auto* error = std::get_if<ScheduleError>(&parsed)) {
    check(is_line(error->to_string()) && error->column >= 1 && error->column <= text.size() + 1,
          "an error of a schedule is one line, with a column of the text");
    return;
  }
  const auto& schedule = std::get<Schedule>(parsed);
  check(schedule.to_string() == text, "a schedule has one text");
  run(schedule);
}

void try_file(std::string_view text) {
  const auto parsed = parse_kept("file", text);
  if (const auto* error = std::get_if<KeptError>(&parsed)) {
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n'));
    check(!error->expected.empty() && error->line >= 1 && error->line <= lines + 2,
          "an error of a kept schedule names its line");
    return;
  }
  const auto& kept = std::get<KeptSchedule>(parsed);
  const auto again = parse_kept("file", kept.to_string());
  check(std::holds_alternative<KeptSchedule>(again) && std::get<KeptSchedule>(again) == kept,
        "a kept schedule that is written is read as it was");
  check(is_line(kept_name(kept.schedule)), "a kept schedule has a name");
  try_line(kept.schedule.to_string());
}

}  // namespace
}  // namespace rehearsal::simnet

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.find('\n') == std::string_view::npos) {
    rehearsal::simnet::try_line(text);
  } else {
    rehearsal::simnet::try_file(text);
  }
  return 0;
}
