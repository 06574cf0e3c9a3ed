#include "harness/sweep/search_run.hpp"

#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include "harness/failure/failure_report.hpp"
#include "harness/flags.hpp"
#include "harness/number_text.hpp"
#include "harness/process/attempts.hpp"
#include "harness/process/stop_signals.hpp"
#include "harness/report/export/replayed_run.hpp"
#include "harness/run_text.hpp"
#include "harness/sweep/search_in_child.hpp"
#include "realnet/clock.hpp"
#include "simnet/search/delay_bounded.hpp"
#include "simnet/search/exhaustive.hpp"
#include "simnet/search/faults.hpp"

namespace rehearsal::harness {
namespace {

constexpr std::uint32_t usual_delays = 2;
constexpr std::uint32_t usual_faults = 1;
constexpr std::uint64_t most_at_all = 100;  // delays or faults

int report(const simnet::Scenario& scenario, const SearchPlan& plan, const FoundFailure& found) {
  fmt::print("Reproduce\n{}\n", replay_command(plan.report.program, found.schedule.to_string(),
                                               std::string(too_long_for_a_shell)));
  return report_failure(scenario, found, plan.report);
}

// Prints what no run came to, after a search without a failing run. Returns the exit status.
int conclude(const simnet::Scenario& scenario, const Searched& searched) {
  for (const std::string& note : searched.notes) {
    fmt::print("  {}\n", note);
  }
  if (searched.end == simnet::SearchEnd::interrupted) {
    return interrupted;
  }
  for (const std::string& unreached : searched.unreached) {
    fmt::print("FAILED {}: {}\n", scenario.name, unreached);
  }
  return searched.unreached.empty() ? 0 : failed;
}

}  // namespace

std::optional<SearchPlan> SearchPlan::parse(std::string_view policy) {
  if (policy == "exhaustive") {
    return SearchPlan{};
  }
  const std::string_view name = policy.substr(0, policy.find(':'));
  SearchPlan plan;
  if (name == "delays") {
    plan.kind = Kind::delays;
    plan.most = usual_delays;
  } else if (name == "faults") {
    plan.kind = Kind::faults;
    plan.most = usual_faults;
  } else {
    return std::nullopt;
  }
  if (policy.size() == name.size()) {
    return plan;
  }
  const std::string_view digits = policy.substr(name.size() + 1);
  std::uint64_t most = 0;
  if (!parse_number(digits, most) || digits.starts_with('0') || most > most_at_all) {
    return std::nullopt;
  }
  plan.most = static_cast<std::uint32_t>(most);
  return plan;
}

simnet::SearchReport SearchPlan::search(const simnet::Scenario& scenario,
                                        simnet::SearchOptions options) const {
  options.runs = runs;
  options.data_seed = data_seed;
  if (budget != sched::Duration(0)) {
    options.interrupted = [before = std::move(options.interrupted),
                           until = realnet::monotonic_now() + budget, began = false]() mutable {
      const bool late = std::exchange(began, true) && realnet::monotonic_now() >= until;
      return late || (before && before());
    };
  }
  switch (kind) {
    case Kind::faults:
      return simnet::search_faults(scenario, most, options);
    case Kind::delays: {
      simnet::DelayBounded delays(most);
      return simnet::search(scenario, options, delays);
    }
    case Kind::exhaustive:
      break;
  }
  simnet::Exhaustive exhaustive;
  return simnet::search(scenario, options, exhaustive);
}

std::string check_policy(const std::string& text) {
  return simnet::NamedPolicy::parse(text) || SearchPlan::parse(text)
             ? std::string()
             : fmt::format("'{}' is not one of {}, {}", text, simnet::NamedPolicy::names(),
                           SearchPlan::names());
}

int run_search(const simnet::Scenario& scenario, const SearchPlan& plan) {
  StopSignals signals;
  const SearchInChild::Result result = SearchInChild(scenario, plan).run(&signals);
  if (result.crashed != 0) {
    fmt::print("FAILED {}: run {} of the search: {}", scenario.name, grouped(result.crashed),
               crash_text(result.end));
    std::fflush(stdout);
    return report(scenario, plan, {result.schedule, crash(result.end), 0});
  }
  if (!result.searched) {
    return interrupted;
  }
  const Searched& searched = *result.searched;
  fmt::print("{}{}: {}\n", searched.failure ? "FAILED " : "", scenario.name, searched.said);
  if (!searched.failure) {
    std::fputs(result.end.errors.c_str(), stderr);
    const int status = conclude(scenario, searched);
    return plan.report.files.any()
               ? write_default_run(scenario, plan.data_seed, searched.said, plan.report.program,
                                   plan.report.files, {}, status)
               : status;
  }
  const simnet::Outcome& outcome = searched.failure->outcome;
  fmt::print("  run {}: {}\n  {}, digest {:016x}\n", searched.failed_at, searched.failure->what,
             counted(outcome.deviated.size(), "deviation"), outcome.digest);
  std::fflush(stdout);
  std::fputs(result.end.errors.c_str(), stderr);
  return report(
      scenario, plan,
      {{scenario.name, plan.data_seed, outcome.deviated}, *outcome.failure, outcome.digest});
}

}  // namespace rehearsal::harness
