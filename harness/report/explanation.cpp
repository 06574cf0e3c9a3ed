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

constexpr std::size_t most_deviations = 40;  // described in sentences
constexpr std::size_t most_listed = 60;      // tasks in the table
constexpr std::size_t most_estimates = 12;   // shares of failing continuations in the text

// "  in task client-0/talk, step 3, event 12, at 1.500 ms (resumed at io.hpp:9 < echo.hpp:30)"
std::string step_line(const NumberedEvent& step) {
  return fmt::format("  in task {}, step {}, event {}, at {}{}\n", step.event.task,
                     grouped(step.step), grouped(step.number),
                     exact(step.event.t.time_since_epoch()),
                     step.frames.empty() ? "" : " (resumed at " + step.frames + ')');
}

class Explanation {
 public:
  Explanation(const Analysis& analysis, const ExplainOptions& options)
      : analysis_(analysis),
        evidence_(analysis.evidence),
        failure_(*analysis.failure),
        options_(options) {}

  [[nodiscard]] std::string text() const;

 private:
  [[nodiscard]] std::string what_failed() const;
  void add_failure(std::string& text) const;
  void add_last_call(std::string& text, const std::string& task) const;
  void add_deviations(std::string& text) const;
  void add_decision(std::string& text) const;
  void add_curve(std::string& text) const;
  void add_difference(std::string& text) const;
  void add_consequences(std::string& text) const;
  void add_events(std::string& text) const;
  void add_state(std::string& text) const;
  [[nodiscard]] std::string heading(std::string_view words) const;

  const Analysis& analysis_;
  const Diagnostics& evidence_;
  const simnet::Failure& failure_;
  const ExplainOptions& options_;
};

std::string Explanation::heading(std::string_view words) const {
  return options_.bold ? fmt::format("\n\x1b[1m{}\x1b[0m\n", words) : fmt::format("\n{}\n", words);
}

std::string Explanation::what_failed() const {
  return indented(options_.what.empty() ? failure_.what : options_.what, "  ");
}

void Explanation::add_failure(std::string& text) const {
  text += heading("Failure") + what_failed();
  if (!failure_.where.empty()) {
    const bool deadlock = failure_.kind == simnet::FailureKind::deadlock;
    text += fmt::format("  {} {}\n", deadlock ? "waiting at" : "check at", failure_.where);
  }
  if (!evidence_.failing_step) {
    return;
  }
  text += step_line(*evidence_.failing_step);
  if (failure_.kind == simnet::FailureKind::property && failure_.where.empty()) {
    add_last_call(text, evidence_.failing_step->event.task);
  }
}

// An exception does not contain the line at which it was thrown.
void Explanation::add_last_call(std::string& text, const std::string& task) const {
  Found last = nullptr;
  for (const NumberedEvent& one : evidence_.history) {
    last = one.event.task == task && is_call(one.event) ? &one : last;
  }
  if (last != nullptr) {
    text += fmt::format("  last call: {}\n", act(*last));
  }
}

void Explanation::add_deviations(std::string& text) const {
  std::string list;
  std::size_t count = 0;
  for (const AnalysedDeviation& one : analysis_.deviations) {
    if (one.parameter) {
      continue;
    }
    if (++count <= most_deviations) {
      list += fmt::format("  {}. {}\n", count, sentence(one.applied));
    }
    list += one.effect.text.empty() ? "" : fmt::format("     {}\n", one.effect.text);
  }
  if (count > most_deviations) {
    list += fmt::format("  and {} more\n", grouped(count - most_deviations));
  }
  text += heading(analysis_.has_default_run
                      ? fmt::format("Cause: {} from the default run", counted(count, "deviation"))
                      : "Cause");
  for (const auto& [name, value] : evidence_.parameters) {
    text += fmt::format("  {} = {}\n", name, value);
  }
  if (analysis_.schedule->deviations.empty()) {
    text += "  no deviations: the default run fails\n";
  } else if (!analysis_.has_default_run) {
    text += "  no delay and no fault: the run fails with these choices of the scenario alone\n";
  } else if (!analysis_.default_crash.empty()) {
    text += fmt::format("  not compared with the default run, which crashes: {}\n",
                        analysis_.default_crash);
  }
  text += list;
}

