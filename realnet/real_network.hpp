// All of a real network but its source: the time, and the calls of sched/seam/network.hpp that do
// not depend on how the kernel is asked for readiness. Select and Epoll derive from it.
//
// One thread uses a network; post() alone is for any thread. On a real network nothing is held back
// and every choice comes out 0.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "realnet/clock.hpp"
#include "realnet/sockets.hpp"
#include "sched/seam/hooks.hpp"

namespace rehearsal::realnet {

class RealNetwork : public Sockets {
 public:
  RealNetwork(const RealNetwork&) = delete;
  RealNetwork& operator=(const RealNetwork&) = delete;

  static constexpr sched::SourceHooks hooks{.holds_back = false, .posts = true};
  static constexpr std::uint32_t delay(const sched::TaskRecord& /*task*/) { return 0; }
  static constexpr std::uint32_t choose(std::string_view /*name*/, std::uint32_t /*outcomes*/) {
    return 0;
  }
  // CLOCK_MONOTONIC.
  sched::Instant now() { return known_ = monotonic_now(); }

  // Of every descriptor that a call of this network gave.
  void close(sched::Descriptor descriptor);
  void abort(sched::Descriptor descriptor);

  // Resolver::start and Resolver::finish.
  sched::Result<sched::Descriptor> resolve(std::string_view name);
  sched::Result<std::vector<sched::Endpoint>> resolved(sched::Descriptor descriptor);
  // Signals::open and Signals::next.
  sched::Result<sched::Descriptor> signals(std::span<const int> numbers);
  sched::Result<int> next_signal(sched::Descriptor descriptor);
  // Inboxes::open, Inboxes::next and Inboxes::post; the last may be called by any thread.
  sched::Result<sched::Descriptor> inbox(std::string_view name);
  sched::Result<sched::Message> next_message(sched::Descriptor descriptor);
  sched::Result<> post(std::string_view name, sched::ConstBytes message);
  // ThreadPool::start.
  sched::Result<sched::Descriptor> start_blocking(std::function<void()> work);
  // Random::next.
  std::uint64_t random();

 protected:
  RealNetwork();
  ~RealNetwork();

  // The source has looked at the clock, and it showed `until` or later.
  [[nodiscard]] bool known_past(sched::Deadline until) const { return until <= known_; }
  // How long until `until`: zero where it has passed, nothing where it is `never`.
  std::optional<timespec> time_left(sched::Deadline until);

 private:
  enum class Kind : std::uint8_t { socket, resolution, signals, inbox, blocking };
  struct Services;  // what is no socket: threads and locks, which a server need not include

  sched::Result<sched::Descriptor> note(sched::Result<sched::Descriptor> opened, Kind kind);

  sched::Instant known_{};   // the latest reading of the clock
  std::vector<Kind> kinds_;  // by descriptor; those beyond its end are sockets
  std::unique_ptr<Services> services_;
};

}  // namespace rehearsal::realnet
