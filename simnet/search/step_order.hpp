// The order that the steps of a run must keep: the happens-before relation of its Mazurkiewicz
// trace. A step comes before a later one if both have the same actor, if they are not independent,
// or if the first enables the second. It also comes first if virtual time advances in between,
// which no choice can change. An action of the script counts as an instant of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "simnet/search/execution.hpp"

namespace rehearsal::simnet {

class StepOrder {
 public:
  // Takes in the steps from index `kept` on; the steps before it are the same as in the last run.
  void update(const Execution& run, std::size_t kept);

  // Returns the first step of the same instant as `step`.
  [[nodiscard]] std::size_t time_of(std::size_t step) const { return known_[step].time; }
  // Returns whether step `first` comes before `second`. REQUIRES: both belong to one instant.
  [[nodiscard]] bool before(std::size_t first, std::size_t second) const {
    return test(known_[second].earlier, first - known_[second].time);
  }
  // Returns the steps of the same instant that come right before `step` and could have
  // come after it.
  [[nodiscard]] const std::vector<std::size_t>& races(std::size_t step) const {
    return known_[step].races;
  }
  // Returns a hash that is equal for two runs if and only if their steps have the same order and
  // outcomes, apart from collisions.
  [[nodiscard]] std::uint64_t trace() const;

 private:
  using Bits = std::vector<std::uint64_t>;
  struct Known {
    std::size_t time = 0;
    Bits earlier;  // the steps of its instant that come before it
    std::vector<std::size_t> races;
    std::uint64_t hash = 0;      // of what comes before it, and of itself
    std::uint64_t past = 0;      // of all earlier instants
    std::uint64_t together = 0;  // of the steps of its instant up to this one, in no order
  };

  static bool test(const Bits& bits, std::size_t at) {
    return at / 64 < bits.size() && (bits[at / 64] >> (at % 64) & 1U) != 0;
  }
  void add(const Execution& run, std::size_t step);

  std::vector<Known> known_;
};

}  // namespace rehearsal::simnet
