#include "simnet/prefetch.hpp"

#include <array>
#include <cstddef>
#include <typeinfo>

#include "sched/core/prefetch.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {
namespace {

// From this many hosts on, what they touch no longer fits the first cache.
constexpr std::size_t some_hosts = 16;
// From this many on it does not fit the second one either: memory is fetched much earlier.
constexpr std::size_t many_hosts = 512;

// How many turns ahead each stage is; each needs what the one before it fetched.
constexpr std::size_t pointer_ahead = 31;
constexpr std::size_t host_ahead = 28;
constexpr std::size_t end_ahead = 24;
constexpr std::size_t arrival_ahead = 20;
constexpr std::size_t peer_ahead = 16;
constexpr std::size_t task_ahead = 12;
constexpr std::array<std::size_t, 3> frame_ahead = {9, 6, 3};  // by how far up its callers

}  // namespace

void Prefetch::next_turns(const World& world) {
  const std::size_t hosts = world.hosts_.size();
  if (hosts <= some_hosts) {
    return;
  }
  const EventQueue& queue = world.fabric_.queue;
  const std::size_t soon = queue.soon_count();
  const auto turn = [&](std::size_t ahead) -> const SimulatedHost* {
    return ahead < soon ? world.hosts_[queue.soon(ahead).host].get() : nullptr;
  };
  if (hosts <= many_hosts) {
    host(turn(2));
    end(turn(1));
    return;
  }
  if (pointer_ahead < soon) {
    __builtin_prefetch(&world.hosts_[queue.soon(pointer_ahead).host]);
  }
  host(turn(host_ahead));
  end(turn(end_ahead));
  arrival(turn(arrival_ahead));
  if (const auto* host = turn(peer_ahead); const TcpEnd* next = next_end(host)) {
    peer(*next);
    sched::Prefetch::waiter(receiver(*host, *next));
  }
  const auto waiter = [&](std::size_t ahead) -> const sched::Waiter* {
    const SimulatedHost* host = turn(ahead);
    const TcpEnd* next = next_end(host);
    return next == nullptr ? nullptr : receiver(*host, *next);
  };
  if (const sched::Waiter* next = waiter(task_ahead); next != nullptr) {
    sched::Prefetch::task(*next);
  }
  for (std::size_t up = 0; up < frame_ahead.size(); ++up) {
    if (const sched::Waiter* next = waiter(frame_ahead[up]); next != nullptr) {
      sched::Prefetch::frame(*next, static_cast<int>(up));
    }
  }
}

// The end of a connection whose timer is due next at the host; null if another timer is.
const TcpEnd* Prefetch::next_end(const SimulatedHost* host) {
  const sched::Timer* timer = host == nullptr ? nullptr : host->kernel_.timers_.first();
  if (timer == nullptr || typeid(*timer) != typeid(TcpEnd)) {
    return nullptr;
  }
  return static_cast<const TcpEnd*>(dynamic_cast<const void*>(timer));
}

// The waiter that will receive what arrives at `end`; null if none is known.
const sched::Waiter* Prefetch::receiver(const SimulatedHost& host, const TcpEnd& end) {
  return host.running() && end.descriptor() >= 0
             ? sched::Prefetch::receiver(host.scheduler().handles(), end.descriptor())
             : nullptr;
}

// Each event touches the first bytes of a host, up to the name of its kernel, and the last ones of
// its program, the scheduler. Neither is read here.
void Prefetch::host(const SimulatedHost* host) {
  if (host == nullptr) {
    return;
  }
  constexpr std::size_t scheduler_bytes = 384;
  const auto* first = reinterpret_cast<const char*>(host);
  const auto* name = reinterpret_cast<const char*>(&host->kernel_.name_);
  const auto* last = reinterpret_cast<const char*>(&host->program_ + 1);
  sched::Prefetch::bytes(first, static_cast<std::size_t>(name - first));
  sched::Prefetch::bytes(last - scheduler_bytes, scheduler_bytes);
}

// The first timer is nearly always one of an end of a connection, near its beginning; what a turn
// needs of the end besides lies two lines on. If it is another timer, the fetch is in vain.
void Prefetch::end(const SimulatedHost* host) {
  const sched::Timer* timer = host == nullptr ? nullptr : host->kernel_.timers_.first();
  if (timer != nullptr) {
    end_at(timer);
  }
}

// Fetches what a segment uses of the end that begins at `first`, or at most 32 bytes before it.
void Prefetch::end_at(const void* first) {
  constexpr std::size_t line = alignof(TcpEnd);
  const auto* at = static_cast<const char*>(first);
  __builtin_prefetch(at);
  sched::Prefetch::bytes(at + 2 * line, sizeof(TcpEnd) - 2 * line - line / 2);
}

void Prefetch::arrival(const SimulatedHost* host) {
  const TcpEnd* end = next_end(host);
  if (end == nullptr) {
    return;
  }
  __builtin_prefetch(end->link_);
  end_at(end->peer_);
  if (host->running() && end->descriptor() >= 0) {
    sched::Prefetch::handle(host->scheduler().handles(), end->descriptor());
  }
}

// What an arrival uses of the kernel that sent: its first bytes and its timers.
void Prefetch::peer(const TcpEnd& end) {
  const Kernel& kernel = end.peer().kernel();
  const auto* first = reinterpret_cast<const char*>(&kernel);
  const auto* found = reinterpret_cast<const char*>(&kernel.found_);
  sched::Prefetch::bytes(first, static_cast<std::size_t>(found - first));
}

}  // namespace rehearsal::simnet
