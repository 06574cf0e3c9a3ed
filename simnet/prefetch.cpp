// What a host will touch in its turn is fetched some turns before: a world of many hosts does not
// fit the cache. Nothing that happens depends on it.
#include "sched/base/prefetch.hpp"

#include <array>
#include <utility>

#include "simnet/world.hpp"

namespace rehearsal::simnet {

using sched::prefetch;

void World::prefetch_soon() const {
  // How many turns ahead each stage is.
  constexpr std::array<std::pair<std::size_t, SimulatedHost::Fetch>, 8> stages = {{
      {28, SimulatedHost::Fetch::host},
      {24, SimulatedHost::Fetch::timer},
      {20, SimulatedHost::Fetch::arrival},
      {16, SimulatedHost::Fetch::peer},
      {12, SimulatedHost::Fetch::task},
      {9, SimulatedHost::Fetch::frame},
      {6, SimulatedHost::Fetch::caller},
      {3, SimulatedHost::Fetch::first_caller},
  }};
  const EventQueue& queue = fabric_.queue;
  constexpr std::size_t first = 31;
  if (queue.soon_count() > first) {
    prefetch(&hosts_[queue.soon(first).host], sizeof(hosts_[0]));
  }
  for (const auto& [ahead, stage] : stages) {
    if (ahead < queue.soon_count()) {
      hosts_[queue.soon(ahead).host]->prefetch(stage);
    }
  }
}

// What the next turns begin with.
void World::prefetch_next() const {
  const EventQueue& queue = fabric_.queue;
  if (queue.soon_count() > 2) {
    hosts_[queue.soon(2).host]->prefetch_host();
    hosts_[queue.soon(1).host]->kernel_.prefetch_end();
  }
}

void SimulatedHost::prefetch_host() const {
  sched::prefetch_lines(this, hot_bytes());
  sched::prefetch_lines(hot_program(), sched::Scheduler<Kernel>::hot_bytes);
}

// The first timer is nearly always one of an end's, near its beginning; what a turn needs of the
// end besides lies two lines on. Of another timer, something else is fetched, in vain.
void Kernel::prefetch_end() const {
  constexpr std::size_t line = alignof(TcpEnd);
  if (const auto* first = reinterpret_cast<const char*>(timers_.first()); first != nullptr) {
    __builtin_prefetch(first);
    sched::prefetch_lines(first + 2 * line, sizeof(TcpEnd) - 2 * line - line / 2);
  }
}

const sched::Waiter* SimulatedHost::receiver() const {
  const sched::Descriptor descriptor = kernel_.expecting();
  return running() && descriptor >= 0 ? scheduler().handles().receiver(descriptor) : nullptr;
}

const void* SimulatedHost::hot_program() const {
  using Scheduler = sched::Scheduler<Kernel>;
  constexpr std::size_t flag = sizeof program_ - sizeof(sched::Host<Kernel>);
  return reinterpret_cast<const char*>(&program_ + 1) - flag - Scheduler::last_bytes -
         Scheduler::hot_bytes;
}

std::size_t SimulatedHost::hot_bytes() const {
  return static_cast<std::size_t>(reinterpret_cast<const char*>(&kernel_) -
                                  reinterpret_cast<const char*>(this)) +
         kernel_.hot_bytes();
}

void SimulatedHost::prefetch(Fetch stage) const {
  const sched::Waiter* waiter = stage >= Fetch::peer ? receiver() : nullptr;
  switch (stage) {
    case Fetch::host:
      sched::prefetch(this, hot_bytes());
      // Whether the program runs is not known yet.
      sched::prefetch(hot_program(), sched::Scheduler<Kernel>::hot_bytes);
      return;
    case Fetch::timer:
      kernel_.prefetch_timer();
      return;
    case Fetch::arrival:
      kernel_.prefetch_arrival();
      if (running() && kernel_.expecting() >= 0) {
        scheduler().handles().prefetch(kernel_.expecting());
      }
      return;
    case Fetch::peer:
      kernel_.prefetch_peer();
      sched::prefetch(waiter, 96);
      return;
    case Fetch::task:
      if (waiter != nullptr) {
        waiter->prefetch();
        sched::prefetch(waiter->task(), sched::TaskRecord::hot_bytes);
      }
      return;
    case Fetch::frame:
    case Fetch::caller:
    case Fetch::first_caller:
      if (waiter != nullptr) {
        const int up = static_cast<int>(stage) - static_cast<int>(Fetch::frame);
        sched::Executor::prefetch_frame(*waiter, up);
      }
      return;
  }
}

void Kernel::prefetch_timer() const {
  if (timers_.first() != nullptr) {
    TcpEnd::prefetch_from(timers_.first());
  }
}

void Kernel::prefetch_arrival() const {
  if (const sched::Timer* timer = timers_.first(); timer != nullptr) {
    timer->prefetch();
  }
}

void Kernel::prefetch_peer() const {
  if (const auto* end = find<TcpEnd>(expecting_, OpenFile::Kind::stream); end != nullptr) {
    const Kernel& peer = end->peer().kernel();
    prefetch(&peer, peer.timer_bytes());
  }
}

void TcpEnd::prefetch_from(const void* first) {
  constexpr std::size_t line = alignof(TcpEnd);
  const char* const of_first = static_cast<const char*>(first);
  __builtin_prefetch(of_first);
  sched::prefetch(of_first + 2 * line, sizeof(TcpEnd) - 2 * line - line / 2);
}

void TcpEnd::prefetch_arrival() const {
  sched::prefetch(link_, 1);
  bytes_.prefetch();
  prefetch_from(&peer());
  kernel().expect_at(descriptor());
}

}  // namespace rehearsal::simnet
