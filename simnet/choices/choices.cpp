#include "simnet/choices/choices.hpp"

#include "sched/base/check.hpp"
#include "sched/base/key.hpp"

namespace rehearsal::simnet {

Choices::Choices(const Policy& policy) { follow(policy); }

void Choices::follow(const Policy& policy) {
  seed_ = mix(policy.seed);
  draws_ = policy.draws;
  algorithm_ = policy.algorithm;
  replays_ = false;
  replayed_.clear();  // the rest of the schedule is dropped
  decided_ = 0;
  for (std::size_t site = 0; site < site_count; ++site) {
    const Rate& rate = policy.rates.of[site];
    sched::check(rate.per_million <= 1'000'000, "a rate is at most a million parts per million");
    sched::check(rate.most >= 1, "a deviation is at least 1");
    walks_[site] =
        policy.draws ? RandomWalk(rate, is_host_fault(static_cast<Site>(site))) : RandomWalk();
    if (algorithm_ != nullptr && algorithm_->decides(static_cast<Site>(site))) {
      decided_ |= 1U << site;
      walks_[site] = RandomWalk(Rate{1'000'000, rate.most});  // the algorithm gets each choice
      walks_[site].allowed = rate.per_million != 0;
    }
  }
  set_reach();
}

Choices::Choices(std::vector<Deviation> replayed) : replays_(true) {
  for (Deviation& deviation : replayed) {
    const Coordinate& at = deviation.at;
    // Each choice of a site that occurs is looked up; choices of the other sites cost nothing.
    walks_[index(at.site)] = RandomWalk(Rate{1'000'000, 1});
    const std::uint64_t entity = sched::extend_key(sched::empty_key, at.entity);
    const std::uint64_t key = draw(seed_, entity + site_salt(at.site), at.ordinal);
    sched::check(replayed_at_.find(key) == nullptr, "a schedule has each coordinate once");
    replayed_at_[key] = static_cast<std::uint32_t>(replayed_.size());
    replayed_.push_back({std::move(deviation)});
  }
  set_reach();
}

void Choices::set_reach() {
  for (std::size_t site = 0; site < site_count; ++site) {
    reach_[site] = asked_ ? std::uint64_t{1} << 32U : walks_[site].below;
  }
}

std::uint32_t Choices::decide(const Question& question) {
  const std::uint32_t value = algorithm_->choose(question);
  sched::check(value < question.outcomes, "a policy returns one of the outcomes");
  return value;
}

std::uint32_t Choices::replayed(std::uint64_t bits, std::uint32_t outcomes) {
  const std::uint32_t* place = replayed_at_.find(bits);
  if (place == nullptr) {
    return 0;
  }
  Replayed& found = replayed_[*place];
  if (found.deviation.value >= outcomes) {
    return 0;
  }
  if (found.applied != 0) [[unlikely]] {
    refuse(found.deviation.at, found.deviation.at.ordinal, found.applied - 1);
  }
  found.applied = *events_ + 1;
  return found.deviation.value;
}

void Choices::refuse(Coordinate at, std::uint32_t ordinal, std::uint64_t after) const {
  const std::string second = at.to_string();
  at.ordinal = ordinal;
  sched::check_failed("a name stands for one choice of a run, but after " + at.to_string() +
                      ", which deviates after event " + std::to_string(after) + ", comes another " +
                      second + ", after event " + std::to_string(*events_));
}

void Choices::add(Deviation deviation) {
  if (deviated_) {
    deviated_(deviation);
  }
  deviations_.push_back(std::move(deviation));
}

std::vector<Deviation> Choices::not_applied() const {
  std::vector<Deviation> left;
  for (const Replayed& replayed : replayed_) {
    if (replayed.applied == 0) {
      left.push_back(replayed.deviation);
    }
  }
  return left;
}

}  // namespace rehearsal::simnet
