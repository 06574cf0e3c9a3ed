// Delay-bounded search (Emmi, Qadeer, Rakamaric: Delay-bounded scheduling, POPL 2011): the nominal
// schedule, then every schedule with one deviation, then with two, and so on. Most bugs need few.
//
// A deviation is a delay: whoever would go next goes behind all the others that are due at that
// instant. Or it is an outcome of a choice other than 0. Each schedule with d deviations is one
// with d - 1 and one more behind its last, so each is run once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "simnet/search/search.hpp"

namespace rehearsal::simnet {

class DelayBounded final : public Search {
 public:
  // At most so many deviations.
  explicit DelayBounded(std::uint32_t most) : most_(most) {}

  bool next() override;
  std::size_t step(const Execution& so_far) override;
  std::uint32_t outcome(const Execution& so_far, std::uint32_t places) override;
  void ended(const Execution& run, const StepOrder& order) override;
  [[nodiscard]] bool bounded() const override { return more_; }

 private:
  // Of the points of a run at which there is something to decide, counted from 0, one that does not
  // go as it would.
  struct Deviates {
    std::uint32_t point;
    std::uint32_t value;  // delays, or the place of an outcome
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
  std::uint32_t deviations_ = 0;  // of the plans of this level
  bool begun_ = false;
  bool more_ = false;  // there are schedules with more than most_
  std::vector<Plan> level_ = {{}};
  std::size_t place_ = 0;  // in level_, of the run under way
  std::vector<Plan> next_level_;
  // Of the run under way.
  std::vector<Point> points_;
  std::size_t planned_ = 0;
  std::vector<Delayed> delayed_;  // who goes behind all that are not here, and those of lower rank
  std::uint64_t delays_ = 0;
};

}  // namespace rehearsal::simnet
