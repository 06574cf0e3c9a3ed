#include "simnet/prefetch.hpp"

#include <array>
#include <cstddef>
#include <typeinfo>

#include "sched/core/prefetch.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/network/fabric.hpp"
#include "simnet/whole_host.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {
namespace {

// From this number of hosts on, what they use no longer fits the first-level cache.
constexpr std::size_t some_hosts = 16;
// From this number of hosts on it does not fit the second-level cache either: memory is fetched
// much earlier.
constexpr std::size_t many_hosts = 512;

// How many turns ahead each stage is; each stage needs what the previous one fetched.
constexpr std::size_t pointer_ahead = 31;
constexpr std::size_t host_ahead = 28;
constexpr std::size_t end_ahead = 24;
constexpr std::size_t arrival_ahead = 20;
constexpr std::size_t peer_ahead = 16;
constexpr std::size_t task_ahead = 12;
constexpr std::array<std::size_t, 3> frame_ahead = {9, 6, 3};  // by the depth of the caller

// Fetches what a segment uses of the end that begins at `first`, or at most 32 bytes before it.
void fetch_end(const void* first) {
  constexpr std::size_t line = alignof(TcpEnd);
  const auto* at = static_cast<const char*>(first);
  __builtin_prefetch(at);
  sched::Prefetch::bytes(at + 2 * line, sizeof(TcpEnd) - 2 * line - line / 2);
}

}  // namespace

const Kernel& Prefetch::kernel(const SimulatedHost& host) {
  return static_cast<const WholeHost&>(host).kernel_;
}
const void* Prefetch::program(const SimulatedHost& host) {
  return &static_cast<const WholeHost&>(host).program_;
}

[[gnu::hot]] void Prefetch::next_turns(const World& world) {
  const std::size_t hosts = world.hosts_.size();
  if (hosts <= some_hosts) {
    return;
  }
  static_assert(sizeof(sched::Host<SimulatedNetwork>) == sizeof(sched::Scheduler<SimulatedNetwork>),
                "a program begins with its scheduler");
  const EventQueue& queue = world.fabric_.queue;
  const std::size_t soon = queue.soon_count();
  // Each event uses the first bytes of a host, up to the name of its kernel. It also uses
  // four cache lines of its program: of the scheduler's timers, arrivals and handles. Neither
  // is read here.
  const auto fetch_host = [](const SimulatedHost& host) {
    constexpr std::size_t lines_from = 192;
    constexpr std::size_t lines = 256;
    const auto* first = reinterpret_cast<const char*>(&host);
    const auto* name = reinterpret_cast<const char*>(&kernel(host).name_);
    sched::Prefetch::lines(first, static_cast<std::size_t>(name - first));
    sched::Prefetch::lines(static_cast<const char*>(program(host)) + lines_from, lines);
  };
  // The first timer nearly always belongs to an end of a connection, near its beginning; what else
  // a turn needs of the end is two lines further. If it is another timer, the fetch has no use.
  const auto fetch_timer = [](const SimulatedHost& host) {
    if (const sched::Timer* timer = kernel(host).timers_.first(); timer != nullptr) {
      fetch_end(timer);
    }
  };
  const auto stage = [&](std::size_t ahead, auto&& fetch) {
    if (ahead < soon) {
      fetch(*world.hosts_[queue.soon(ahead).host]);
    }
  };
  if (hosts <= many_hosts) {
    stage(2, fetch_host);
    stage(1, fetch_timer);
    return;
  }
  if (pointer_ahead < soon) {
    __builtin_prefetch(&world.hosts_[queue.soon(pointer_ahead).host]);
  }
  stage(host_ahead, fetch_host);
  stage(end_ahead, fetch_timer);
  stage(arrival_ahead, arrival);
  stage(peer_ahead, peer);
  stage(task_ahead, [](const SimulatedHost& host) {
    if (const sched::Waiter* waiter = receiver(host); waiter != nullptr) {
      sched::Prefetch::task(*waiter);
      sched::Prefetch::destination<sched::Stream<SimulatedNetwork>>(*waiter);
    }
  });
  for (std::size_t up = 0; up < frame_ahead.size(); ++up) {
    stage(frame_ahead[up], [up](const SimulatedHost& host) {
      if (const sched::Waiter* waiter = receiver(host); waiter != nullptr) {
        sched::Prefetch::frame(*waiter, static_cast<int>(up));
      }
    });
  }
}

[[gnu::hot]] void Prefetch::arrival(SimulatedHost& host) {
  sched::Descriptor& at = host.arrives_at_;
  at = -1;
  const sched::Timer* timer = kernel(host).timers_.first();
  if (timer == nullptr || typeid(*timer) != typeid(TcpEnd)) {
    return;
  }
  const auto& end = *static_cast<const TcpEnd*>(dynamic_cast<const void*>(timer));
  __builtin_prefetch(end.link_);
  __builtin_prefetch(end.bytes_.front());
  fetch_end(end.peer_);
  at = end.descriptor();
  if (host.running() && at >= 0) {
    sched::Prefetch::handle(host.scheduler().handles(), at);
  }
}

// Fetches what an arrival uses of the kernel that sent: its first bytes and its timers.
[[gnu::hot]] void Prefetch::peer(const SimulatedHost& host) {
  const auto* end = kernel(host).find<TcpEnd>(host.arrives_at_, OpenFile::Kind::stream);
  if (end != nullptr) {
    const Kernel& from = end->peer().kernel();
    const auto* first = reinterpret_cast<const char*>(&from);
    const auto* found = reinterpret_cast<const char*>(&from.found_);
    sched::Prefetch::bytes(first, static_cast<std::size_t>(found - first));
  }
  sched::Prefetch::waiter(receiver(host));
}

// Returns the waiter that will receive what arrives next, or null if it is not known.
[[gnu::hot]] const sched::Waiter* Prefetch::receiver(const SimulatedHost& host) {
  const sched::Descriptor at = host.arrives_at_;
  return host.running() && at >= 0 ? sched::Prefetch::receiver(host.scheduler().handles(), at)
                                   : nullptr;
}

}  // namespace rehearsal::simnet
