#include "simnet/services.hpp"

#include <algorithm>

#include "simnet/network.hpp"

namespace rehearsal::simnet {

Completion::Completion(Network& network, sched::Instant at, std::function<void()> work)
    : Service(Kind::completion, network), work_(std::move(work)) {
  network.set_timer(*this, at);
}

void Completion::fire() {
  done_ = true;
  if (work_) {
    work_();
  }
  network().report(*this, sched::Readiness::recv);
}

bool SignalQueue::offer(int number) {
  if (std::ranges::find(numbers_, number) == numbers_.end()) {
    return false;
  }
  if (std::ranges::find(queued_, number) == queued_.end()) {
    queued_.push_back(number);
    network().report(*this, sched::Readiness::recv);
  }
  return true;
}

void DelayedReport::fire() { network_.report_now(*this, descriptor_, what_); }

}  // namespace rehearsal::simnet
