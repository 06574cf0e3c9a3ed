// What the bench measures of a planted bug: how soon each policy finds it, what is left of the
// finding once it is shrunk, and whether its fixed twin is ever blamed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/corpus/bugs/bench/search.hpp"
#include "tests/corpus/bugs/planted/bugs.hpp"

namespace rehearsal::bugs {

struct BenchOptions {
  BenchOptions() = default;

  std::uint64_t sets = 20;
  std::uint64_t most_runs = 2'000;  // of one search
  std::uint64_t twin_runs = 20'000;
  std::vector<simnet::NamedPolicy> policies;  // the first one is the one that is to find everything
};

// Of a figure of each search; one that found nothing has none, and counts as the largest.
struct Spread {
  std::optional<std::uint64_t> median;  // of an even number the larger of the two
  std::optional<std::uint64_t> most;    // nothing: some search has none
};

// Of one bug and policy, over all seed sets.
struct PolicyFigures {
  simnet::NamedPolicy policy;
  std::uint64_t found = 0;  // sets
  Spread runs;
  Spread microseconds;  // of processor time
  Spread deviations;    // after shrinking
};

struct BugFigures {
  Bug bug;
  std::vector<PolicyFigures> policies;
  std::uint64_t twin_runs = 0;
  std::optional<Finding> false_alarm;  // in the twin
  std::string example;                 // the shrunk schedule of the first policy and set
  std::string failure;                 // what it fails with
};

[[nodiscard]] BugFigures measure(const Bug& bug, const BenchOptions& options);

// What the bench is to show of the first policy, besides that it finds every bug in every seed set
// and that no twin ever fails.
inline constexpr std::uint64_t most_microseconds = 5'000'000;  // of a search
inline constexpr std::uint64_t most_deviations = 3;            // in the median

// What it does not show, of one bug; a line for each.
[[nodiscard]] std::vector<std::string> missed_goals(const BugFigures& figures,
                                                    const BenchOptions& options);

}  // namespace rehearsal::bugs
