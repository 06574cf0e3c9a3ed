#include "harness/report/export/replayed_run.hpp"

#include <array>
#include <utility>
#include <variant>

#include "harness/process/child.hpp"
#include "harness/process/run_log.hpp"
#include "harness/run_text.hpp"
#include "simnet/trace/diagnostics.hpp"

namespace rehearsal::harness {

std::vector<std::string> replayed_contents(const simnet::Scenario& scenario,
                                           const simnet::Schedule& schedule,
                                           const std::string& outcome, const RunFiles& files,
                                           const PageOptions& options) {
  const auto body = [&](const Parent& parent) {
    RunLog log;
    simnet::DiagnosticsCollector collector({});
    const std::array<simnet::RunWatcher*, 2> watchers = {&log, &collector};
    replay_scenario(scenario, schedule, watchers);
    ShownRun run;
    run.scenario = scenario.name;
    run.schedule = schedule.to_string();
    run.outcome = outcome;
    run.take(collector.evidence());
    for (std::string& content : contents_of(files, run, options)) {
      parent.tell(Logs{std::move(content)});
    }
  };
  std::vector<std::string> contents;
  run_in_child(
      body, [&](Message& message) { contents.push_back(std::move(std::get<Logs>(message).line)); });
  return contents;
}

int write_default_run(const simnet::Scenario& scenario, std::uint64_t data_seed,
                      const std::string& outcome, const std::string& program, const RunFiles& files,
                      const std::string& sweep, int status) {
  const simnet::Schedule schedule{scenario.name, data_seed, {}};
  PageOptions page = page_options(program, schedule);
  page.sweep = sweep;
  return write_files(program, files, replayed_contents(scenario, schedule, outcome, files, page),
                     status);
}

PageOptions page_options(const std::string& program, const simnet::Schedule& schedule) {
  const std::string line = schedule.to_string();
  PageOptions options;
  options.program = program;
  options.command = replay_command(program, line, {});
  options.stop = stop_command(program, line);
  return options;
}

}  // namespace rehearsal::harness
