#include "simnet/kernel/services.hpp"

#include <algorithm>

#include "simnet/kernel/network.hpp"

namespace rehearsal::simnet {

Completion::Completion(Network& network, std::uint64_t key, sched::Instant at,
                       std::function<void()> work)
    : Service(Kind::completion, network, key), work_(std::move(work)) {
  network.set_timer(*this, at);
}

void Completion::fire() {
  sched::touch(key());
  done_ = true;
  if (work_) {
    if (!network().options().isolated_tasks) {
      sched::touch(network().key_of(Network::Part::program));
    }
    work_();
  }
  if (descriptor() >= 0) {
    network().report(*this, sched::Readiness::recv);
  } else {
    network().forget(*this);
  }
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
