// The ready queue of a source that holds tasks back: lowest (arrival + delay) first; of two in one
// place, the later arrival first.
#include "sched/core/ready_queue.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/core/scheduler.hpp"
#include "sched/sync/sleep.hpp"
#include "simnet/scripted_source.hpp"
#include "tests/whole_range.hpp"

namespace rehearsal::fairness {
namespace {

sched::Task<> idle() { co_await sched::yield(); }

// A queue of tasks that are identified by their order of arrival.
class Queue {
 public:
  void push(std::uint32_t delay) {
    records_.push_back(&scheduler_.start(nullptr, nullptr, "", idle()));
    queue_.push(*records_.back(), delay);
  }
  std::size_t pop() {
    const auto found = std::ranges::find(records_, &queue_.pop());
    return static_cast<std::size_t>(found - records_.begin());
  }
  [[nodiscard]] std::size_t size() const { return queue_.size(); }

 private:
  simnet::ScriptedSource source_;
  sched::Scheduler<simnet::ScriptedSource> scheduler_{source_};
  sched::ReadyQueue queue_;
  std::vector<sched::TaskRecord*> records_;
};

// Keeps every task that was pushed and not popped, and searches them one by one.
class NaiveQueue {
 public:
  void push(std::uint32_t delay) {
    entries_.push_back({arrivals_ + delay, arrivals_});
    ++arrivals_;
  }
  std::size_t pop() {
    auto next = entries_.begin();
    for (auto entry = next; entry != entries_.end(); ++entry) {
      const bool same_place = entry->place == next->place;
      if (same_place ? entry->arrival > next->arrival : entry->place < next->place) {
        next = entry;
      }
    }
    const std::size_t arrival = next->arrival;
    entries_.erase(next);
    return arrival;
  }

 private:
  struct Entry {
    std::size_t place;
    std::size_t arrival;
  };
  std::vector<Entry> entries_;
  std::size_t arrivals_ = 0;
};

// Pushes with small delays, most of them 0, and pops.
struct QueueMove {
  bool pops;
  std::uint32_t delay;
};

rc::Gen<std::vector<QueueMove>> queue_moves() {
  namespace gen = rc::gen;
  const auto delay = gen::weightedOneOf<std::uint32_t>(
      {{2, gen::just(0U)}, {3, whole_range(0U, 6U)}, {1, whole_range(0U, 100U)}});
  const auto move = gen::map(gen::pair(whole_range(0, 5), delay), [](const auto& drawn) {
    return QueueMove{drawn.first < 2, drawn.second};
  });
  return gen::container<std::vector<QueueMove>>(move);
}

void showValue(const QueueMove& move, std::ostream& out) {
  if (move.pops) {
    out << "pop";
  } else {
    out << "push " << move.delay;
  }
}

RC_GTEST_PROP(ReadyQueue, gives_tasks_in_the_order_of_a_naive_queue, ()) {
  const auto drawn = *queue_moves();
  Queue queue;
  NaiveQueue naive;
  for (const QueueMove& move : drawn) {
    if (!move.pops) {
      queue.push(move.delay);
      naive.push(move.delay);
    } else if (queue.size() != 0) {
      RC_ASSERT(queue.pop() == naive.pop());
    }
  }
  while (queue.size() != 0) {
    RC_ASSERT(queue.pop() == naive.pop());
  }
}

RC_GTEST_PROP(ReadyQueue, lets_at_most_as_many_later_ones_pass_as_the_delay_says, ()) {
  const auto drawn = *queue_moves();
  Queue queue;
  std::vector<std::uint32_t> passes_left;  // by arrival
  std::vector<bool> waits;
  const auto pop = [&] {
    const std::size_t next = queue.pop();
    RC_ASSERT(waits[next]);
    waits[next] = false;
    for (std::size_t earlier = 0; earlier < next; ++earlier) {
      if (waits[earlier]) {
        RC_ASSERT(passes_left[earlier] > 0U);
        --passes_left[earlier];
      }
    }
  };
  for (const QueueMove& move : drawn) {
    if (!move.pops) {
      queue.push(move.delay);
      passes_left.push_back(move.delay);
      waits.push_back(true);
    } else if (queue.size() != 0) {
      pop();
    }
  }
  while (queue.size() != 0) {
    pop();
  }
  RC_ASSERT(std::ranges::count(waits, true) == 0);
}

RC_GTEST_PROP(ReadyQueue, lets_exactly_that_many_pass_where_no_other_is_held_back, ()) {
  const auto before = *rc::gen::inRange<std::size_t>(0, 10);
  const auto delay = *rc::gen::inRange<std::uint32_t>(0, 20);
  const auto behind = *rc::gen::inRange<std::size_t>(20, 30);
  Queue queue;
  for (std::size_t i = 0; i < before; ++i) {
    queue.push(0);
  }
  queue.push(delay);
  for (std::size_t i = 0; i < behind; ++i) {
    queue.push(0);
  }
  for (std::size_t turn = 0; turn < before + delay; ++turn) {
    RC_ASSERT(queue.pop() != before);
  }
  RC_ASSERT(queue.pop() == before);
}

}  // namespace
}  // namespace rehearsal::fairness
