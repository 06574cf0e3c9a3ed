#include "servers/search_run.hpp"

#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "servers/failure_report.hpp"
#include "servers/flags.hpp"
#include "servers/run_log.hpp"
#include "servers/run_text.hpp"
#include "servers/stop_signals.hpp"
#include "simnet/delay_bounded.hpp"
#include "simnet/exhaustive.hpp"

namespace rehearsal::servers {
namespace {

constexpr std::uint32_t usual_delays = 2;
constexpr std::uint64_t most_delays = 100;

}  // namespace

std::optional<SearchPlan> SearchPlan::parse(std::string_view policy) {
  constexpr std::string_view delays = "delays";
  if (policy == "exhaustive") {
    return SearchPlan{};
  }
  SearchPlan plan;
  plan.delays = usual_delays;
  if (policy == delays) {
    return plan;
  }
  std::uint64_t most = 0;
  if (!policy.starts_with(delays) || !policy.substr(delays.size()).starts_with(':') ||
      !parse_number(policy.substr(delays.size() + 1), most) || most < 1 || most > most_delays) {
    return std::nullopt;
  }
  plan.delays = static_cast<std::uint32_t>(most);
  return plan;
}

int run_search(const simnet::Scenario& scenario, const SearchPlan& plan) {
  std::unique_ptr<simnet::Search> search;
  if (plan.delays) {
    search = std::make_unique<simnet::DelayBounded>(*plan.delays);
  } else {
    search = std::make_unique<simnet::Exhaustive>(simnet::Exhaustive::Reduction::none);
  }
  StopSignals signals;
  simnet::SearchOptions options;
  options.runs = plan.runs;
  options.data_seed = plan.data_seed;
  options.interrupted = [&signals] { return signals.came(); };
  simnet::SearchReport report;
  {
    RunLog log;
    log.keep(false);  // the run that fails is repeated
    report = simnet::search(scenario, options, *search);
  }
  fmt::print("{}{}: {}\n", report.failures == 0 ? "" : "FAILED ", scenario.name,
             report.to_string());
  if (report.failure) {
    const simnet::RunResult& failure = *report.failure;
    fmt::print("  run {}: {}\n  {} deviations, digest {:016x}\n  replay it:\n{}\n",
               report.failed_at, describe(failure.report), failure.schedule.deviations.size(),
               failure.report.digest,
               replay_command(plan.program, failure.schedule.to_string(),
                              "(the line is too long for a shell)"));
    signals.release();
    FailureReportOptions reporting;
    reporting.program = plan.program;
    reporting.shrinks = plan.shrinks;
    reporting.bound = plan.bound;
    return report_failure(
        scenario, {failure.schedule, *failure.report.failure(), failure.report.digest}, reporting);
  }
  std::fflush(stdout);
  return report.end == simnet::SearchEnd::interrupted ? interrupted : 0;
}

}  // namespace rehearsal::servers
