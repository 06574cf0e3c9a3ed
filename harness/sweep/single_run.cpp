#include "harness/sweep/single_run.hpp"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <fstream>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/flags.hpp"
#include "harness/gdb/gdb.hpp"
#include "harness/number_text.hpp"
#include "harness/process/attempts.hpp"
#include "harness/process/run_log.hpp"
#include "harness/report/export/replayed_run.hpp"
#include "harness/report/trace_files.hpp"
#include "harness/report/trace_text.hpp"
#include "harness/run_text.hpp"
#include "sched/base/check.hpp"
#include "sched/core/task_table.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/network/fabric.hpp"
#include "simnet/trace/trace_recorder.hpp"

namespace rehearsal::harness {
namespace {

constexpr std::size_t events_before = 20;     // events printed of a run that ends at an event
constexpr std::size_t most_not_applied = 10;  // deviations printed that were not applied

// Ends the run at an event. Its text has the events before it, and the state of each task.
class StopsAt final : public simnet::RunWatcher {
 public:
  explicit StopsAt(std::uint64_t until)
      : until_(until),
        teller_([this](simnet::World& world, std::uint64_t number,
                       const simnet::TraceEvent& event) { happens(world, number, event); }) {}
  void begins(simnet::World& world) override { teller_.begins(world); }
  void ends(simnet::World& world, const simnet::RunReport& report) override {
    teller_.ends(world, report);
    for (const std::string& line : lines_) {
      text_ += line + '\n';
    }
    if (!reached_) {
      text_ += fmt::format("the run has only {}\n", counted(world.fabric().events, "event"));
      return;
    }
    std::vector<sched::TaskInfo> tasks;
    for (std::uint32_t i = 0; i < world.fabric().size(); ++i) {
      std::ranges::copy(world.host(world.fabric().kernel(i).name()).tasks(),
                        std::back_inserter(tasks));
    }
    text_ += task_table(tasks, world.now());
  }
  [[nodiscard]] bool reached() const { return reached_; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void happens(simnet::World& world, std::uint64_t number, const simnet::TraceEvent& event) {
    if (number > until_) {
      return;  // further events of the same step
    }
    lines_.push_back(event_line(number, event));
    if (lines_.size() > events_before) {
      lines_.pop_front();
    }
    if (number == until_) {
      reached_ = true;
      world.fail("stopped here");  // a failure ends every kind of run
    }
  }

  std::uint64_t until_;
  simnet::EventReporter teller_;
  std::deque<std::string> lines_;
  std::string text_;
  bool reached_ = false;
};

// A run to do: its name, the command that repeats it, the header of its trace, its start, and the
// run of a seed that it repeats, if that is known.
struct Run {
  std::string what;
  std::string command;
  simnet::TraceHeader header;
  std::function<simnet::RunResult(simnet::RunWatchers)> start;
  std::optional<simnet::SeededRun> seeded;
};

class SingleRun {
 public:
  SingleRun(const simnet::Scenario& scenario, const SingleRunOptions& options, Run run)
      : scenario_(scenario),
        options_(options),
        run_(std::move(run)),
        stops_(options.until),
        reached_(options.reach) {}

  int run() {
    return options_.isolated ? run_isolated() : static_cast<int>(run_here({&log_}).status);
  }

 private:
  RunEnded run_here(std::vector<simnet::RunWatcher*> watchers);
  int run_isolated();
  int conclude(const simnet::RunResult& result);
  int check_digest(const simnet::RunResult& result);
  [[nodiscard]] bool stops_asked() const { return options_.until != 0; }

