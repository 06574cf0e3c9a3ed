#include "harness/report/explanation.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "harness/number_text.hpp"
#include "harness/process/attempts.hpp"
#include "harness/process/child.hpp"
#include "harness/process/run_log.hpp"
#include "harness/report/consequences.hpp"
#include "harness/report/deviation_text.hpp"
#include "harness/report/effect_in_child.hpp"
#include "harness/report/event_lookup.hpp"
#include "harness/report/fault_list.hpp"
#include "harness/report/shown_events.hpp"
#include "harness/report/socket_table.hpp"
#include "harness/report/timeline.hpp"
#include "harness/report/trace_text.hpp"
#include "harness/run_text.hpp"
#include "sched/core/task_table.hpp"
#include "simnet/search/point_of_no_return.hpp"
#include "simnet/trace/diagnostics.hpp"
#include "simnet/trace/host_events.hpp"

namespace rehearsal::harness {
namespace {

using simnet::Diagnostics;
using simnet::NumberedEvent;

// A longer run is not explained, because that repeats it many times. A livelock, for one, runs up
// to the step limit.
constexpr std::uint64_t most_steps = 1'000'000;
constexpr std::size_t most_deviations = 40;  // described in sentences
constexpr std::size_t most_effects = 10;     // deviations whose effect is shown
constexpr std::size_t most_listed = 60;      // tasks in the table
constexpr std::size_t most_estimates = 12;   // shares of failing continuations in the text

// "  in task client-0/talk, step 3, event 12, at 1.500 ms (resumed at io.hpp:9 < echo.hpp:30)"
std::string step_line(const NumberedEvent& step) {
  return fmt::format("  in task {}, step {}, event {}, at {}{}\n", step.event.task,
                     grouped(step.step), grouped(step.number),
                     exact(step.event.t.time_since_epoch()),
                     step.frames.empty() ? "" : " (resumed at " + step.frames + ')');
}

// Returns whether the deviation is of the program's environment. What the program or the scenario
// chose needs no explanation.
bool has_effect(const simnet::Coordinate& at) {
  return at.site != simnet::Site::program && at.site != simnet::Site::step;
}

class Explanation {
 public:
  Explanation(const simnet::Scenario& scenario, const simnet::Schedule& schedule,
              const simnet::Failure& failure, const ExplainOptions& options)
      : scenario_(scenario), schedule_(schedule), failure_(failure), options_(options) {}

  std::string text();

 private:
  // Returns the scenario for runs that may have no end. Once the steps of the failing run are
  // known, its runs end after four times as many and 1,000.
  [[nodiscard]] simnet::Scenario bounded() const;
  simnet::RunResult replay(const simnet::Schedule& schedule,
                           std::initializer_list<simnet::RunWatcher*> watchers) const;
  [[nodiscard]] std::string what_failed() const;
  [[nodiscard]] bool crashes() const { return failure_.kind == simnet::FailureKind::crash; }
  void find_point_of_no_return(std::uint64_t steps);
  void run_nominally();
  // Returns whether there is another run, the default run, to compare with.
  [[nodiscard]] bool compares() const { return nominal_differs_ && nominal_crash_.empty(); }
  std::string gather(const RunLength& length);
  std::string told(const Diagnostics& evidence, const simnet::HostEvents& events,
                   const std::string& log) const;
  void add_failure(std::string& text, const Diagnostics& evidence) const;
  void add_last_call(std::string& text, const Diagnostics& evidence, const std::string& task) const;
  void add_deviations(std::string& text, const Diagnostics& evidence,
                      std::vector<std::uint64_t>& hit) const;
  void add_decision(std::string& text, const Diagnostics& evidence) const;
  void add_curve(std::string& text) const;
  void add_difference(std::string& text, const simnet::HostEvents& events) const;
  void add_consequences(std::string& text, const Diagnostics& evidence) const;
  [[nodiscard]] std::string event_text(const simnet::Schedule& schedule,
                                       std::uint64_t number) const;
  void add_events(std::string& text, const Diagnostics& evidence,
                  const std::vector<std::uint64_t>& hit) const;
  void add_state(std::string& text, const Diagnostics& evidence) const;
  [[nodiscard]] std::string heading(std::string_view words) const;

