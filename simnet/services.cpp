#include "simnet/services.hpp"

#include <algorithm>

#include "simnet/draw.hpp"
#include "simnet/network.hpp"

namespace rehearsal::simnet {

Completion::Completion(Network& network, sched::Instant at, std::function<void()> work)
    : Service(Kind::completion, network), work_(std::move(work)) {
  network.set_timer(*this, at);
}

void Completion::fire() {
  network().touch(descriptor());
  done_ = true;
  if (work_) {
    if (!network().options().isolated_tasks) {
      sched::touch(network().key_of(Network::Part::program));
    }
    work_();
  }
  network().report(*this, sched::Readiness::recv);
}

std::uint64_t Completion::timer_key() const {
  return draw(network().key(), 1, static_cast<std::uint64_t>(descriptor()));
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

std::uint64_t DelayedReport::timer_key() const {
  return draw(network_.key(), 2, static_cast<std::uint64_t>(descriptor_));
}

void DelayedReport::fire() { network_.report_now(*this, descriptor_, what_); }

}  // namespace rehearsal::simnet
