// The order that the steps of a run must keep: the happens-before relation of its Mazurkiewicz
// trace. A step comes before a later one where they are of one actor, do not commute, or the first
// lets the second happen; and where time goes on in between, which nothing can change. What is done
// by the script is a time of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "simnet/search/execution.hpp"

namespace rehearsal::simnet {

class StepOrder {
 public:
  // Looks at the steps from the `kept`th on; those before are as they were in the last run.
  void update(const Execution& run, std::size_t kept);

  // The first step of the same time as `step`.
  [[nodiscard]] std::size_t time_of(std::size_t step) const { return known_[step].time; }
  // Whether step `first` comes before `second`, both of one time.
  [[nodiscard]] bool before(std::size_t first, std::size_t second) const {
    return test(known_[second].earlier, first - known_[second].time);
  }
  // The steps of its time that come right before `step` and could have come after it.
  [[nodiscard]] const std::vector<std::size_t>& races(std::size_t step) const {
    return known_[step].races;
  }
  // The same for two runs whose steps have the same order and outcomes, and no others'.
  [[nodiscard]] std::uint64_t trace() const;

 private:
  using Bits = std::vector<std::uint64_t>;
  struct Known {
    std::size_t time = 0;
    Bits earlier;  // of the steps of its time, those before it
    std::vector<std::size_t> races;
    std::uint64_t hash = 0;      // of what comes before it, and of itself
    std::uint64_t past = 0;      // of all earlier times
    std::uint64_t together = 0;  // of the steps of its time so far, in no order
  };

  static bool test(const Bits& bits, std::size_t at) {
    return at / 64 < bits.size() && (bits[at / 64] >> (at % 64) & 1U) != 0;
  }
  void add(const Execution& run, std::size_t step);

  std::vector<Known> known_;
};

}  // namespace rehearsal::simnet
