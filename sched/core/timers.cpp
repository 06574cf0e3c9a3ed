#include "sched/core/timers.hpp"

#include <algorithm>
#include <iterator>

#include "sched/base/check.hpp"
#include "sched/base/radix_heap.hpp"
#include "sched/core/prefetch.hpp"

namespace rehearsal::sched {
namespace {

// The binary heap holds this few timers only if there are no others.
constexpr std::size_t few = 16;
constexpr std::uint32_t far_mark = std::uint32_t{1} << 31U;

}  // namespace

Timers::Timers() = default;

Timers::~Timers() {
  for (const Entry& entry : heap_) {
    entry.timer->timers_ = nullptr;
  }
  if (far_ != nullptr) {
    far_->for_each([](const auto& far) { far.value->timers_ = nullptr; });
  }
}

std::size_t Timers::size() const { return heap_.size() + (far_ != nullptr ? far_->size() : 0); }

[[gnu::hot]] void Timers::set(Timer& timer, Instant deadline) {
  check(!timer.is_set(), "a timer is set once at a time");
  timer.timers_ = this;
  const Entry entry{deadline, next_sequence_++, &timer};
  if (deadline > reach_) {
    put_far(entry);
    return;
  }
  push(entry);
  if (heap_.size() >= too_many_) {
    move_far();
  }
}

void Timers::push(const Entry& entry) {
  heap_.push_back(entry);
  sift_up(heap_.size() - 1, entry);
}

void Timers::forget(Timer& timer) {
  if ((timer.place_ & far_mark) == 0) {
    remove(timer.place_);
    return;
  }
  timer.timers_ = nullptr;
  far_->remove(timer.place_ & ~far_mark);
}

[[gnu::hot]] void Timers::fire_first() {
  Timer& timer = *heap_.front().timer;
  remove(0);
  timer.fire();
}

void Timers::put_off_first(Instant deadline) {
  Timer& timer = *heap_.front().timer;
  remove(0);
  set(timer, deadline);
}

std::vector<Timers::Entry> Timers::due(Instant now) const {
  std::vector<Entry> found;
  std::ranges::copy_if(heap_, std::back_inserter(found),
                       [now](const Entry& entry) { return entry.deadline <= now; });
  if (now > reach_) {
    far_->for_each([&](const auto& far) {
      if (far.deadline <= now) {
        found.push_back({far.deadline, far.sequence, far.value});
      }
    });
  }
  std::ranges::sort(found, [](const Entry& a, const Entry& b) { return a.before(b); });
  return found;
}

bool Timers::has_one_before(std::uint64_t sequence) const {
  bool found = std::ranges::any_of(
      heap_, [sequence](const Entry& entry) { return entry.sequence < sequence; });
  if (far_ != nullptr) {
    far_->for_each([&](const auto& far) { found = found || far.sequence < sequence; });
  }
  return found;
}

void Timers::remove(std::size_t place) {
  heap_[place].timer->timers_ = nullptr;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (place < heap_.size()) {
    move_from_end(place, last);
  }
  if (heap_.size() < few && reach_ != Instant::max()) {
    take_near();
  }
}

void Timers::move_from_end(std::size_t place, const Entry& last) {
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

void Timers::put_far(const Entry& entry) {
  entry.timer->place_ = far_mark | far_->put({entry.deadline, entry.sequence, entry.timer});
}

// Moves the whole binary heap to the radix heap, and takes the next timers back.
void Timers::move_far() {
  if (far_ == nullptr) {
    far_ = std::make_unique<RadixHeap<Timer*>>();
  }
  far_->rebase(heap_.front().deadline);
  for (const Entry& entry : heap_) {
    put_far(entry);
  }
  heap_.clear();
  take_near();
  // Not again before their number has doubled, so that the cost per timer stays low.
  too_many_ =
      static_cast<std::uint32_t>(std::max({std::size_t{many}, 2 * heap_.size(), far_->size()}));
}

void Timers::take_near() {
  std::vector<RadixHeap<Timer*>::Taken> taken;
  far_->take(taken);
  reach_ = far_->size() == 0 ? Instant::max() : far_->reach();
  for (const auto& next : taken) {
    Prefetch::timer(*next.value);
  }
  for (const auto& next : taken) {
    push({next.deadline, next.sequence, next.value});
    Prefetch::woken(*next.value);
  }
}

}  // namespace rehearsal::sched
