// The part of a real network that does not depend on its event source: the time, and the calls of
// sched/seam/network.hpp that do not ask the kernel for readiness. Select and Epoll derive from it.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "realnet/clock.hpp"
#include "realnet/sockets.hpp"
#include "sched/base/stderr_log.hpp"
#include "sched/seam/hooks.hpp"

namespace rehearsal::realnet {

/// The common part of Select and Epoll: the calls of a network on Linux. One thread uses a network;
/// only post() may be called by others. No task is held back, and every choice is 0.
class RealNetwork : public Sockets {
 public:
  RealNetwork(const RealNetwork&) = delete;
  RealNetwork& operator=(const RealNetwork&) = delete;

  static constexpr sched::SourceHooks hooks{.holds_back = false, .posts = true, .logs = true};
  /// Returns 0: no task is held back.
  static constexpr std::uint32_t delay(const sched::TaskRecord& /*task*/) { return 0; }
  /// Returns 0, the default of every choice.
  static constexpr std::uint32_t choose(std::string_view /*name*/, std::uint32_t /*outcomes*/) {
    return 0;
  }
  /// Returns the current time of CLOCK_MONOTONIC.
  sched::Instant now() { return known_ = monotonic_now(); }

  /// Closes a descriptor that a call of this network returned.
  void close(sched::Descriptor descriptor);
  /// Closes a connection with a RST. For other descriptors, closes them.
  void abort(sched::Descriptor descriptor);

  /// Begins a name resolution with getaddrinfo(3) on another thread. The descriptor is readable
  /// once resolved() has the answer. Returns invalid_argument if `name` is empty or holds a zero
  /// byte, or the errors of start_blocking().
  sched::Result<sched::Descriptor> resolve(std::string_view name);
  /// Returns the addresses, or the error, of a name resolution; would_block if there is no
  /// answer yet.
  sched::Result<std::vector<sched::Endpoint>> resolved(sched::Descriptor descriptor);
  /// Takes over signals; see Signals::open for the errors. The descriptor is readable when one
  /// has arrived.
  sched::Result<sched::Descriptor> signals(std::span<const int> numbers);
  /// Takes the signal with the lowest number among those that have arrived, or returns would_block.
  sched::Result<int> next_signal(sched::Descriptor descriptor);
  /// Opens the inbox `name`. Returns device_or_resource_busy if it is open already.
  sched::Result<sched::Descriptor> inbox(std::string_view name);
  /// Takes the oldest message, or returns would_block.
  sched::Result<sched::Message> next_message(sched::Descriptor descriptor);
  /// Posts a message to the inbox `name`, which need not be open yet. Any thread may call it while
  /// the network exists. The messages of one thread stay in order. Returns no_buffer_space while
  /// the inbox holds its maximum of 65536 messages.
  sched::Result<> post(std::string_view name, sched::ConstBytes message);
  /// Runs `work` on another thread. The descriptor is readable when it has returned. Returns the
  /// errors of eventfd(2), or not_enough_memory if no thread can be created.
  sched::Result<sched::Descriptor> start_blocking(std::function<void()> work);
  /// Returns the time of CLOCK_REALTIME (clock_gettime(2)).
  sched::WallTime wall_clock() { return wall_clock_now(); }
  /// Returns 64 unpredictable bits of getrandom(2).
  std::uint64_t random();
  /// Writes a line to the log: on stderr, or by the function of log_to().
  void log(std::string_view text) { log_(text); }
  /// Sends the lines of Host::log() to `write`, which must not be null. log_to_spdlog() is one way
  /// (`<rehearsal/spdlog.hpp>`).
  void log_to(std::function<void(std::string_view line)> write) { log_ = std::move(write); }

 protected:
  RealNetwork();
  ~RealNetwork();

  // Returns true if the latest reading of the clock was `until` or later.
  [[nodiscard]] bool known_past(sched::Deadline until) const { return until <= known_; }
  // Returns the time left until `until`: zero if it has passed, nothing if it is `never`.
  std::optional<timespec> time_left(sched::Deadline until);

 private:
  enum class Kind : std::uint8_t { socket, resolution, signals, inbox, blocking };
  struct Services;  // threads and locks, which a server need not include

  sched::Result<sched::Descriptor> note(sched::Result<sched::Descriptor> opened, Kind kind);

  sched::Instant known_{};   // the latest reading of the clock
  std::vector<Kind> kinds_;  // by descriptor; those beyond its end are sockets
  std::function<void(std::string_view)> log_ = sched::log_to_stderr;
  std::unique_ptr<Services> services_;
};

}  // namespace rehearsal::realnet
