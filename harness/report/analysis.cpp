#include "harness/report/analysis.hpp"

#include <unistd.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "harness/process/attempts.hpp"
#include "harness/process/child.hpp"
#include "harness/process/run_log.hpp"
#include "harness/report/run_without.hpp"
#include "harness/report/trace_text.hpp"
#include "harness/run_text.hpp"

namespace rehearsal::harness {
namespace {

using simnet::Diagnostics;
using simnet::NumberedEvent;
using Views = std::vector<std::string>;

// A longer run is not analysed, because that repeats it many times. A livelock, for one, runs up
// to the step limit.
constexpr std::uint64_t most_steps = 1'000'000;
constexpr std::size_t most_effects = 10;  // deviations whose effect is found

// Returns whether the deviation is of the program's environment. What the program or the scenario
// chose needs no explanation.
bool has_effect(const simnet::Coordinate& at) {
  return at.site != simnet::Site::program && at.site != simnet::Site::step;
}

bool is_parameter(const simnet::Coordinate& at, const Diagnostics& evidence) {
  return at.site == simnet::Site::program && at.entity.starts_with(simnet::world_prefix) &&
         evidence.parameters.contains(
             std::string_view(at.entity).substr(simnet::world_prefix.size()));
}

class Analyst {
 public:
  Analyst(const simnet::Scenario& scenario, const simnet::Schedule& schedule,
          const simnet::Failure& failure, const simnet::ContinuationBound& bound,
          const std::function<Views(const Analysis&)>& view)
      : scenario_(scenario), schedule_(schedule), failure_(failure), bound_(bound), view_(view) {
    analysis_.scenario = &scenario;
    analysis_.schedule = &schedule;
    analysis_.failure = &failure;
  }

  Views views();

 private:
  // Returns the scenario for runs that may have no end. Once the steps of the failing run are
  // known, its runs end after four times as many and 1,000.
  [[nodiscard]] simnet::Scenario bounded() const;
  simnet::RunResult replay(const simnet::Schedule& schedule,
                           std::initializer_list<simnet::RunWatcher*> watchers) const;
  [[nodiscard]] bool crashes() const { return failure_.kind == simnet::FailureKind::crash; }
  void find_point_of_no_return();
  void run_nominally();
  Views gather(const RunLength& length);
  Views complete(const Diagnostics& evidence, const simnet::HostEvents& events, std::string log);
  void add_deviations(const simnet::HostEvents& events);
  void add_difference(const simnet::HostEvents& events);
  [[nodiscard]] std::string event_text(const simnet::Schedule& schedule,
                                       std::uint64_t number) const;

