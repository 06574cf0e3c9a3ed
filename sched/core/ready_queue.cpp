#include "sched/core/ready_queue.hpp"

#include <algorithm>

namespace rehearsal::sched {

void ReadyQueue::hold(const Entry& entry) {
  held_.push_back(entry);
  std::push_heap(held_.begin(), held_.end(), later);
}

TaskRecord& ReadyQueue::pop_held() {
  std::pop_heap(held_.begin(), held_.end(), later);
  TaskRecord& task = *held_.back().task;
  held_.pop_back();
  return task;
}

void ReadyQueue::order_held() { std::make_heap(held_.begin(), held_.end(), later); }

}  // namespace rehearsal::sched
