// The bench's figures for a planted bug: how soon each policy finds it, how many deviations remain
// after shrinking and how many runs that takes, and whether its fixed variant ever fails.
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
  std::uint64_t most_runs = 2'000;  // per search
  std::uint64_t twin_runs = 20'000;
  std::vector<simnet::NamedPolicy> policies;  // the goals apply to the first one
};

// Spread of a figure over all searches. A search that found no bug counts as the largest value.
struct Spread {
  std::optional<std::uint64_t> median;  // for an even number, the larger of the two
  std::optional<std::uint64_t> most;    // empty if a search found nothing
};

// The figures of one bug under one policy, over all seed sets.
struct PolicyFigures {
  simnet::NamedPolicy policy;
  std::uint64_t found = 0;  // number of seed sets
  Spread runs;
  Spread microseconds;  // of processor time
  Spread deviations;    // after shrinking
  Spread shrink_runs;   // that shrinking took
};

struct BugFigures {
  Bug bug;
  std::vector<PolicyFigures> policies;
  std::uint64_t twin_runs = 0;
  std::optional<Finding> false_alarm;  // in the fixed variant
  std::string example;                 // the shrunk schedule of the first policy and set
  std::string failure;                 // the failure of `example`
};

[[nodiscard]] BugFigures measure(const Bug& bug, const BenchOptions& options);

// Goals for the first policy, besides two more: it finds every bug in every seed set, and no fixed
// variant ever fails.
inline constexpr std::uint64_t most_microseconds = 5'000'000;  // per search
inline constexpr std::uint64_t most_deviations = 3;            // median
inline constexpr std::uint64_t most_shrink_runs = 300;         // median

// Returns one line for each goal that one bug misses.
[[nodiscard]] std::vector<std::string> missed_goals(const BugFigures& figures,
                                                    const BenchOptions& options);

}  // namespace rehearsal::bugs
