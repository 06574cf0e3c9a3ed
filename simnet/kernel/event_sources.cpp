#include "simnet/kernel/event_sources.hpp"

#include <algorithm>

#include "simnet/kernel/kernel.hpp"

namespace rehearsal::simnet {

Completion::Completion(Kernel& kernel, std::uint64_t key, sched::Instant at,
                       std::function<void()> work)
    : EventSource(Kind::completion, kernel, key), work_(std::move(work)) {
  kernel.set_timer(*this, at);
}

void Completion::fire() {
  sched::touch(key());
  done_ = true;
  if (work_) {
    if (!kernel().options().isolated_tasks) {
      sched::touch(kernel().key_of(Kernel::Part::program));
    }
    work_();
  }
  if (descriptor() >= 0) {
    kernel().report(*this, sched::Readiness::recv);
  } else {
    kernel().forget(*this);
  }
}

bool SignalQueue::offer(int number) {
  if (std::ranges::find(numbers_, number) == numbers_.end()) {
    return false;
  }
  if (std::ranges::find(queued_, number) == queued_.end()) {
    queued_.push_back(number);
    kernel().report(*this, sched::Readiness::recv);
  }
  return true;
}

void DelayedReport::fire() { kernel_.report_now(*this, descriptor_, what_); }

}  // namespace rehearsal::simnet
