// POS: partial order sampling (Yuan, Yang, Gu: Partial order aware concurrency sampling, CAV 2018),
// in its basic form. Each time a task becomes ready it gets a uniform random priority, independent
// of all others, and the ready task with the highest priority runs. The full algorithm draws new
// priorities for the events that race with the last one. Here that is not possible, because what a
// task will do in its turn is not known before.
#pragma once

#include <algorithm>
#include <cstdint>

#include "simnet/choices/magnitude.hpp"
#include "simnet/choices/policy.hpp"

namespace rehearsal::simnet {

class Pos final : public PolicyAlgorithm {
 public:
  explicit Pos(std::uint64_t seed) : seed_(mix(seed)) {}

  [[nodiscard]] bool decides(Site site) const override {
    return site == Site::run || site == Site::order || site == Site::tie || site == Site::late;
  }
  std::uint32_t choose(const Question& question) override {
    const std::uint64_t bits = draw(seed_, question.entity, question.ordinal);
    const std::uint32_t most = question.outcomes - 1;
    switch (question.site) {
      case Site::run:
      case Site::order:
        return std::min(below(bits, priorities), most);
      case Site::late:
        return bits % 4 != 0 ? 0 : std::min(any_scale(mix(bits), question.most), most);
      default:
        return std::min(below(bits, 2), most);
    }
  }

 private:
  // Far more than the usual number of ready tasks, so a delay below it acts as a priority.
  static constexpr std::uint32_t priorities = 1U << 12U;

  std::uint64_t seed_;
};

}  // namespace rehearsal::simnet
