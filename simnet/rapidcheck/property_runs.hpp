// PropertyRuns: the runs of a rapidcheck property over a simulated world. Shrinking of rapidcheck
// and shrinking of schedules work together:
//
//   PropertyRuns runs;
//   rc::check("the balance is the sum of the deposits", [&](const std::vector<Deposit>& deposits) {
//     const WorldPlan plan = *world_plans({"bank", "client-0", "client-1"});  // before the run
//     runs.check([&](World& world) {
//       plan.apply(world);
//       add_bank(world, deposits);           // RC_ASSERT works in its tasks
//     });
//   });
//
// Each case runs under several seeds. If one fails, its schedule is shrunk, and the case fails with
// the shrunk schedule. rapidcheck's smaller cases are tried under that schedule first. The names of
// its choices are paths, so a deviation also applies in a smaller world. Shrinking continues from
// there. The last case reported therefore has few values and few deviations.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "simnet/rapidcheck/assertions.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::simnet {

/// Options of PropertyRuns.
struct PropertyOptions {
  /// Number of runs of each case.
  std::uint64_t runs = 10;
  /// Seed of the first run of each case; the next runs count up from it.
  std::uint64_t seed = 1;
  /// The policy that makes the choices.
  NamedPolicy policy{};
  /// Creates the policy if `policy` is "own"; see Scenario::own_policy.
  MakesPolicy own_policy{};
  /// Options of every run, except `data_seed`; see Scenario::options.
  WorldOptions world{};
  /// How often random policies deviate at each site; see Scenario::rates.
  Rates rates = Rates::usual();
  /// Limits of shrinking the schedule of one failing case. rapidcheck may try hundreds of those.
  ShrinkBound shrink{200, 20'000'000};
};

/// Runs the cases of one property. Create it outside of the property, so that it lives as long
/// as rc::check().
class PropertyRuns {
 public:
  /// Creates an object with these options.
  explicit PropertyRuns(PropertyOptions options = {}) : options_(std::move(options)) {}

  /// Runs the world that `build` fills, once per seed. World::run() is called if `build` did not
  /// run the world itself. Fails or discards the case as RC_FAIL and RC_DISCARD do, by an
  /// exception. `build` is called several times and must do the same each time.
  void check(const std::function<void(World&)>& build);

  /// Returns the shrunk schedule of the last failing case, or nothing if none failed.
  [[nodiscard]] const std::optional<Shrunk>& found() const { return found_; }

 private:
  struct Run {
    RunResult result;
    std::optional<rc::detail::CaseResult> assertion;
  };
  template <class Start>
  Run run(const std::function<void(World&)>& build, Start start) const;
  [[noreturn]] void fail(const std::function<void(World&)>& build, const Schedule& schedule);
  static void discard_where_asked(const Run& run);

  PropertyOptions options_;
  std::optional<Shrunk> found_;
};

}  // namespace rehearsal::simnet
