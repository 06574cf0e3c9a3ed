// A search runs a scenario again and again, and uses each run to decide what to try next. It visits
// schedules systematically, and can report that it has seen all of them.
//
// Its runs are steered (simnet/choices/policy.hpp). A task is identified by its path. The search
// does not see what programs of different hosts share outside of the simulated network. Nor does it
// see what tasks of one host share if HostOptions::isolated_tasks promises that they share nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "simnet/scenario.hpp"
#include "simnet/search/execution.hpp"
#include "simnet/search/step_order.hpp"

namespace rehearsal::simnet {

/// A search strategy. Exhaustive and DelayBounded are two; derive from it to write your own, and
/// pass it to search(). An object serves one search.
class Search {
 public:
  Search() = default;
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;
  virtual ~Search() = default;

  /// The result of step() that ends a run which shows nothing new.
  static constexpr std::size_t give_up = ~std::size_t{0};

  /// Prepares the next run. Returns false if none is left.
  virtual bool next() = 0;
  /// Chooses the transition of the last step of `so_far`. Returns its position in the `enabled` of
  /// that step, or `give_up`, which ends the run as one that shows nothing new.
  virtual std::size_t step(const Execution& so_far) = 0;
  /// Chooses one of `places` outcomes of a choice within the last step of `so_far`. 0 is
  /// the default.
  virtual std::uint32_t outcome(const Execution& so_far, std::uint32_t places) = 0;
  /// Called when a run is over. `order` is the order of all steps of `run`.
  virtual void ended(const Execution& run, const StepOrder& order) = 0;
  /// Returns whether a limit of its own kept it from schedules that exist. REQUIRES: next() has
  /// returned false.
  [[nodiscard]] virtual bool bounded() const = 0;
};

/// Options of a search.
struct SearchOptions {
  SearchOptions() = default;

  /// Maximum number of runs; no limit by default.
  std::uint64_t runs = ~std::uint64_t{0};
  /// Maximum number of task resumptions of one run, if it is less than WorldOptions::step_limit. A
  /// longer run is cut there and is neither a pass nor a failure.
  std::uint64_t steps = 1'000'000;
  /// Whether the search ends with the first failing run.
  bool stop_at_failure = true;
  /// Seed of the random numbers of the program, the same in every run.
  std::uint64_t data_seed = 1;
  /// The values, besides 0, that are tried at each site of network timing and faults, by index().
  /// At Site::program every outcome is tried.
  std::array<std::vector<std::uint32_t>, site_count> values;
  /// Further sites at which the values are tried that matter to the choice (fault_values.hpp): a
  /// delay that changes the order of two events, a receive of 1 byte, of half and of all but one.
  /// No choice at other sites deviates. search_faults() tries them wherever the rates allow a
  /// fault.
  std::vector<Site> varied;
  /// Maximum number of outcomes at Site::program. A choice with more takes its default, and
  /// SearchReport::wide counts it.
  std::uint32_t outcomes = 16;
  /// Returns whether the search should stop. Called before each run; null means never.
  std::function<bool()> interrupted;
  /// Called with the result of each run; null means nothing is called.
  std::function<void(const RunResult&)> on_run;
};

/// Why a search ended.
enum class SearchEnd : std::uint8_t {
  /// Every schedule was seen, or an equivalent one that differs only in the order of
  /// independent steps. Nothing is said of SearchReport::untried.
  complete,
  /// A run failed.
  failure,
  /// SearchOptions::runs was reached, or the number of planned runs that fit into memory.
  runs,
  /// Every schedule was seen, except what lies beyond SearchOptions::steps.
  steps,
  /// Every schedule within the strategy's own limit was seen, but more exist.
  deviations,
  /// SearchOptions::interrupted returned true.
  interrupted,
  /// Every set of faults within the limit was tried; the order of tasks was not varied.
  faults
};
/// Returns the name of an end.
[[nodiscard]] std::string_view name(SearchEnd end);

/// The faults that search_faults() found and tried.
struct FaultsTried {
  /// The sets of a number of faults: how many runs offer, and how many were tried.
  struct Sets {
    std::uint64_t found = 0;  ///< number of sets that the runs until now offer
    std::uint64_t tried = 0;  ///< number of sets that a run had
  };

  /// Number of single faults that the default run offers, by site. A site is present if the run
  /// asked it and its rate is not 0.
  std::map<Site, std::uint64_t> offered;
  /// The sets of one fault, of two, and so on.
  std::vector<Sets> sets;
  /// Number of values of choices that would matter and were left out, because a choice has at most
  /// a few values.
  std::uint64_t left_out = 0;

  /// Returns whether every set that was found was tried.
  [[nodiscard]] bool all_tried() const;
  /// Returns what was tried as text, such as "all 12 single faults tried: 8 late, 4 crash".
  [[nodiscard]] std::string to_string() const;
};

/// The result of a search.
struct SearchReport {
  /// Why the search ended.
  SearchEnd end = SearchEnd::complete;
  /// Number of runs.
  std::uint64_t runs = 0;
  /// Number of complete runs that differ in more than the order of independent steps.
  std::uint64_t traces = 0;
  /// Number of runs that were given up because they would have shown nothing new.
  std::uint64_t given_up = 0;
  /// Number of runs that reached SearchOptions::steps.
  std::uint64_t cut = 0;
  /// Number of choices that took their default because they have too many outcomes.
  std::uint64_t wide = 0;
  /// Sites that a run asked, at which the scenario allows deviations, and at which the search tries
  /// none. In ascending order.
  std::vector<Site> untried;
  /// What search_faults() found and tried; nothing in other searches.
  std::optional<FaultsTried> faults;
  /// Number of failing runs.
  std::uint64_t failures = 0;
  /// The first failing run, counted from 1, or 0 if none failed.
  std::uint64_t failed_at = 0;
  /// The result of the first failing run, if any.
  std::optional<RunResult> failure;
  /// One line for each invariant, eventual condition and action that no run came to.
  std::vector<std::string> unreached;
  /// One line for each World::sometimes() condition that held in no run or was evaluated only
  /// before a task ran, and for each program that ended in no run.
  std::vector<std::string> notes;

  /// Returns whether every schedule was seen, up to equivalence and except deviations at sites
  /// that are `untried`.
  [[nodiscard]] bool complete() const { return end == SearchEnd::complete; }
  /// Returns one line for a person: the numbers of runs and traces, and whether all were seen.
  [[nodiscard]] std::string to_string() const;
};

/// Searches the schedules of `scenario` with the strategy `search`, in this thread. Ends as
/// SearchEnd lists. A crash of the program under test ends the process.
SearchReport search(const Scenario& scenario, const SearchOptions& options, Search& search);

}  // namespace rehearsal::simnet
