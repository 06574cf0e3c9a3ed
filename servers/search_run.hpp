// A search of a scenario's schedules, as `run --policy exhaustive` and `run --policy delays:2` ask
// for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "simnet/scenario.hpp"

namespace rehearsal::servers {

struct SearchPlan {
  // Nothing where no search has this name.
  static std::optional<SearchPlan> parse(std::string_view policy);
  // What parse() takes, for a person.
  static std::string names() { return "exhaustive, delays[:1..100]"; }

  std::optional<std::uint32_t> delays;  // at most so many; none: the search is exhaustive
  std::uint64_t runs = ~std::uint64_t{0};
  std::uint64_t data_seed = 1;
  std::string program;  // as it stands in the commands that are printed
};

// Prints what was found and gives the exit status: 0; 1 where a run failed; 130 where it was
// interrupted before that.
int run_search(const simnet::Scenario& scenario, const SearchPlan& plan);

}  // namespace rehearsal::servers
