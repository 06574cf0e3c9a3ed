// The ready queue of a source that holds tasks back, ordered by (arrival + delay). A task with
// delay v is passed by the next v arrivals, or by fewer if those are delayed too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sched/base/ring.hpp"

namespace rehearsal::sched {

class TaskRecord;

class ReadyQueue {
 public:
  [[nodiscard]] std::size_t size() const { return nominal_.size() + held_.size(); }

  // Adds `task`, which arrives now, with `delay`: the number of later arrivals that pass it.
  void push(TaskRecord& task, std::uint32_t delay) {
    const std::uint64_t arrival = next_arrival_++;
    if (delay == 0) {
      nominal_.push({arrival, arrival, &task});
    } else {
      hold({arrival + delay, arrival, &task});
    }
  }

  // A task that was taken out of its turn.
  struct Taken {
    TaskRecord* task;
    std::uint64_t arrival;  // how many tasks had arrived before it
  };
  // Calls f(task, arrival) for each, in order of arrival. REQUIRES: no task is held back.
  template <class F>
  void for_each(F&& f) const {
    for (std::size_t i = 0; i < nominal_.size(); ++i) {
      f(*nominal_.peek(i).task, nominal_.peek(i).arrival);
    }
  }
  // Takes `task` out. REQUIRES: it is in the queue, and no task is held back.
  Taken take(const TaskRecord& task) {
    Taken taken{};
    filter([&](const Entry& entry) {
      if (entry.task != &task) {
        return true;
      }
      taken = {entry.task, entry.arrival};
      return false;
    });
    return taken;
  }
  // Removes the tasks for which keep(task) is false.
  template <class Keep>
  void keep_if(Keep&& keep) {
    filter([&](const Entry& entry) { return keep(*entry.task); });
    if (std::erase_if(held_, [&](const Entry& entry) { return !keep(*entry.task); }) != 0) {
      order_held();
    }
  }

  // Takes the first task out. REQUIRES: size() > 0.
  TaskRecord& pop() {
    if (held_.empty() || (!nominal_.empty() && later(held_.front(), nominal_.peek(0)))) {
      return *nominal_.pop().task;
    }
    return pop_held();
  }

 private:
  struct Entry {
    std::uint64_t place;  // arrival + delay
    std::uint64_t arrival;
    TaskRecord* task;
  };

  // If two entries have one place, the later arrival goes first: a delay of 1 lets exactly
  // one pass.
  static bool later(const Entry& a, const Entry& b) {
    return a.place != b.place ? a.place > b.place : a.arrival < b.arrival;
  }

  void hold(const Entry& entry);
  TaskRecord& pop_held();
  void order_held();
  template <class Keep>
  void filter(Keep&& keep) {
    for (std::size_t left = nominal_.size(); left > 0; --left) {
      const Entry entry = nominal_.pop();
      if (keep(entry)) {
        nominal_.push(entry);
      }
    }
  }

  Ring<Entry> nominal_;      // delay 0, by far the most common: in order already
  std::vector<Entry> held_;  // a heap of the delayed ones
  std::uint64_t next_arrival_ = 0;
};

}  // namespace rehearsal::sched