  const simnet::Scenario& scenario_;
  const simnet::Schedule& schedule_;
  const simnet::Failure& failure_;
  const simnet::ContinuationBound& bound_;
  const std::function<Views(const Analysis&)>& view_;
  Analysis analysis_;
  simnet::Schedule nominal_;           // the same world, with no other deviations
  simnet::HostEvents default_events_;  // of the default run
  simnet::HistoryRecorder default_history_;
};

simnet::Scenario Analyst::bounded() const {
  simnet::Scenario bounded = scenario_;
  if (analysis_.steps != 0) {
    bounded.options.step_limit = std::min(bounded.options.step_limit, 4 * analysis_.steps + 1'000);
  }
  return bounded;
}

simnet::RunResult Analyst::replay(const simnet::Schedule& schedule,
                                  std::initializer_list<simnet::RunWatcher*> watchers) const {
  return replay_scenario(bounded(), schedule, watchers);
}

void Analyst::find_point_of_no_return() {
  // A continuation that lasts several times longer than the failing run has not failed as it did.
  const simnet::Scenario ends = bounded();
  const bool cut = ends.options.step_limit < scenario_.options.step_limit;
  Attempts attempts(ends);
  const auto proceed = [&](std::uint64_t step, std::uint64_t sample) {
    const simnet::Outcome outcome = attempts.continue_from(schedule_, step, sample);
    const bool goes_on =
        cut && outcome.failure && outcome.failure->kind == simnet::FailureKind::livelock;
    return simnet::Continued{outcome.failure && !goes_on, std::max(outcome.steps, step)};
  };
  analysis_.point = simnet::point_of_no_return(analysis_.steps, proceed, bound_);
}

void Analyst::run_nominally() {
  nominal_ = schedule_;
  std::erase_if(nominal_.deviations, [](const simnet::Deviation& one) {
    const bool of_the_world =
        one.at.site == simnet::Site::program && one.at.entity.starts_with(simnet::world_prefix);
    return !of_the_world && one.at.site != simnet::Site::step;
  });
  analysis_.has_default_run = nominal_ != schedule_;
  if (!analysis_.has_default_run) {
    return;
  }
  // A child finds out whether it crashes, which would end this process.
  const simnet::Scenario ends = bounded();
  const std::optional<simnet::Failure> failure = Attempts(ends).run(nominal_).failure;
  analysis_.default_outcome = failure ? failure->to_string() : "passes";
  if (failure && failure->kind == simnet::FailureKind::crash) {
    analysis_.default_crash = failure->what;
    return;
  }
  replay(nominal_, {&default_events_, &default_history_});
  analysis_.default_history = &default_history_.history();
}

Views Analyst::gather(const RunLength& length) {
  simnet::HostEvents events;
  simnet::DiagnosticsCollector::Options options;
  options.point_of_no_return = analysis_.point.step;
  if (!crashes()) {
    simnet::DiagnosticsCollector gatherer(options);
    RunLog log;
    replay(schedule_, {&log, &events, &gatherer});
    return complete(gatherer.evidence(), events, log.text());
  }
  // A crash is replayed in a child, which exits at the last event before the crash.
  const auto body = [&](const Parent& parent) {
    options.until_event = length.end.event;
    options.then = [&](const Diagnostics& evidence) {
      for (std::string& view : complete(evidence, events, length.log)) {
        parent.tell(Logs{std::move(view)});
      }
      ::_exit(0);
    };
    simnet::DiagnosticsCollector gatherer(options);
    replay(schedule_, {&events, &gatherer});
  };
  Views views;
  run_in_child(body,
               [&views](const Message& message) { views.push_back(std::get<Logs>(message).line); });
  return views;
}

Views Analyst::complete(const Diagnostics& evidence, const simnet::HostEvents& events,
                        std::string log) {
  analysis_.evidence = evidence;
  analysis_.log = std::move(log);
  add_deviations(events);
  add_difference(events);
  return view_(analysis_);
}

void Analyst::add_deviations(const simnet::HostEvents& events) {
  const bool of_all = depends_on_all(failure_);
  std::size_t count = 0;
  for (const simnet::AppliedDeviation& applied : analysis_.evidence.deviations) {
    AnalysedDeviation one;
    one.applied = applied;
    one.parameter = is_parameter(applied.deviation.at, analysis_.evidence);
    count += one.parameter ? 0U : 1U;
    if (!one.parameter && count <= most_effects && has_effect(applied.deviation.at)) {
      const Compared compared = compare_in_child(scenario_, schedule_, applied,
                                                 {analysis_.evidence.history, events, of_all});
      one.effect = compared.effect;
      one.without = compared.without;
    }
    analysis_.deviations.push_back(std::move(one));
  }
}

// A check of a task depends on what its host did and received; other failures on all hosts.
void Analyst::add_difference(const simnet::HostEvents& events) {
  if (!analysis_.compares()) {
    return;
  }
  auto found = events.first_difference(default_events_, depends_on_all(failure_));
  if (!found) {
    found = events.first_difference(default_events_, true);
  }
  if (found) {
    analysis_.difference = {found->failing, found->other, event_text(schedule_, found->failing),
                            event_text(nominal_, found->other)};
  }
}

// Replays a schedule up to an event, in a child, which ends there. Returns the line of the event.
std::string Analyst::event_text(const simnet::Schedule& schedule, std::uint64_t number) const {
  std::string text(no_more_events);
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

Views Analyst::views() {
  const RunLength length = crashes() ? length_of(scenario_, schedule_) : RunLength();
  analysis_.steps = length.end.step;
  if (!crashes()) {
    RunLog log;
    log.keep(false);
    const simnet::RunReport report = replay(schedule_, {}).report;
    analysis_.steps = report.steps;
    if (analysis_.steps > most_steps) {
      analysis_.too_long = describe(report);
      return view_(analysis_);
    }
  }
  RunLog quiet;
  quiet.keep(false);
  find_point_of_no_return();
  run_nominally();
  return gather(length);
}

}  // namespace

std::vector<std::string> analyse(const simnet::Scenario& scenario, const simnet::Schedule& schedule,
                                 const simnet::Failure& failure,
                                 const simnet::ContinuationBound& bound,
                                 const std::function<Views(const Analysis&)>& view) {
  return Analyst(scenario, schedule, failure, bound, view).views();
}

}  // namespace rehearsal::harness
