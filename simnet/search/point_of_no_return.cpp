#include "simnet/search/point_of_no_return.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>

namespace rehearsal::simnet {
namespace {

class Estimate {
 public:
  Estimate(std::uint64_t steps, const Continue& proceed, const ContinuationBound& bound)
      : proceed_(proceed), bound_(bound), curve_{{1, 0, 0}, {steps + 1, 1, 1}} {
    // Halving takes about this number of steps to examine, and each continuation about `steps`.
    const auto examined = static_cast<std::uint64_t>(std::bit_width(steps)) + 1;
    const std::uint64_t affordable = bound.steps / (examined * std::max<std::uint64_t>(steps, 1));
    first_ = std::min(bound.first, std::max<std::uint64_t>(affordable, 2));
    most_ = std::min(bound.most, std::max(first_, affordable));
  }

  PointOfNoReturn find() {
    PointOfNoReturn found;
    if (!sample(0, first_)) {
      return found;
    }
    std::size_t steepest = 0;
    do {
      steepest = greatest_rise();
    } while (refine(steepest));
    const Continuations& before = curve_[steepest];
    const Continuations& after = curve_[steepest + 1];
    if (before.share() < after.share()) {
      found.step = after.step - 1;
      found.from = before.step;
    }
    found.before = before;
    found.after = after;
    found.curve = std::move(curve_);
    return found;
  }

 private:
  [[nodiscard]] double rise(std::size_t place) const {
    return curve_[place + 1].share() - curve_[place].share();
  }

  // Returns the place of the first interval with the greatest rise.
  [[nodiscard]] std::size_t greatest_rise() const {
    std::size_t best = 0;
    for (std::size_t place = 1; place + 1 < curve_.size(); ++place) {
      best = rise(place) > rise(best) ? place : best;
    }
    return best;
  }

  // Halves the interval, or takes more samples at the ends of a single step. Returns false if there
  // is nothing more to do, or no means left.
  bool refine(std::size_t place) {
    const std::uint64_t begin = curve_[place].step;
    const std::uint64_t length = curve_[place + 1].step - begin;
    if (length > 1) {
      const auto next = curve_.begin() + static_cast<std::ptrdiff_t>(place) + 1;
      curve_.insert(next, {begin + length / 2, 0, 0});
      if (sample(place + 1, first_)) {
        return true;
      }
      curve_.erase(curve_.begin() + static_cast<std::ptrdiff_t>(place) + 1);
      return false;
    }
    const bool last = place + 2 == curve_.size();
    const bool more_before = curve_[place].samples < most_;
    const bool more_after = !last && curve_[place + 1].samples < most_;
    return (more_before && sample(place, first_)) || (more_after && sample(place + 1, first_));
  }

  // Takes `count` more samples. Returns false if a bound does not allow all of them.
  bool sample(std::size_t place, std::uint64_t count) {
    Continuations& at = curve_[place];
    for (std::uint64_t i = 0; i < count; ++i) {
      if (runs_ >= bound_.runs || taken_ >= bound_.steps) {
        return false;
      }
      const Continued end = proceed_(at.step, at.samples);
      ++runs_;
      taken_ += end.steps;
      ++at.samples;
      at.failed += end.failed ? 1U : 0U;
    }
    return true;
  }

  const Continue& proceed_;
  const ContinuationBound& bound_;
  std::vector<Continuations> curve_;
  std::uint64_t first_ = 0;
  std::uint64_t most_ = 0;
  std::uint64_t runs_ = 0;
  std::uint64_t taken_ = 0;  // task resumptions
};

}  // namespace

PointOfNoReturn point_of_no_return(std::uint64_t steps, const Continue& proceed,
                                   const ContinuationBound& bound) {
  return steps == 0 || bound.runs == 0 ? PointOfNoReturn() : Estimate(steps, proceed, bound).find();
}

}  // namespace rehearsal::simnet