  const simnet::Scenario& scenario_;
  const SingleRunOptions& options_;
  Run run_;
  RunLog log_;
  StopsAt stops_;
  CallsReached reached_;
};

int SingleRun::run_isolated() {
  const ChildRun run =
      run_in_child(scenario_, run_.header.data_seed,
                   [this](simnet::RunWatcher& deviations, const Parent& /*parent*/) {
                     return run_here({&log_, &deviations});
                   });
  if (!run.ended) {
    fmt::print("FAILED {}: {}", run_.what, crash_text(run.end));
    fmt::print("  {}\n", counted(run.schedule.deviations.size(), "deviation"));
    if (!options_.trace_file.empty()) {
      // The process may have died with a part of the trace.
      const std::string wrong = write_trace(scenario_, run.schedule, options_.trace_file);
      fmt::print(stderr, "{}", wrong.empty() ? "" : options_.report.program + ": " + wrong + '\n');
    }
    return report_failure(scenario_, {run.schedule, crash(run.end), 0, run_.seeded},
                          options_.report);
  }
  std::fputs(run.end.errors.c_str(), stderr);
  const simnet::Outcome& outcome = run.ended->outcome;
  const RunFiles& files = options_.report.files;
  if (!outcome.failure && files.any()) {
    const std::string& program = options_.report.program;
    return write_files(program, files,
                       replayed_contents(scenario_, run.schedule, "passed", files,
                                         page_options(program, run.schedule)),
                       static_cast<int>(run.ended->status));
  }
  if (!outcome.failure || stops_asked()) {
    return static_cast<int>(run.ended->status);
  }
  return report_failure(scenario_, {run.schedule, *outcome.failure, outcome.digest, run_.seeded},
                        options_.report);
}

RunEnded SingleRun::run_here(std::vector<simnet::RunWatcher*> watchers) {
  std::ofstream trace;
  std::optional<simnet::TraceRecorder> recorder;
  if (!options_.trace_file.empty()) {
    trace.open(options_.trace_file, std::ios::binary);
    recorder.emplace(trace, run_.header);
    watchers.push_back(&*recorder);
  }
  if (stops_asked()) {
    watchers.push_back(&stops_);
  }
  if (options_.reach != 0) {
    watchers.push_back(&reached_);
  }
  const sched::CheckNote note(run_.command);
  const simnet::RunResult result = run_.start(watchers);
  int status = conclude(result);
  if (!options_.trace_file.empty()) {
    trace.close();
    if (!trace) {
      fmt::print(
          stderr,
          "{}: {}: the trace cannot be written; check the folder and the space on the disk\n",
          options_.report.program, options_.trace_file);
      status = bad_input;
    }
  }
  std::fflush(stdout);
  return {simnet::outcome_of(result), static_cast<std::uint64_t>(status), {}};
}

int SingleRun::conclude(const simnet::RunResult& result) {
  if (stops_.reached()) {
    fmt::print("{}, until event {}\n{}", run_.what, options_.until, stops_.text());
    return 0;
  }
  const bool ok = result.report.ok();
  fmt::print("{}{}: {}\n", ok ? "" : "FAILED ", run_.what, describe(result.report));
  fmt::print("  {}, digest {:016x}\n", counted(result.schedule.deviations.size(), "deviation"),
             result.report.digest);
  for (const simnet::FaultCount& fault : result.faults) {
    fmt::print("  fault {}: fired {} of {} times, had an effect {} times\n", fault.name,
               grouped(fault.fired), grouped(fault.matched), grouped(fault.mattered));
  }
  for (std::size_t i = 0; i < std::min(result.not_applied.size(), most_not_applied); ++i) {
    fmt::print("  not applied: {}\n", result.not_applied[i].to_string());
  }
  if (result.not_applied.size() > most_not_applied) {
    fmt::print("  and {} more not applied\n", result.not_applied.size() - most_not_applied);
  }
  if (!result.not_applied.empty()) {
    fmt::print("  the schedule is stale: this run makes no such choices\n");
  }
  if (ok) {
    fmt::print("{}", unreached_text(result));
  }
  if (stops_asked()) {
    fmt::print("{}", stops_.text());
  }
  if (!ok && (!options_.isolated || stops_asked())) {  // otherwise report_failure() prints it
    const std::string log = log_.text();
    fmt::print("{}{}", log.empty() ? "" : "Log\n", indented(log, "  "));
    fmt::print("Reproduce\n{}\n",
               replay_command(options_.report.program, result.schedule.to_string(), run_.command));
  }
  const int digest = check_digest(result);
  return ok ? digest : exit_status(result.report.failure()->kind);
}

int SingleRun::check_digest(const simnet::RunResult& result) {
  if (!options_.digest || *options_.digest == result.report.digest) {
    return 0;
  }
  fmt::print("FAILED {}: the digest differs from {:016x}, that of the trace\n", scenario_.name,
             *options_.digest);
  return nondeterministic;
}

}  // namespace

int run_once(const simnet::Scenario& scenario, const simnet::SeededRun& how,
             const SingleRunOptions& options) {
  const std::vector<std::uint64_t> crashes = crashes_before(scenario, how);
  simnet::TraceHeader header;
  header.scenario = scenario.name;
  header.data_seed = how.seed;
  header.policy = how.policy.to_string();
  header.seed = how.seed;
  return SingleRun(scenario, options,
                   {fmt::format("{}, seed {}", scenario.name, how.seed),
                    run_command(options.report.program, scenario.name, how), header,
                    [&](simnet::RunWatchers watchers) {
                      return run_seed(scenario, how, crashes, watchers);
                    },
                    how})
      .run();
}

int replay_once(const simnet::Scenario& scenario, const simnet::Schedule& schedule,
                const SingleRunOptions& options) {
  const simnet::TraceHeader header = replay_header(schedule);
  const std::string command = fmt::format("{} replay {}", shell_quoted(options.report.program),
                                          shell_quoted(header.schedule));
  return SingleRun(scenario, options,
                   {fmt::format("{}, replayed", scenario.name), command, header,
                    [&](simnet::RunWatchers watchers) {
                      return replay_scenario(scenario, schedule, watchers);
                    },
                    options.seeded})
      .run();
}

}  // namespace rehearsal::harness
