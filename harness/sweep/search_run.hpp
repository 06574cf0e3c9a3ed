// A search through the schedules of a scenario, for `run --policy exhaustive`, `delays:2` or
// `faults:1`, and the same policies of a simulation test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/failure/failure_report.hpp"
#include "sched/base/time.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/search.hpp"

namespace rehearsal::harness {

struct SearchPlan {
  // Parses the name of a search. Returns nothing if no search has this name.
  static std::optional<SearchPlan> parse(std::string_view policy);
  // Returns the names that parse() accepts, as text for a person.
  static std::string names() { return "exhaustive, delays[:1..100], faults[:1..100]"; }

  // Searches with these options, except the number of runs, the data seed and the budget, which are
  // the plan's.
  [[nodiscard]] simnet::SearchReport search(const simnet::Scenario& scenario,
                                            simnet::SearchOptions options) const;

  enum class Kind : std::uint8_t { exhaustive, delays, faults };
  Kind kind = Kind::exhaustive;
  std::uint32_t most = 0;                  // maximum number of delays or faults in a run
  std::uint64_t runs = ~std::uint64_t{0};  // maximum number of runs
  std::uint64_t data_seed = 1;
  sched::Duration budget{};  // real time after which no run starts, but the first; 0: no limit
  FailureReportOptions report;
};

// Checks that the value of a flag is the name of a policy or of a search. Returns what is wrong, or
// an empty string.
[[nodiscard]] std::string check_policy(const std::string& text);

// Searches, prints the result, and explains the first failure. Returns the exit status: 0, that of
// the failure, or 130 if it was interrupted before.
int run_search(const simnet::Scenario& scenario, const SearchPlan& plan);

}  // namespace rehearsal::harness
