#include "harness/report/run_without.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>
#include <variant>
#include <vector>

#include "harness/process/attempts.hpp"
#include "harness/process/child.hpp"
#include "harness/report/trace_text.hpp"

namespace rehearsal::harness {
namespace {

// The lines that the child sends, before the number of each event of the effect.
enum Sent : std::size_t { effect, outcome, failing, failing_line, other, other_line, events };

std::string line_in(const simnet::History& history, std::uint64_t number) {
  const simnet::NumberedEvent* found = history.find(number);
  return found == nullptr ? std::string(no_more_events) : event_line(number, found->event);
}

}  // namespace

bool depends_on_all(const simnet::Failure& failure) {
  return failure.kind == simnet::FailureKind::deadlock ||
         failure.kind == simnet::FailureKind::time_limit || failure.what.ends_with(simnet::in_time);
}

Compared compare_in_child(const simnet::Scenario& scenario, const simnet::Schedule& schedule,
                          const simnet::AppliedDeviation& applied, const FailingRun& run) {
  const auto body = [&](const Parent& parent) {
    simnet::Schedule without = schedule;
    std::erase(without.deviations, applied.deviation);
    // A run that lasts several times longer has nothing more to compare.
    simnet::Scenario bounded = scenario;
    const std::uint64_t steps = run.history.size() == 0 ? 0 : std::prev(run.history.end())->step;
    bounded.options.step_limit = std::min(bounded.options.step_limit, 4 * steps + 1'000);
    simnet::HistoryRecorder recorder;
    simnet::HostEvents host_events;
    const std::array<simnet::RunWatcher*, 2> watchers = {&host_events, &recorder};
    const simnet::RunReport report = replay_scenario(bounded, without, watchers).report;
    const Effect found = effect_of(applied, run.history, recorder.history());
    parent.tell(Logs{found.text});
    parent.tell(Logs{report.ok() ? std::string() : report.failure()->to_string()});
    auto difference = run.events.first_difference(host_events, run.of_all);
    if (!difference) {
      difference = run.events.first_difference(host_events, true);
    }
    const auto [here, there] = difference.value_or(simnet::HostEvents::Difference());
    parent.tell(Logs{std::to_string(here)});
    parent.tell(Logs{line_in(run.history, here)});
    parent.tell(Logs{std::to_string(there)});
    parent.tell(Logs{line_in(recorder.history(), there)});
    for (const std::uint64_t event : found.events) {
      parent.tell(Logs{std::to_string(event)});
    }
    ::_exit(0);
  };
  std::vector<std::string> lines;
  const ChildEnd end = run_in_child(
      body, [&](const Message& message) { lines.push_back(std::get<Logs>(message).line); });
  Compared compared;
  if (lines.size() < Sent::events) {
    compared.without.outcome = crash(end).to_string();
    return compared;
  }
  compared.effect.text = lines[Sent::effect];
  for (std::size_t i = Sent::events; i < lines.size(); ++i) {
    compared.effect.events.push_back(std::stoull(lines[i]));
  }
  compared.without.passes = lines[Sent::outcome].empty();
  compared.without.outcome = compared.without.passes ? "passes" : lines[Sent::outcome];
  FirstDifference difference{std::stoull(lines[Sent::failing]), std::stoull(lines[Sent::other]),
                             lines[Sent::failing_line], lines[Sent::other_line]};
  if (difference.failing != 0 || difference.other != 0) {
    compared.without.difference = std::move(difference);
  }
  return compared;
}

}  // namespace rehearsal::harness
