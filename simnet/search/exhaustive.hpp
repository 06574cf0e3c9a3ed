// Exhaustive search: every schedule, or one of each class of equivalent schedules. Schedules are
// equivalent if they differ only in the order of independent steps (a Mazurkiewicz trace); all
// schedules of a class have the same result.
//
// Dynamic partial-order reduction (Flanagan, Godefroid: POPL 2005) with source sets (Abdulla,
// Aronis, Jonsson, Sagonas: Optimal dynamic partial order reduction, POPL 2014, algorithm 1) and
// sleep sets (Godefroid: Partial-order methods for the verification of concurrent systems, 1996):
// - after each run, for each pair of steps that raced, a step that leads to the other order is
//   added to the steps to try before the first of the two;
// - a step that was tried at a state is not tried again after steps that are independent of it. A
//   run in which every possible step is asleep in this sense shows nothing new and is given up.
// Two additions to the paper: a step may have several outcomes, each of which is tried; and a step
// that cancels another's turn (a cancelled task) races with it, although the other never happens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "simnet/search/search.hpp"

namespace rehearsal::simnet {

/// Visits every schedule of a scenario up to equivalence. The number of runs can grow exponentially
/// with the number of racing steps.
class Exhaustive final : public Search {
 public:
  /// Which schedules are left out: none, or (with source sets) equivalent ones.
  enum class Reduction : std::uint8_t { none, source_sets };

  /// Creates a search; by default it leaves out equivalent schedules.
  explicit Exhaustive(Reduction reduction = Reduction::source_sets)
      : reduces_(reduction == Reduction::source_sets) {}

  /// Returns whether a schedule is left.
  bool next() override { return !finished_; }
  /// Chooses the next step as planned; beyond the plan, the first one that is not asleep.
  std::size_t step(const Execution& so_far) override;
  /// Chooses the outcome as planned; beyond the plan, the default.
  std::uint32_t outcome(const Execution& so_far, std::uint32_t places) override;
  /// Adds the schedules that the races of `run` require, and plans the next run.
  void ended(const Execution& run, const StepOrder& order) override;
  /// Returns false: the search has no limit of its own.
  [[nodiscard]] bool bounded() const override { return false; }

 private:
  enum class Mark : std::uint8_t { none, to_try, tried };
  struct Asleep {
    std::uint64_t actor = 0;
    Touches touches;  // of all outcomes of its step
  };
  // What is known about the state before a step, and about the step.
  struct Node {
    std::vector<Mark> marks;  // of the transitions that can happen
    std::vector<Asleep> asleep;
    std::size_t chosen = 0;
    std::vector<Decision> outcomes;
    Touches touches;  // of the outcomes tried until now
  };

  static bool sleeps(const Node& node, std::uint64_t actor);
  void open(const Execution& so_far);
  void add_races(const Execution& run, const StepOrder& order, std::size_t step);
  void add_disabled(const Execution& run, std::size_t step, const std::vector<Transition>& after);
  bool advance(const Execution& run);
  static bool next_outcome(Node& node);

  bool reduces_;
  bool finished_ = false;
  std::vector<Node> nodes_;
  std::size_t kept_ = 0;   // steps that the next run shares with the last one
  std::size_t asked_ = 0;  // outcomes of the present step
};

}  // namespace rehearsal::simnet
