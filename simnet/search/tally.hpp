// A tally is what the runs of a sweep have in common with each other: it adds up, in any order and
// in parts.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "simnet/scenario.hpp"

namespace rehearsal::simnet {

// The sites whose rate the scenario raises above the usual one, by its rates or its
// links.
[[nodiscard]] std::vector<Site> raised_sites(const Scenario& scenario);

struct Tally {
  std::uint64_t runs = 0;
  std::uint64_t failed = 0;
  std::uint64_t steps = 0;
  sched::Duration time{};    // virtual
  std::uint64_t digest = 0;  // of all runs, whatever their order
  std::map<std::string, FaultCount, std::less<>> faults;
  std::array<std::uint64_t, site_count> fired{};
  std::map<std::string, bool, std::less<>> sometimes;

  void add(const RunResult& run);
  void merge(const Tally& other);

  // What was set up and never came in any run, a line each: fault rules that are not optional,
  // sites whose rate the scenario raised, conditions that hold sometimes. REQUIRES: the runs were
  // random ones of this scenario.
  [[nodiscard]] std::vector<std::string> missing(const Scenario& scenario) const;
};

}  // namespace rehearsal::simnet
