// A search of a scenario's schedules, as `run --policy exhaustive`, `run --policy delays:2` and the
// policies of a rehearsed test ask for it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/report/failure_report.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/search.hpp"

namespace rehearsal::harness {

struct SearchPlan {
  // Nothing where no search has this name.
  static std::optional<SearchPlan> parse(std::string_view policy);
  // What parse() takes, for a person.
  static std::string names() { return "exhaustive, delays[:1..100]"; }

  // For one search.
  [[nodiscard]] std::unique_ptr<simnet::Search> search() const;

  std::optional<std::uint32_t> delays;  // at most so many; none: the search is exhaustive
  std::uint64_t runs = ~std::uint64_t{0};
  std::uint64_t data_seed = 1;
  FailureReportOptions report;
};

// A check of a flag: the name of a policy, or of a search.
[[nodiscard]] std::string check_policy(const std::string& text);

// Prints what was found, explains the first failure, and gives the exit status: 0; that of the
// failure; 130 where it was interrupted before that.
int run_search(const simnet::Scenario& scenario, const SearchPlan& plan);

}  // namespace rehearsal::harness