  const simnet::Scenario& scenario_;
  const simnet::Schedule& schedule_;
  const simnet::Failure& failure_;
  const ExplainOptions& options_;
  std::uint64_t steps_ = 0;  // of the failing run
  simnet::PointOfNoReturn point_;
  simnet::Schedule nominal_;  // the same world, with no other deviations
  bool nominal_differs_ = false;
  std::string nominal_crash_;          // how the default run crashes, or empty if it does not
  simnet::HostEvents default_events_;  // of the default run
  simnet::HistoryRecorder default_history_;
};

std::string Explanation::heading(std::string_view words) const {
  return options_.bold ? fmt::format("\n\x1b[1m{}\x1b[0m\n", words) : fmt::format("\n{}\n", words);
}

simnet::Scenario Explanation::bounded() const {
  simnet::Scenario bounded = scenario_;
  if (steps_ != 0) {
    bounded.options.step_limit = std::min(bounded.options.step_limit, 4 * steps_ + 1'000);
  }
  return bounded;
}

simnet::RunResult Explanation::replay(const simnet::Schedule& schedule,
                                      std::initializer_list<simnet::RunWatcher*> watchers) const {
  return replay_scenario(bounded(), schedule, watchers);
}

std::string Explanation::what_failed() const {
  return indented(options_.what.empty() ? failure_.what : options_.what, "  ");
}

void Explanation::find_point_of_no_return(std::uint64_t steps) {
  // A continuation that lasts several times longer than the failing run has not failed as it did.
  simnet::Scenario bounded = scenario_;
  const std::uint64_t most = 4 * steps + 1'000;
  const bool cut = most < bounded.options.step_limit;
  bounded.options.step_limit = std::min(most, bounded.options.step_limit);
  Attempts attempts(bounded);
  const auto proceed = [&](std::uint64_t step, std::uint64_t sample) {
    const simnet::Outcome outcome = attempts.continue_from(schedule_, step, sample);
    const bool goes_on =
        cut && outcome.failure && outcome.failure->kind == simnet::FailureKind::livelock;
    return simnet::Continued{outcome.failure && !goes_on, std::max(outcome.steps, step)};
  };
  point_ = simnet::point_of_no_return(steps, proceed, options_.continuations);
}

void Explanation::run_nominally() {
  nominal_ = schedule_;
  std::erase_if(nominal_.deviations, [](const simnet::Deviation& one) {
    const bool of_the_world =
        one.at.site == simnet::Site::program && one.at.entity.starts_with(simnet::world_prefix);
    return !of_the_world && one.at.site != simnet::Site::step;
  });
  nominal_differs_ = nominal_ != schedule_;
  if (!nominal_differs_) {
    return;
  }
  // A child finds out whether it crashes, which would end this process.
  const simnet::Scenario ends = bounded();
  const std::optional<simnet::Failure> failure = Attempts(ends).run(nominal_).failure;
  if (failure && failure->kind == simnet::FailureKind::crash) {
    nominal_crash_ = failure->what;
    return;
  }
  replay(nominal_, {&default_events_, &default_history_});
}

std::string Explanation::gather(const RunLength& length) {
  simnet::HostEvents events;
  simnet::DiagnosticsCollector::Options options;
  options.point_of_no_return = point_.step;
  if (!crashes()) {
    simnet::DiagnosticsCollector gatherer(options);
    RunLog log;
    replay(schedule_, {&log, &events, &gatherer});
    return told(gatherer.evidence(), events, log.text());
  }
  // A crash is replayed in a child, which exits at the last event before the crash.
  const auto body = [&](const Parent& parent) {
    options.until_event = length.end.event;
    options.then = [&](const Diagnostics& evidence) {
      parent.tell(Logs{told(evidence, events, length.log)});
      ::_exit(0);
    };
    simnet::DiagnosticsCollector gatherer(options);
    replay(schedule_, {&events, &gatherer});
  };
  std::string text;
  run_in_child(body, [&text](const Message& message) { text += std::get<Logs>(message).line; });
  // Empty if the run crashed before its first event, while its world was built.
  return text.empty() ? heading("Failure") + what_failed() : text;
}

void Explanation::add_failure(std::string& text, const Diagnostics& evidence) const {
  text += heading("Failure") + what_failed();
  if (!failure_.where.empty()) {
    const bool deadlock = failure_.kind == simnet::FailureKind::deadlock;
    text += fmt::format("  {} {}\n", deadlock ? "waiting at" : "check at", failure_.where);
  }
  if (!evidence.failing_step) {
    return;
  }
  text += step_line(*evidence.failing_step);
  if (failure_.kind == simnet::FailureKind::property && failure_.where.empty()) {
    add_last_call(text, evidence, evidence.failing_step->event.task);
  }
}

// An exception does not contain the line at which it was thrown.
void Explanation::add_last_call(std::string& text, const Diagnostics& evidence,
                                const std::string& task) const {
  Found last = nullptr;
  for (const NumberedEvent& one : evidence.history) {
    last = one.event.task == task && is_call(one.event) ? &one : last;
  }
  if (last != nullptr) {
    text += fmt::format("  last call: {}\n", act(*last));
  }
}

void Explanation::add_deviations(std::string& text, const Diagnostics& evidence,
                                 std::vector<std::uint64_t>& hit) const {
  std::string list;
  std::size_t count = 0;
  for (const simnet::AppliedDeviation& applied : evidence.deviations) {
    const simnet::Coordinate& at = applied.deviation.at;
    const bool parameter = at.site == simnet::Site::program &&
                           at.entity.starts_with(simnet::world_prefix) &&
                           evidence.parameters.contains(
                               std::string_view(at.entity).substr(simnet::world_prefix.size()));
    if (!parameter && ++count <= most_deviations) {
      list += fmt::format("  {}. {}\n", count, sentence(applied));
    }
    if (!parameter && count <= most_effects && has_effect(at)) {
      const Effect found = effect_in_child(scenario_, schedule_, applied, evidence.history);
      list += found.text.empty() ? "" : fmt::format("     {}\n", found.text);
      hit.insert(hit.end(), found.events.begin(), found.events.end());
    }
  }
  if (count > most_deviations) {
    list += fmt::format("  and {} more\n", grouped(count - most_deviations));
  }
  text += heading(nominal_differs_
                      ? fmt::format("Cause: {} from the default run", counted(count, "deviation"))
                      : "Cause");
  for (const auto& [name, value] : evidence.parameters) {
    text += fmt::format("  {} = {}\n", name, value);
  }
  if (schedule_.deviations.empty()) {
    text += "  no deviations: the default run fails\n";
  } else if (!nominal_differs_) {
    text += "  no delay and no fault: the run fails with these choices of the scenario alone\n";
  } else if (!nominal_crash_.empty()) {
    text += fmt::format("  not compared with the default run, which crashes: {}\n", nominal_crash_);
  }
  text += list;
}

void Explanation::add_decision(std::string& text, const Diagnostics& evidence) const {
  if (point_.curve.empty()) {
    return;
  }
  text += heading("Point of no return");
  if (point_.step == 0) {
    text += fmt::format("  before the first step: all {} other continuations fail\n",
                        point_.before.samples);
    return;
  }
  if (evidence.point_of_no_return) {
    text += step_line(*evidence.point_of_no_return);
  }
  const auto counts = [](const simnet::Continuations& some) {
    return fmt::format("{} of {}", some.failed, some.samples);
  };
  text += fmt::format(
      "  Before {} {} other continuations fail; after it, {}.\n",
      point_.from == point_.step
          ? "this step"
          : fmt::format("step {} (the search was too long to come closer)", grouped(point_.from)),
      counts(point_.before),
      point_.after.step > steps_ ? "the run fails" : counts(point_.after) + " fail");
  add_curve(text);
}

// "  Share that fails, by step: 1: 20 %, 10: 15 %, 20: 100 %"
void Explanation::add_curve(std::string& text) const {
  const auto place = std::ranges::find(point_.curve, point_.from, &simnet::Continuations::step);
  auto begin = point_.curve.begin();
  begin += std::max<std::ptrdiff_t>(place - begin - std::ptrdiff_t{most_estimates / 2}, 0);
  auto end = point_.curve.end() - 1;  // the run itself
  end = begin + std::min<std::ptrdiff_t>(end - begin, std::ptrdiff_t{most_estimates});
  text += "  Share that fails, by step:";
  for (auto at = begin; at != end; ++at) {
    text += fmt::format("{} {}: {:.0f} %", at == begin ? "" : ",", grouped(at->step),
                        100 * at->share());
  }
  text += '\n';
}

void Explanation::add_consequences(std::string& text, const Diagnostics& evidence) const {
  if (!compares()) {
    return;
  }
  const std::string lines = consequences(evidence.history, default_history_.history());
  if (!lines.empty()) {
    text += heading("Consequences") + lines;
  }
}

// A check of a task depends on what its host did and received; other failures on all hosts.
void Explanation::add_difference(std::string& text, const simnet::HostEvents& events) const {
  if (!compares()) {
    return;
  }
  const bool of_all = failure_.kind == simnet::FailureKind::deadlock ||
                      failure_.kind == simnet::FailureKind::time_limit ||
                      failure_.what.ends_with(simnet::in_time);
  auto found = events.first_difference(default_events_, of_all);
  if (!found) {
    found = events.first_difference(default_events_, true);
  }
  if (found) {
    text += heading("First difference from the default run");
    text += fmt::format("  default {}\n  failing {}\n", event_text(nominal_, found->other),
                        event_text(schedule_, found->failing));
  }
}

// Replays a schedule up to an event, in a child, which ends there. Returns the line of the event.
std::string Explanation::event_text(const simnet::Schedule& schedule, std::uint64_t number) const {
  std::string text = "this host has no more events";
  if (number == 0) {
    return text;
  }
  const auto body = [&](const Parent& parent) {
    simnet::DiagnosticsCollector::Options options;
    options.until_event = number;
    options.then = [&](const Diagnostics& evidence) {
      if (const NumberedEvent* found = evidence.history.find(number); found != nullptr) {
        parent.tell(Logs{event_line(number, found->event)});
      }
      ::_exit(0);
    };
    simnet::DiagnosticsCollector gatherer(options);
    replay(schedule, {&gatherer});
  };
  run_in_child(body, [&text](const Message& message) { text = std::get<Logs>(message).line; });
  return text;
}

void Explanation::add_events(std::string& text, const Diagnostics& evidence,
                             const std::vector<std::uint64_t>& hit) const {
  const std::string faults = fault_list(evidence);
  text += faults.empty() ? "" : heading("Faults") + wrapped(faults, options_.width);
  std::vector<std::string> hosts;
  for (const simnet::HostDiagnostics& host : evidence.hosts) {
    hosts.push_back(host.name);
  }
  text += heading("Events");
  text += event_table(shown_events(evidence, hit), hosts, options_.width);
}

void Explanation::add_state(std::string& text, const Diagnostics& evidence) const {
  const sched::Instant now{evidence.time};
  std::vector<sched::TaskInfo> tasks;
  for (const simnet::HostDiagnostics& host : evidence.hosts) {
    for (sched::TaskInfo task : host.tasks) {
      task.since = now - (host.now - task.since);
      tasks.push_back(std::move(task));
    }
  }
  const std::size_t left = tasks.size() - std::min(tasks.size(), most_listed);
  tasks.resize(tasks.size() - left);
  if (!tasks.empty()) {
    text += heading("Tasks") + wrapped(task_table(tasks, now), options_.width);
  }
  text += left == 0 ? "" : fmt::format("and {} more\n", grouped(left));
  const bool any_socket = std::ranges::any_of(
      evidence.hosts, [](const simnet::HostDiagnostics& host) { return !host.sockets.empty(); });
  if (any_socket) {
    text += heading("Sockets");
    text += clipped(socket_table(evidence.hosts), options_.width);
  }
}

std::string Explanation::told(const Diagnostics& evidence, const simnet::HostEvents& events,
                              const std::string& log) const {
  std::string prose;
  add_failure(prose, evidence);
  std::vector<std::uint64_t> hit;
  add_deviations(prose, evidence, hit);
  add_decision(prose, evidence);
  add_difference(prose, events);
  add_consequences(prose, evidence);
  std::string text = wrapped(prose, options_.width);
  add_events(text, evidence, hit);
  add_state(text, evidence);
  if (!log.empty()) {
    text += heading("Log") + wrapped(log, options_.width);
  }
  return text;
}

std::string Explanation::text() {
  const RunLength length = crashes() ? length_of(scenario_, schedule_) : RunLength();
  std::string text;
  steps_ = length.end.step;
  if (!crashes()) {
    RunLog log;
    log.keep(false);
    const simnet::RunReport report = replay(schedule_, {}).report;
    steps_ = report.steps;
    if (steps_ > most_steps) {
      text = heading("Failure") +
             (options_.what.empty() ? indented(describe(report), "  ") : what_failed());
    }
  }
  if (text.empty()) {
    RunLog quiet;
    quiet.keep(false);
    find_point_of_no_return(steps_);
    run_nominally();
    text = gather(length);
  }
  return text + heading("Reproduce") + options_.again;
}

}  // namespace

std::string explain(const simnet::Scenario& scenario, const simnet::Schedule& schedule,
                    const simnet::Failure& failure, const ExplainOptions& options) {
  return Explanation(scenario, schedule, failure, options).text();
}

ExplainOptions for_stdout() {
  ExplainOptions options;
  if (::isatty(STDOUT_FILENO) != 0) {
    options.width = terminal_width(STDOUT_FILENO);
    options.bold = std::getenv("NO_COLOR") == nullptr;  // NOLINT: no thread sets it
  }
  return options;
}

}  // namespace rehearsal::harness
