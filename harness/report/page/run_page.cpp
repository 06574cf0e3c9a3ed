#include "harness/report/page/run_page.hpp"

#include <array>
#include <variant>

#include "harness/process/child.hpp"
#include "harness/process/run_log.hpp"
#include "harness/run_text.hpp"
#include "simnet/trace/diagnostics.hpp"

namespace rehearsal::harness {

std::string replayed_data(const simnet::Scenario& scenario, const simnet::Schedule& schedule,
                          const std::string& outcome, const PageOptions& options) {
  const auto body = [&](const Parent& parent) {
    RunLog log;
    simnet::DiagnosticsCollector collector({});
    const std::array<simnet::RunWatcher*, 2> watchers = {&log, &collector};
    replay_scenario(scenario, schedule, watchers);
    ShownRun run;
    run.scenario = scenario.name;
    run.schedule = schedule.to_string();
    run.outcome = outcome;
    for (const simnet::HostDiagnostics& host : collector.evidence().hosts) {
      run.hosts.push_back(host.name);
    }
    run.history = &collector.evidence().history;
    run.sources = collector.evidence().sources;
    parent.tell(Logs{run_data(run, options)});
  };
  std::string data;
  run_in_child(body, [&](const Message& message) { data = std::get<Logs>(message).line; });
  return data;
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
