#include "sched/far_timers.hpp"

#include <algorithm>
#include <bit>

namespace rehearsal::sched {
namespace {

// So many are taken at once where there are as many: what they wake fits the second cache.
constexpr std::size_t most_taken = 64;
constexpr std::size_t few_dead = 64;

}  // namespace

FarTimers::Bag& FarTimers::bag_of(std::uint64_t key) {
  return bags_[static_cast<std::size_t>(std::bit_width(key ^ base_))];
}

void FarTimers::rebase(Instant base) {
  forget_dead();  // which may be due before the base
  base_ = key(base);
  for (Bag& bag : bags_) {
    moved_.insert(moved_.end(), bag.begin(), bag.end());
    bag.clear();
  }
  split(moved_);
}

std::uint32_t FarTimers::put(const Taken& timer) {
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.push_back(timer.timer);
  } else {
    slot = free_.back();
    free_.pop_back();
    slots_[slot] = timer.timer;
  }
  const std::uint64_t at = key(timer.deadline);
  bag_of(at).push_back({at, timer.sequence, slot});
  return slot;
}

void FarTimers::remove(std::uint32_t slot) {
  slots_[slot] = nullptr;
  ++dead_;
  if (dead_ > size() + few_dead) {
    forget_dead();
  }
}

void FarTimers::take(std::vector<Taken>& to) {
  std::size_t room = most_taken;
  for (std::size_t at = first_bag(); at < bags_.size(); at = first_bag()) {
    Bag& bag = bags_[at];
    // The deadlines of the two lowest are all the same.
    const bool is_split = bag.size() > room && at > 1;
    if (is_split && !to.empty()) {
      return;
    }
    begin_at(at);
    if (is_split) {
      bag.swap(moved_);
      split(moved_);
    } else {
      room -= std::min(room, bag.size());
      drain(bag, to);
    }
  }
}

std::size_t FarTimers::first_bag() const {
  std::size_t at = 0;
  while (at < bags_.size() && bags_[at].empty()) {
    ++at;
  }
  return at;
}

// The base becomes the first instant that belongs into this bag, the reach the last one.
void FarTimers::begin_at(std::size_t bag) {
  const std::uint64_t highest = bag == 0 ? 0 : std::uint64_t{1} << (bag - 1);
  const std::uint64_t below = highest == 0 ? 0 : highest - 1;
  base_ = (base_ & ~below) | highest;
  reach_ = base_ | below;
}

void FarTimers::drain(Bag& bag, std::vector<Taken>& to) {
  for (const Entry& entry : bag) {
    Timer*& timer = slots_[entry.slot];
    if (timer != nullptr) {
      to.push_back({instant(entry.key), entry.sequence, timer});
      timer = nullptr;
    } else {
      --dead_;
    }
    free_.push_back(entry.slot);
  }
  bag.clear();
}

void FarTimers::split(Bag& bag) {
  for (const Entry& entry : bag) {
    bag_of(entry.key).push_back(entry);
  }
  bag.clear();
}

void FarTimers::forget_dead() {
  for (Bag& bag : bags_) {
    std::erase_if(bag, [this](const Entry& entry) {
      const bool dead = slots_[entry.slot] == nullptr;
      if (dead) {
        free_.push_back(entry.slot);
      }
      return dead;
    });
  }
  dead_ = 0;
}

}  // namespace rehearsal::sched
