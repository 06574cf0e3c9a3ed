#include "tests/bugs/bench/table.hpp"

#include <fmt/format.h>

#include "sched/json_line.hpp"

namespace rehearsal::bugs {
namespace {

// "12", or how many sets it was found in where that was not in all: "340 (17 of 20)".
std::string cell(const PolicyFigures& figures, const BenchOptions& options) {
  const std::string sets =
      figures.found == options.sets ? "" : fmt::format("{} of {}", figures.found, options.sets);
  if (!figures.runs.median) {
    return sets;
  }
  const std::string runs = std::to_string(*figures.runs.median);
  return sets.empty() ? runs : runs + " (" + sets + ")";
}

void add(sched::JsonLine& line, const std::string& name, const Spread& spread) {
  if (spread.median) {
    line.key("median_" + name).value(*spread.median);
  }
  if (spread.most) {
    line.key("most_" + name).value(*spread.most);
  }
}

}  // namespace

std::string markdown(const std::vector<BugFigures>& bugs, const BenchOptions& options) {
  std::string header = "| bug |";
  std::string rule = "|---|";
  for (const simnet::NamedPolicy& policy : options.policies) {
    header += ' ' + policy.to_string() + " |";
    rule += "---|";
  }
  std::string text = header + " ms | deviations |\n" + rule + "---|---|\n";
  for (const BugFigures& bug : bugs) {
    text += "| " + bug.bug.kind + " |";
    for (const PolicyFigures& policy : bug.policies) {
      text += ' ' + cell(policy, options) + " |";
    }
    const PolicyFigures& first = bug.policies.front();
    const auto& time = first.microseconds.median;
    const auto& deviations = first.deviations.median;
    text += ' ' + (time ? fmt::format("{:.1f}", static_cast<double>(*time) / 1e3) : "") + " |";
    text += ' ' + (deviations ? std::to_string(*deviations) : "") + " |\n";
  }
  return text;
}

std::string json_lines(const std::vector<BugFigures>& bugs, const BenchOptions& options) {
  std::string text;
  sched::JsonLine line;
  for (const BugFigures& bug : bugs) {
    for (const PolicyFigures& policy : bug.policies) {
      line.key("bug").value(bug.bug.name);
      line.key("kind").value(bug.bug.kind);
      line.key("policy").value(policy.policy.to_string());
      line.key("sets").value(options.sets);
      line.key("found").value(policy.found);
      add(line, "runs", policy.runs);
      add(line, "microseconds", policy.microseconds);
      add(line, "deviations", policy.deviations);
      line.key("twin_runs").value(bug.twin_runs);
      line.key("false_alarms").value(std::uint64_t{bug.false_alarm ? 1U : 0U});
      line.key("example").value(bug.example);
      line.key("fails_with").value(bug.failure);
      text += line.finish();
    }
  }
  return text;
}

}  // namespace rehearsal::bugs
