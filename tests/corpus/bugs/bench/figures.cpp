#include "tests/corpus/bugs/bench/figures.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace rehearsal::bugs {
namespace {

using simnet::NamedPolicy;
using simnet::Scenario;

constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();

// REQUIRES: `figures` is not empty.
Spread spread_of(std::vector<std::uint64_t> figures) {
  std::ranges::sort(figures);
  const auto known = [](std::uint64_t figure) {
    return figure == none ? std::nullopt : std::optional(figure);
  };
  return {known(figures[figures.size() / 2]), known(figures.back())};
}

PolicyFigures measure(const Scenario& scenario, const NamedPolicy& policy,
                      const BenchOptions& options, BugFigures& bug) {
  PolicyFigures figures;
  figures.policy = policy;
  std::vector<std::uint64_t> runs;
  std::vector<std::uint64_t> microseconds;
  std::vector<std::uint64_t> deviations;
  std::vector<std::uint64_t> shrink_runs;
  for (std::uint64_t set = 0; set < options.sets; ++set) {
    const auto found = find(scenario, policy, {set, options.most_runs});
    if (!found) {
      runs.push_back(none);
      microseconds.push_back(none);
      deviations.push_back(none);
      shrink_runs.push_back(none);
      continue;
    }
    ++figures.found;
    const simnet::Shrunk shrunk = shrunk_finding(*found, scenario);
    runs.push_back(found->runs);
    microseconds.push_back(found->microseconds);
    deviations.push_back(shrunk.schedule.deviations.size());
    shrink_runs.push_back(shrunk.runs);
    if (bug.example.empty()) {
      bug.example = shrunk.schedule.to_string();
      bug.failure = shrunk.failure ? shrunk.failure->to_string() : "";
    }
  }
  figures.runs = spread_of(std::move(runs));
  figures.microseconds = spread_of(std::move(microseconds));
  figures.deviations = spread_of(std::move(deviations));
  figures.shrink_runs = spread_of(std::move(shrink_runs));
  return figures;
}

}  // namespace

BugFigures measure(const Bug& bug, const BenchOptions& options) {
  BugFigures figures;
  figures.bug = bug;
  const Scenario buggy = scenario_of(bug, Version::buggy);
  for (const NamedPolicy& policy : options.policies) {
    figures.policies.push_back(measure(buggy, policy, options, figures));
  }
  figures.twin_runs = options.twin_runs;
  figures.false_alarm =
      find(scenario_of(bug, Version::fixed), options.policies.front(), {0, options.twin_runs});
  return figures;
}

std::vector<std::string> missed_goals(const BugFigures& figures, const BenchOptions& options) {
  std::vector<std::string> missed;
  const PolicyFigures& first = figures.policies.front();
  const std::string what = figures.bug.name + ": " + first.policy.to_string();
  if (first.found != options.sets) {
    missed.push_back(fmt::format("{} finds it in {} of {} seed sets within {} runs", what,
                                 first.found, options.sets, options.most_runs));
  } else if (*first.microseconds.most > most_microseconds) {
    missed.push_back(fmt::format("{} takes up to {} us, more than {}", what,
                                 *first.microseconds.most, most_microseconds));
  }
  if (first.deviations.median && *first.deviations.median > most_deviations) {
    missed.push_back(fmt::format("{}: {} deviations are left, in the median, more than {}", what,
                                 *first.deviations.median, most_deviations));
  }
  if (first.shrink_runs.median && *first.shrink_runs.median > most_shrink_runs) {
    missed.push_back(fmt::format("{}: shrinking takes {} runs in the median, more than {}", what,
                                 *first.shrink_runs.median, most_shrink_runs));
  }
  if (figures.false_alarm) {
    missed.push_back(fmt::format("{}: its fixed variant fails: {}: {}", what,
                                 figures.false_alarm->failure.to_string(),
                                 figures.false_alarm->schedule.to_string()));
  }
  return missed;
}

}  // namespace rehearsal::bugs
