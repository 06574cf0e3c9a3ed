// Exhaustive search: every schedule, or one of each class of schedules that differ only in the
// order of steps that commute (a Mazurkiewicz trace), which all come to the same end.
//
// Dynamic partial-order reduction (Flanagan, Godefroid: POPL 2005) with source sets (Abdulla,
// Aronis, Jonsson, Sagonas: Optimal dynamic partial order reduction, POPL 2014, algorithm 1) and
// sleep sets (Godefroid: Partial-order methods for the verification of concurrent systems, 1996):
//  - after each run, wherever two of its steps raced, one that leads to the other order is added to
//    what is yet to be tried before the first of the two;
//  - what was tried at a state is not tried again after steps with which it commutes. A run in
//    which all that can happen is so asleep shows nothing new, and is given up.
// Beyond the paper: a step may have several outcomes, each of which is tried; and a step that takes
// another's turn away (a task is cancelled) races with it, though that one never happens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "simnet/search/search.hpp"

namespace rehearsal::simnet {

class Exhaustive final : public Search {
 public:
  enum class Reduction : std::uint8_t { none, source_sets };

  explicit Exhaustive(Reduction reduction = Reduction::source_sets)
      : reduces_(reduction == Reduction::source_sets) {}

  bool next() override { return !finished_; }
  std::size_t step(const Execution& so_far) override;
  std::uint32_t outcome(const Execution& so_far, std::uint32_t places) override;
  void ended(const Execution& run, const StepOrder& order) override;
  [[nodiscard]] bool bounded() const override { return false; }

 private:
  enum class Mark : std::uint8_t { none, to_try, tried };
  struct Asleep {
    std::uint64_t actor = 0;
    Touches touches;  // of all outcomes of its step
  };
  // What is known of the state before a step, and of the step.
  struct Node {
    std::vector<Mark> marks;  // of those that can go
    std::vector<Asleep> asleep;
    std::size_t chosen = 0;
    std::vector<Decision> outcomes;
    Touches touches;  // of the outcomes tried so far
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
  std::size_t kept_ = 0;   // steps that the next run shares with the last
  std::size_t asked_ = 0;  // outcomes of the step under way
};

}  // namespace rehearsal::simnet
