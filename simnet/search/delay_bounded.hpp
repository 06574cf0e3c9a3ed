// Delay-bounded search (Emmi, Qadeer, Rakamaric: Delay-bounded scheduling, POPL 2011): the default
// schedule, then every schedule with one deviation, then with two, and so on. Most bugs need few.
//
// A deviation is a delay, or an outcome of a choice other than 0. A delay moves the next transition
// behind all others that are due at that instant. Each schedule with d deviations is one with d - 1
// deviations and one more behind the last, so each is run once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "simnet/search/search.hpp"

namespace rehearsal::simnet {

/// Visits every schedule with at most a given number of deviations, fewest deviations first.
class DelayBounded final : public Search {
 public:
  /// Creates a search with at most `most` deviations per run.
  explicit DelayBounded(std::uint32_t most) : most_(most) {}

  /// Prepares the next schedule. Returns false if none within the limit is left.
  bool next() override;
  /// Chooses the next step, or delays it as planned.
  std::size_t step(const Execution& so_far) override;
  /// Chooses the outcome as planned, otherwise the default.
  std::uint32_t outcome(const Execution& so_far, std::uint32_t places) override;
  /// Adds the schedules with one more deviation behind the last one of `run`.
  void ended(const Execution& run, const StepOrder& order) override;
  /// Returns whether schedules with more deviations than the limit exist.
  [[nodiscard]] bool bounded() const override { return more_; }

 private:
  // A deviation at one of the points of a run at which there is something to decide,
  // counted from 0.
  struct Deviates {
    std::uint32_t point;
    std::uint32_t value;  // number of delays, or the index of an outcome
  };
  using Plan = std::vector<Deviates>;
  struct Point {
    std::uint32_t values;
    bool is_step;
  };
  struct Delayed {
    std::uint64_t actor;
    std::uint64_t rank;
  };

  std::uint32_t decide(std::uint32_t values, bool is_step);
  [[nodiscard]] std::uint64_t rank(std::uint64_t actor) const;
  void add(const Deviates& deviates);

  std::uint32_t most_;
  std::uint32_t deviations_ = 0;  // in the plans of this level
  bool begun_ = false;
  bool more_ = false;  // there are schedules with more than most_
  std::vector<Plan> level_ = {{}};
  std::size_t place_ = 0;  // in level_, of the present run
  std::vector<Plan> next_level_;
  // State of the present run.
  std::vector<Point> points_;
  std::size_t planned_ = 0;
  std::vector<Delayed> delayed_;  // these go behind all others, the lower rank first
  std::uint64_t delays_ = 0;
};

}  // namespace rehearsal::simnet
