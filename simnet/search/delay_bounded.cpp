#include "simnet/search/delay_bounded.hpp"

#include <algorithm>
#include <utility>

namespace rehearsal::simnet {

bool DelayBounded::next() {
  if (begun_ && ++place_ == level_.size()) {
    level_ = std::exchange(next_level_, {});
    place_ = 0;
    ++deviations_;
  }
  begun_ = true;
  points_.clear();
  planned_ = 0;
  delayed_.clear();
  delays_ = 0;
  return !level_.empty();
}

std::uint32_t DelayBounded::decide(std::uint32_t values, bool is_step) {
  const Plan& plan = level_[place_];
  const bool deviates = planned_ < plan.size() && plan[planned_].point == points_.size();
  points_.push_back({values, is_step});
  return deviates ? plan[planned_++].value : 0;
}

std::uint64_t DelayBounded::rank(std::uint64_t actor) const {
  const auto found = std::ranges::find(delayed_, actor, &Delayed::actor);
  return found == delayed_.end() ? 0 : found->rank;
}

std::size_t DelayBounded::step(const Execution& so_far) {
  const std::vector<Transition>& enabled = so_far.steps.back().enabled;
  if (enabled.size() == 1) {
    delayed_.clear();
    return 0;
  }
  std::erase_if(delayed_, [&](const Delayed& delayed) {
    return std::ranges::find(enabled, delayed.actor, &Transition::actor) == enabled.end();
  });
  std::vector<std::size_t> places(enabled.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    places[i] = i;
  }
  std::ranges::sort(places, {},
                    [&](std::size_t i) { return std::pair(rank(enabled[i].actor), i); });
  const std::uint32_t delays = decide(static_cast<std::uint32_t>(places.size()), true);
  for (std::uint32_t i = 0; i < delays; ++i) {
    const std::uint64_t actor = enabled[places[i]].actor;
    std::erase_if(delayed_, [&](const Delayed& delayed) { return delayed.actor == actor; });
    delayed_.push_back({actor, ++delays_});
  }
  const std::size_t place = places[delays];
  std::erase_if(delayed_,
                [&](const Delayed& delayed) { return delayed.actor == enabled[place].actor; });
  return place;
}

std::uint32_t DelayBounded::outcome(const Execution& /*so_far*/, std::uint32_t places) {
  return decide(places, false);
}

void DelayBounded::ended(const Execution& /*run*/, const StepOrder& /*order*/) {
  const Plan& plan = level_[place_];
  std::uint32_t point = 0;
  if (!plan.empty()) {
    const Deviates& last = plan.back();
    if (points_[last.point].is_step && last.value + 1 < points_[last.point].values) {
      add({last.point, last.value + 1});
    }
    point = last.point + 1;
  }
  for (; point < points_.size(); ++point) {
    const std::uint32_t most = points_[point].is_step ? 1 : points_[point].values - 1;
    for (std::uint32_t value = 1; value <= most; ++value) {
      add({point, value});
    }
  }
}

// Plans the present run with one deviation more: a further one, or one more delay at
// its last point.
void DelayBounded::add(const Deviates& deviates) {
  if (deviations_ == most_) {
    more_ = true;
    return;
  }
  Plan plan = level_[place_];
  if (!plan.empty() && plan.back().point == deviates.point) {
    plan.pop_back();
  }
  plan.push_back(deviates);
  next_level_.push_back(std::move(plan));
}

}  // namespace rehearsal::simnet
