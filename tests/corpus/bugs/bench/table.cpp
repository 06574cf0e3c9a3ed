#include "tests/corpus/bugs/bench/table.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "simnet/trace/json_line.hpp"

namespace rehearsal::bugs {
namespace {

// Returns "12", or "340 (17 of 20)" if only 17 of the 20 searches found the bug.
std::string cell(const PolicyFigures& figures, const BenchOptions& options) {
  const std::string sets =
      figures.found == options.sets ? "" : fmt::format("{} of {}", figures.found, options.sets);
  if (!figures.runs.median) {
    return sets;
  }
  const std::string runs = std::to_string(*figures.runs.median);
  return sets.empty() ? runs : runs + " (" + sets + ")";
}

std::string milliseconds(const std::optional<std::uint64_t>& microseconds) {
  return microseconds ? fmt::format("{:.1f}", static_cast<double>(*microseconds) / 1e3) : "";
}

std::string number(const std::optional<std::uint64_t>& figure) {
  return figure ? std::to_string(*figure) : "";
}

// Returns a table with a column for each policy, followed by the columns `besides`.
template <class Row>
std::string table(const std::vector<BugFigures>& bugs, const BenchOptions& options,
                  std::string_view besides, Row&& row) {
  std::string header = "| bug |";
  std::string rule = "|---|";
  for (const simnet::NamedPolicy& policy : options.policies) {
    header += ' ' + policy.to_string() + " |";
    rule += "---|";
  }
  for (const char c : besides) {
    rule += c == '|' ? "---|" : "";
  }
  std::string text = header + std::string(besides) + '\n' + rule + '\n';
  for (const BugFigures& bug : bugs) {
    text += "| " + bug.bug.kind + " |";
    for (const std::string& cell : row(bug)) {
      text += ' ' + cell + " |";
    }
    text += '\n';
  }
  return text;
}

template <class Cell>
std::vector<std::string> cells(const BugFigures& bug, Cell&& cell) {
  std::vector<std::string> all;
  for (const PolicyFigures& policy : bug.policies) {
    all.push_back(cell(policy));
  }
  return all;
}

// Returns the largest value of `figure` among the bugs that have one.
template <class Figure>
std::uint64_t largest(const std::vector<BugFigures>& bugs, Figure&& figure) {
  std::uint64_t most = 0;
  for (const BugFigures& bug : bugs) {
    most = std::max(most, figure(bug.policies.front()).value_or(0));
  }
  return most;
}

void add(simnet::JsonLine& line, const std::string& name, const Spread& spread) {
  if (spread.median) {
    line.key("median_" + name).value(*spread.median);
  }
  if (spread.most) {
    line.key("most_" + name).value(*spread.most);
  }
}

}  // namespace

std::string markdown(const std::vector<BugFigures>& bugs, const BenchOptions& options) {
  return table(
      bugs, options, " ms | shrink runs | deviations |", [&options](const BugFigures& bug) {
        auto row = cells(bug, [&options](const auto& policy) { return cell(policy, options); });
        const PolicyFigures& first = bug.policies.front();
        row.push_back(milliseconds(first.microseconds.median));
        row.push_back(number(first.shrink_runs.median));
        row.push_back(number(first.deviations.median));
        return row;
      });
}

std::string times(const std::vector<BugFigures>& bugs, const BenchOptions& options) {
  return table(bugs, options, "", [](const BugFigures& bug) {
    return cells(bug, [](const auto& policy) { return milliseconds(policy.microseconds.median); });
  });
}

std::string deviations(const std::vector<BugFigures>& bugs, const BenchOptions& options) {
  return table(bugs, options, "", [](const BugFigures& bug) {
    return cells(bug, [](const auto& policy) { return number(policy.deviations.median); });
  });
}

std::string goals(const std::vector<BugFigures>& bugs, const BenchOptions& options) {
  const std::string first = options.policies.front().to_string();
  std::uint64_t found = 0;
  std::uint64_t alarms = 0;
  for (const BugFigures& bug : bugs) {
    found += bug.policies.front().found;
    alarms += bug.false_alarm ? 1U : 0U;
  }
  const std::uint64_t searches = options.sets * bugs.size();
  const auto runs = largest(bugs, [](const PolicyFigures& of) { return of.runs.most; });
  const auto time = largest(bugs, [](const PolicyFigures& of) { return of.microseconds.most; });
  const auto left = largest(bugs, [](const PolicyFigures& of) { return of.deviations.median; });
  const auto shrunk = largest(bugs, [](const PolicyFigures& of) { return of.shrink_runs.median; });
  const auto line = [](bool met, const std::string& goal) {
    return (met ? "met: " : "MISSED: ") + goal + '\n';
  };
  return line(found == searches,
              fmt::format("{} finds each bug in each seed set within {} runs: {} of {} searches, "
                          "the longest of which took {}",
                          first, options.most_runs, found, searches, runs)) +
         line(time <= most_microseconds,
              fmt::format("within {} s: {:.1f} ms at most", most_microseconds / 1'000'000,
                          static_cast<double>(time) / 1e3)) +
         line(left <= most_deviations,
              fmt::format("and shrinks it to {} deviations or fewer in the median: {} at most",
                          most_deviations, left)) +
         line(shrunk <= most_shrink_runs,
              fmt::format("with {} runs or fewer in the median: {} at most", most_shrink_runs,
                          shrunk)) +
         line(alarms == 0, fmt::format("no fixed variant fails in {} runs: {} of {} do",
                                       options.twin_runs, alarms, bugs.size()));
}

std::string json_lines(const std::vector<BugFigures>& bugs, const BenchOptions& options) {
  std::string text;
  simnet::JsonLine line;
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
      add(line, "shrink_runs", policy.shrink_runs);
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
