#include "sched/timers.hpp"

#include <algorithm>
#include <iterator>

#include "sched/check.hpp"

namespace rehearsal::sched {

void Timer::unset() {
  if (timers_ != nullptr) {
    timers_->remove(place_);
  }
}

Timers::~Timers() {
  for (const Entry& entry : heap_) {
    entry.timer->timers_ = nullptr;
  }
}

void Timers::set(Timer& timer, Instant deadline) {
  check(!timer.is_set(), "a timer is set once at a time");
  timer.timers_ = this;
  heap_.push_back({});
  sift_up(heap_.size() - 1, Entry{deadline, next_sequence_++, &timer});
}

void Timers::fire_due(Instant now) {
  while (!heap_.empty() && heap_.front().deadline <= now) {
    Timer& timer = *heap_.front().timer;
    remove(0);
    timer.fire();
  }
}

std::vector<Timer*> Timers::due(Instant now) const {
  std::vector<Entry> found;
  std::ranges::copy_if(heap_, std::back_inserter(found),
                       [now](const Entry& entry) { return entry.deadline <= now; });
  std::ranges::sort(found, [](const Entry& a, const Entry& b) { return a.before(b); });
  std::vector<Timer*> timers;
  std::ranges::transform(found, std::back_inserter(timers), &Entry::timer);
  return timers;
}

void Timers::remove(std::size_t place) {
  heap_[place].timer->timers_ = nullptr;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (place == heap_.size()) {
    return;
  }
  if (place > 0 && last.before(heap_[(place - 1) / 2])) {
    sift_up(place, last);
  } else {
    sift_down(place, last);
  }
}

void Timers::place(std::size_t where, const Entry& entry) {
  heap_[where] = entry;
  entry.timer->place_ = static_cast<std::uint32_t>(where);
}

void Timers::sift_up(std::size_t hole, const Entry& entry) {
  while (hole > 0) {
    const std::size_t parent = (hole - 1) / 2;
    if (!entry.before(heap_[parent])) {
      break;
    }
    place(hole, heap_[parent]);
    hole = parent;
  }
  place(hole, entry);
}

void Timers::sift_down(std::size_t hole, const Entry& entry) {
  for (;;) {
    std::size_t child = 2 * hole + 1;
    if (child >= heap_.size()) {
      break;
    }
    if (child + 1 < heap_.size() && heap_[child + 1].before(heap_[child])) {
      ++child;
    }
    if (!heap_[child].before(entry)) {
      break;
    }
    place(hole, heap_[child]);
    hole = child;
  }
  place(hole, entry);
}

}  // namespace rehearsal::sched
