// A search runs a scenario again and again, and learns from each run what to try next: it goes
// through schedules in an order of its own, and can say that it has seen them all.
//
// Its runs go in steps (simnet/choices/policy.hpp). A task is identified by its path. The search
// does not see what programs of different hosts share outside of the simulated network, nor what
// tasks of one host share if HostOptions::isolated_tasks says that they share nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "simnet/scenario.hpp"
#include "simnet/search/execution.hpp"
#include "simnet/search/step_order.hpp"

namespace rehearsal::simnet {

// To write one of your own, derive from it.
class Search {
 public:
  Search() = default;
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;
  virtual ~Search() = default;

  static constexpr std::size_t give_up = ~std::size_t{0};

  // Makes ready for the next run; false where none is left.
  virtual bool next() = 0;
  // The last step of `so_far` is to be chosen: gives its place in `enabled`, or give_up, which ends
  // the run as one that shows nothing new.
  virtual std::size_t step(const Execution& so_far) = 0;
  // A choice within the last step of `so_far` has so many places: gives one. 0 is nominal.
  virtual std::uint32_t outcome(const Execution& so_far, std::uint32_t places) = 0;
  // `order` is that of all steps of `run`.
  virtual void ended(const Execution& run, const StepOrder& order) = 0;
  // Whether a bound of its own kept it from schedules that exist. REQUIRES: next() gave false.
  [[nodiscard]] virtual bool bounded() const = 0;
};

struct SearchOptions {
  SearchOptions() = default;

  std::uint64_t runs = ~std::uint64_t{0};
  std::uint64_t steps = 1'000'000;  // of one run; a longer one is cut there, and not judged
  bool stop_at_failure = true;
  std::uint64_t data_seed = 1;
  // Besides 0, the values that are tried at each site of the network's timing and faults; none:
  // they stay nominal. Of Site::program every outcome is tried, unless it has more than `outcomes`:
  // such a choice stays nominal, too, and the report says so.
  std::array<std::vector<std::uint32_t>, site_count> values;
  std::uint32_t outcomes = 16;
  std::function<bool()> interrupted;  // asked before each run; none: it never is
  std::function<void(const RunResult&)> on_run;
};

enum class SearchEnd : std::uint8_t {
  complete,    // every schedule was seen, or one that only differs in the order of what commutes
  failure,     // a run failed
  runs,        // as many runs as were asked for
  steps,       // every schedule was seen, but for what lies beyond the limit of steps
  deviations,  // every schedule was seen of as many deviations as were asked for
  interrupted
};
[[nodiscard]] std::string_view name(SearchEnd end);

struct SearchReport {
  SearchEnd end = SearchEnd::complete;
  std::uint64_t runs = 0;
  std::uint64_t traces = 0;    // of the whole runs: how many differ in more than such an order
  std::uint64_t given_up = 0;  // runs that would have shown nothing new
  std::uint64_t cut = 0;       // runs that reached the limit of steps
  std::uint64_t wide = 0;      // choices that stayed nominal because they have too many outcomes
  std::uint64_t failures = 0;
  std::uint64_t failed_at = 0;       // the first failure's run, from 1
  std::optional<RunResult> failure;  // the first

  [[nodiscard]] bool complete() const { return end == SearchEnd::complete; }
  // One line for a person: "4 runs, 3 traces; all were seen".
  [[nodiscard]] std::string to_string() const;
};

SearchReport search(const Scenario& scenario, const SearchOptions& options, Search& search);

}  // namespace rehearsal::simnet