void Explanation::add_decision(std::string& text) const {
  if (analysis_.point.curve.empty()) {
    return;
  }
  text += heading("Point of no return");
  if (analysis_.point.step == 0) {
    text += fmt::format("  before the first step: all {} other continuations fail\n",
                        analysis_.point.before.samples);
    return;
  }
  if (evidence_.point_of_no_return) {
    text += step_line(*evidence_.point_of_no_return);
  }
  const auto counts = [](const simnet::Continuations& some) {
    return fmt::format("{} of {}", some.failed, some.samples);
  };
  text += fmt::format("  Before {} {} other continuations fail; after it, {}.\n",
                      analysis_.point.from == analysis_.point.step
                          ? "this step"
                          : fmt::format("step {} (the search was too long to come closer)",
                                        grouped(analysis_.point.from)),
                      counts(analysis_.point.before),
                      analysis_.point.after.step > analysis_.steps
                          ? "the run fails"
                          : counts(analysis_.point.after) + " fail");
  add_curve(text);
}

// "  Share that fails, by step: 1: 20 %, 10: 15 %, 20: 100 %"
void Explanation::add_curve(std::string& text) const {
  const auto place =
      std::ranges::find(analysis_.point.curve, analysis_.point.from, &simnet::Continuations::step);
  auto begin = analysis_.point.curve.begin();
  begin += std::max<std::ptrdiff_t>(place - begin - std::ptrdiff_t{most_estimates / 2}, 0);
  auto end = analysis_.point.curve.end() - 1;  // the run itself
  end = begin + std::min<std::ptrdiff_t>(end - begin, std::ptrdiff_t{most_estimates});
  text += "  Share that fails, by step:";
  for (auto at = begin; at != end; ++at) {
    text += fmt::format("{} {}: {:.0f} %", at == begin ? "" : ",", grouped(at->step),
                        100 * at->share());
  }
  text += '\n';
}

void Explanation::add_consequences(std::string& text) const {
  if (!analysis_.compares()) {
    return;
  }
  const std::string lines = consequences(evidence_.history, *analysis_.default_history);
  if (!lines.empty()) {
    text += heading("Consequences") + lines;
  }
}

void Explanation::add_difference(std::string& text) const {
  if (const auto& found = analysis_.difference; found) {
    text += heading("First difference from the default run");
    text += fmt::format("  default {}\n  failing {}\n", found->other_line, found->failing_line);
  }
}

void Explanation::add_events(std::string& text) const {
  const std::string faults = fault_list(evidence_);
  text += faults.empty() ? "" : heading("Faults") + wrapped(faults, options_.width);
  std::vector<std::string> hosts;
  for (const simnet::HostDiagnostics& host : evidence_.hosts) {
    hosts.push_back(host.name);
  }
  std::vector<std::uint64_t> hit;
  for (const AnalysedDeviation& one : analysis_.deviations) {
    hit.insert(hit.end(), one.effect.events.begin(), one.effect.events.end());
  }
  text += heading("Events");
  text += event_table(shown_events(evidence_, hit), hosts, options_.width);
}

void Explanation::add_state(std::string& text) const {
  const sched::Instant now{evidence_.time};
  std::vector<sched::TaskInfo> tasks;
  for (const simnet::HostDiagnostics& host : evidence_.hosts) {
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
      evidence_.hosts, [](const simnet::HostDiagnostics& host) { return !host.sockets.empty(); });
  if (any_socket) {
    text += heading("Sockets");
    text += clipped(socket_table(evidence_.hosts), options_.width);
  }
}

std::string Explanation::text() const {
  if (!analysis_.too_long.empty()) {
    return heading("Failure") +
           (options_.what.empty() ? indented(analysis_.too_long, "  ") : what_failed());
  }
  std::string prose;
  add_failure(prose);
  add_deviations(prose);
  add_decision(prose);
  add_difference(prose);
  add_consequences(prose);
  std::string text = wrapped(prose, options_.width);
  add_events(text);
  add_state(text);
  if (!analysis_.log.empty()) {
    text += heading("Log") + wrapped(analysis_.log, options_.width);
  }
  return text;
}

}  // namespace

std::string explanation(const Analysis& analysis, const ExplainOptions& options) {
  return Explanation(analysis, options).text();
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
