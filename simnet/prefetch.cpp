#include "simnet/prefetch.hpp"

#include <cstddef>

#include "sched/base/prefetch.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {
namespace {

// From this many hosts on, what they touch no longer fits the first cache.
constexpr std::size_t some_hosts = 16;
// From this many on it does not fit the second one either: memory is fetched much earlier.
constexpr std::size_t many_hosts = 512;

struct Ahead {  // by how many turns
  std::size_t host;
  std::size_t end;
};
constexpr Ahead near = {2, 1};
constexpr Ahead far = {28, 24};
constexpr std::size_t pointer_ahead = 31;

}  // namespace

void Prefetch::next_turns(const World& world) {
  const std::size_t hosts = world.hosts_.size();
  if (hosts <= some_hosts) {
    return;
  }
  const EventQueue& queue = world.fabric_.queue;
  const Ahead& ahead = hosts > many_hosts ? far : near;
  const std::size_t soon = queue.soon_count();
  if (hosts > many_hosts && pointer_ahead < soon) {
    __builtin_prefetch(&world.hosts_[queue.soon(pointer_ahead).host]);
  }
  if (ahead.host < soon) {
    host(*world.hosts_[queue.soon(ahead.host).host]);
  }
  if (ahead.end < soon) {
    end(world.hosts_[queue.soon(ahead.end).host]->kernel_);
  }
}

// Each event touches the first bytes of a host, up to the name of its kernel, and the last ones of
// its program, the scheduler. Neither is read here.
void Prefetch::host(const SimulatedHost& host) {
  constexpr std::size_t scheduler_bytes = 384;
  const auto* first = reinterpret_cast<const char*>(&host);
  const auto* name = reinterpret_cast<const char*>(&host.kernel_.name_);
  const auto* last = reinterpret_cast<const char*>(&host.program_ + 1);
  sched::prefetch(first, static_cast<std::size_t>(name - first));
  sched::prefetch(last - scheduler_bytes, scheduler_bytes);
}

// The first timer is nearly always one of an end of a connection, near its beginning; what a turn
// needs of the end besides lies two lines on. If it is another timer, the fetch is in vain.
void Prefetch::end(const Kernel& kernel) {
  constexpr std::size_t line = alignof(TcpEnd);
  const auto* first = reinterpret_cast<const char*>(kernel.timers_.first());
  if (first != nullptr) {
    __builtin_prefetch(first);
    sched::prefetch(first + 2 * line, sizeof(TcpEnd) - 2 * line - line / 2);
  }
}

}  // namespace rehearsal::simnet
