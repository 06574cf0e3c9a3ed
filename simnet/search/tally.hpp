// A tally sums up the runs of a sweep. Tallies can be added in any order and merged from parts.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "simnet/scenario.hpp"

namespace rehearsal::simnet {

// Returns the sites whose rate the scenario raises above the default, by its rates or by its links.
[[nodiscard]] std::vector<Site> raised_sites(const Scenario& scenario);

// A run of a sweep, by its length.
struct LongRun {
  std::uint64_t steps = 0;
  std::uint64_t seed = 0;
  bool failed = false;

  friend bool operator==(const LongRun&, const LongRun&) = default;
};

struct Tally {
  static constexpr std::size_t most_longest = 5;

  std::uint64_t runs = 0;
  std::uint64_t failed = 0;
  std::uint64_t steps = 0;
  sched::Duration time{};    // virtual
  std::uint64_t digest = 0;  // of all runs, independent of their order
  std::map<std::string, FaultCount, std::less<>> faults;
  std::array<std::uint64_t, site_count> fired{};
  std::map<std::string, bool, std::less<>> sometimes;
  // By the names of `sometimes`: whether it was evaluated after a task had run.
  std::map<std::string, bool, std::less<>> sometimes_late;
  // By Planned::to_string(): whether a run came to it. Those that a failing run did not come to do
  // not count.
  std::map<std::string, bool, std::less<>> planned;
  // In how many runs that passed each program had not ended (RunResult::unended).
  std::map<std::string, std::uint64_t, std::less<>> unended;

  // The longest runs that were given to note_length(), the longest first.
  std::vector<LongRun> longest;

  void add(const RunResult& run);
  // Notes the run of a seed if it is one of the longest.
  void note_length(std::uint64_t seed, const RunResult& run);
  void merge(const Tally& other);
  // Returns how many things some run came to: sites that deviated, fault rules that had an effect,
  // conditions of sometimes() that held, checks and actions.
  [[nodiscard]] std::uint64_t reached() const;

  // Returns one line for each thing that was set up and never occurred in any run: fault rules that
  // are not optional, sites whose rate the scenario raises, never_held() and unreached(). REQUIRES:
  // the runs were random runs of this scenario.
  [[nodiscard]] std::vector<std::string> missing(const Scenario& scenario) const;
  // Returns one line for each sometimes() condition that held in no run.
  [[nodiscard]] std::vector<std::string> never_held() const;
  // Returns one line for each invariant, eventual condition and action that no run came to.
  [[nodiscard]] std::vector<std::string> unreached() const;
  // Returns one line for each sometimes() condition that held, but was only evaluated before a task
  // ran, and for each program that had not ended in any run that passed.
  [[nodiscard]] std::vector<std::string> notes() const;
  // Returns never_held() and notes(): a search leaves out many faults or orders, so a condition may
  // well never hold.
  [[nodiscard]] std::vector<std::string> search_notes() const;

 private:
  [[nodiscard]] bool is_late(std::string_view sometimes) const;
};

}  // namespace rehearsal::simnet
