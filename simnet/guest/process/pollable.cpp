#include "simnet/guest/process/pollable.hpp"

#include <utility>

#include "simnet/guest/process/epoll.hpp"

namespace rehearsal::simnet {

Pollable::~Pollable() {
  while (!items_.empty()) {
    items_.back()->epoll.forget(*items_.back());
  }
}

void Pollable::changed(Events what) {
  ++changes_;
  // A thread that is woken leaves every list, also this one.
  const std::vector<Thread*> woken = waiting_;
  for (Thread* thread : woken) {
    thread->end_wait(Thread::End::woken);
  }
  for (EpollItem* item : items_) {
    item->epoll.item_changed(*item, what);
  }
}

Thread::~Thread() { stop_waiting(); }

Thread::End Thread::wait(std::vector<std::shared_ptr<Pollable>> pollables, sched::Instant until,
                         std::string call) {
  waits_for_ = std::move(pollables);
  for (const auto& one : waits_for_) {
    one->waiting_.push_back(this);
  }
  call_ = std::move(call);
  waits_ = true;
  suspend(until);
  return end_;
}

void Thread::end_wait(End how) {
  if (waits_) {
    stop_waiting();
    end_ = how;
    resume_later();
  }
}

void Thread::stop_waiting() {
  waits_ = false;
  for (const auto& one : std::exchange(waits_for_, {})) {
    std::erase(one->waiting_, this);
  }
}

}  // namespace rehearsal::simnet
