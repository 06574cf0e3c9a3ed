// The runs of a rapidcheck property over a simulated world, in which rapidcheck's shrinking and
// that of schedules work together:
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
// Each case is run under several seeds. Where one fails, its schedule is shrunk, and the case fails
// with what is left. The smaller cases of rapidcheck are tried under that schedule first: what
// names its choices are paths, so that a deviation finds its place in a smaller world, too; and
// shrinking goes on from there. So the last one that is reported has few values and few deviations.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "simnet/rapidcheck/assertions.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::simnet {

struct PropertyOptions {
  std::uint64_t runs = 10;  // of each case
  std::uint64_t seed = 1;   // of the first one
  NamedPolicy policy{};
  MakesPolicy own_policy{};  // where the policy is "own" (Scenario::own_policy)
  // As those of simnet/scenario.hpp.
  WorldOptions world{};
  Rates rates = Rates::usual();
  // Of each case that fails; there may be hundreds.
  ShrinkBound shrink{200, 20'000'000};
};

class PropertyRuns {
 public:
  explicit PropertyRuns(PropertyOptions options = {}) : options_(std::move(options)) {}

  // Runs the worlds that `build` fills; one that it has not run is run when it returns. Fails the
  // case, or discards it, as RC_FAIL and RC_DISCARD do.
  void check(const std::function<void(World&)>& build);

  // What the last case that failed was shrunk to; nothing: none did.
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
