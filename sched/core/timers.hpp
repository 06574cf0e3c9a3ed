// Timers in order of (deadline, sequence): two timers with one deadline fire in the order in which
// they were set. A binary heap holds them. If there are many, it holds only those that are due
// soon. A radix heap (sched/base/radix_heap.hpp) holds the others; there, setting a timer costs the
// same however many there are. A timer knows its place, so removing it early costs at most the
// logarithm of the number of pending timers.
//
// Invariants:
//  - No timer in the binary heap is due after `reach_`; all others are due after it.
//  - The binary heap is empty only if no timer is set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sched/base/check.hpp"
#include "sched/base/small_vector.hpp"
#include "sched/base/time.hpp"

namespace rehearsal::sched {

template <class Value>
class RadixHeap;
class TaskRecord;
class Timers;

// A timer lives in the frame that waits. Its destructor unsets it.
class Timer {
 public:
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  [[nodiscard]] bool is_set() const { return timers_ != nullptr; }
  inline void unset();

 protected:
  Timer() = default;
  // REQUIRES: `other` is not set.
  Timer(Timer&& other) noexcept { check(!other.is_set(), "a timer that is set is not moved"); }
  ~Timer() { unset(); }

 private:
  friend class Prefetch;
  friend class Timers;
  // Called between resumptions when the deadline is reached. The timer is unset before.
  virtual void fire() = 0;
  // Returns a key that distinguishes it from the other timers of its host, the same in every run.
  [[nodiscard]] virtual std::uint64_t timer_key() const { return 0; }
  // Returns the task that fire() makes ready, or null if it does something else.
  [[nodiscard]] virtual const TaskRecord* wakes() const { return nullptr; }
  // Returns what happens when it fires, as text for a person who looks at a run.
  [[nodiscard]] virtual std::string describe() const { return "timer"; }

  Timers* timers_ = nullptr;  // null if it is not set
  std::uint32_t place_ = 0;   // index in the heap; or its slot in the radix heap, with far_mark
};

class Timers {
 public:
  struct Entry {
    Instant deadline;
    std::uint64_t sequence = 0;
    Timer* timer = nullptr;
    [[nodiscard]] bool before(const Entry& other) const {
      return deadline != other.deadline ? deadline < other.deadline : sequence < other.sequence;
    }
  };

  Timers();
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;
  ~Timers();

  // Sets `timer`. REQUIRES: it is not set.
  void set(Timer& timer, Instant deadline);
  // Fires the timers whose deadline is at most `now`, one by one, including those that are
  // set meanwhile.
  void fire_due(Instant now) {
    while (!heap_.empty() && heap_.front().deadline <= now) {
      fire_first();
    }
  }

  // Fires the timer that is due first. REQUIRES: a timer is set.
  void fire_first();
  // Sets the deadline of the timer that is due first to `deadline`. REQUIRES: a timer is set.
  void put_off_first(Instant deadline);

  [[nodiscard]] Deadline next() const { return heap_.empty() ? never : heap_.front().deadline; }
  [[nodiscard]] std::size_t size() const;
  // Returns the first timer to fire, or null if none is set.
  [[nodiscard]] const Timer* first() const { return heap_.empty() ? nullptr : heap_.front().timer; }
  // Returns the timers that fire_due(now) would fire, in its order.
  [[nodiscard]] std::vector<Entry> due(Instant now) const;
  // Returns the number of the next timer to be set; timers are numbered in order.
  [[nodiscard]] std::uint64_t next_sequence() const { return next_sequence_; }
  // Returns whether a timer is set that has a smaller number.
  [[nodiscard]] bool has_one_before(std::uint64_t sequence) const;
  [[nodiscard]] static std::uint64_t key(const Timer& timer) { return timer.timer_key(); }
  // Returns the task that fire() of this timer makes ready, or null if it does something else.
  [[nodiscard]] static const TaskRecord* woken_by(const Timer& timer) { return timer.wakes(); }
  [[nodiscard]] static std::string describe(const Timer& timer) { return timer.describe(); }
  // Fires `timer` out of turn. REQUIRES: it is set here.
  void fire(Timer& timer) {
    timer.unset();
    timer.fire();
  }

 private:
  friend class Timer;

  static constexpr std::uint32_t many = 512;

  void forget(Timer& timer);
  void push(const Entry& entry);
  void remove(std::size_t place);
  void move_from_end(std::size_t place, const Entry& last);
  void place(std::size_t where, const Entry& entry);
  void sift_up(std::size_t hole, const Entry& entry);
  void sift_down(std::size_t hole, const Entry& entry);
  void put_far(const Entry& entry);
  void move_far();
  void take_near();

  SmallVector<Entry, 1> heap_;
  Instant reach_ = Instant::max();
  std::uint64_t next_sequence_ = 0;
  std::uint32_t too_many_ = many;           // limit of the binary heap
  std::unique_ptr<RadixHeap<Timer*>> far_;  // null until there are many timers
};

inline void Timer::unset() {
  if (timers_ != nullptr) {
    timers_->forget(*this);
  }
}

}  // namespace rehearsal::sched
