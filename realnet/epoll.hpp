// Epoll: the network whose event source is epoll(7), edge-triggered. A descriptor is registered
// once in its lifetime, for both directions, when it is first watched. A wait then costs one system
// call, whatever is watched. It reports each change once, whether or not a task waits: the
// scheduler latches what a socket shows (sched/core/handles.hpp), so beginning and ending a wait
// need no system call.
//
// Closing the last descriptor of a socket ends its registration (epoll(7), question 6).
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "realnet/real_network.hpp"
#include "sched/host.hpp"

namespace rehearsal::realnet {

/// Options of an Epoll network.
struct EpollOptions {
  /// Uses epoll_pwait2(2), whose timeouts are in nanoseconds. If it is off, or the kernel is older
  /// than 5.11, epoll_wait(2) rounds timeouts up to milliseconds.
  bool nanosecond_timeouts = true;
};

/// The Linux network over epoll(7), edge-triggered. A wait costs one system call, however many
/// descriptors are watched. One thread uses it; only post() may be called by others.
class Epoll : public RealNetwork {
 public:
  /// Throws std::system_error if epoll_create1(2) fails.
  explicit Epoll(EpollOptions options = {});
  ~Epoll();

  /// Begins to watch a descriptor. Returns the errors of epoll_ctl(2): operation_not_permitted if
  /// it cannot be waited for (a regular file), bad_file_descriptor, no_space_on_device if the user
  /// watches too many, or not_enough_memory.
  sched::Result<> watch(sched::Descriptor descriptor, sched::Direction way) {
    const auto at = static_cast<std::size_t>(descriptor);
    if (at >= states_.size() || !states_[at].registered) [[unlikely]] {
      const auto registered = add(descriptor);
      if (!registered.ok()) {
        return registered;
      }
    }
    set_watched(states_[at], way, true);
    return {};
  }
  /// Ends a watch, without a system call.
  void unwatch(sched::Descriptor descriptor, sched::Direction way) {
    const auto at = static_cast<std::size_t>(descriptor);
    if (at < states_.size()) [[likely]] {
      set_watched(states_[at], way, false);
    }
  }

  /// Waits, and appends the reports in the kernel's order, which is that of the changes. Reports at
  /// most max_events; the next wait reports the others. Throws std::system_error if epoll_wait(2)
  /// fails, except with EINTR.
  sched::Wake wait(sched::Deadline until, sched::ReadyList& ready);
  /// Maximum number of events that one wait reports.
  static constexpr std::size_t max_events = 512;

  /// Closes a descriptor, as RealNetwork::close does. Its watch and its registration end.
  void close(sched::Descriptor descriptor);
  /// Aborts a connection, as RealNetwork::abort does. Its watch and its registration end.
  void abort(sched::Descriptor descriptor);

  /// Returns how many descriptors were registered; each costs one system call.
  [[nodiscard]] std::uint64_t registrations() const { return registrations_; }

 private:
  struct State {
    bool registered = false;
    std::array<bool, 2> watched{};
  };

  void set_watched(State& state, sched::Direction way, bool watched) {
    bool& before = state.watched[way == sched::Direction::recv ? 0 : 1];
    if (before != watched) {
      before = watched;
      watches_ += watched ? std::size_t{1} : ~std::size_t{0};
    }
  }
  sched::Result<> add(sched::Descriptor descriptor);
  void forget(sched::Descriptor descriptor);
  int ask(sched::Deadline until);

  sched::Descriptor epoll_;
  bool nanosecond_timeouts_;
  std::size_t watches_ = 0;    // number of set elements of all `watched`
  std::vector<State> states_;  // by descriptor
  std::uint64_t registrations_ = 0;
  std::array<epoll_event, max_events> events_{};  // what the last wait found
};

static_assert(sched::Network<Epoll>);

}  // namespace rehearsal::realnet

/// Compiled once, so that not every program compiles them.
extern template class rehearsal::sched::Scheduler<rehearsal::realnet::Epoll>;
extern template class rehearsal::sched::Host<rehearsal::realnet::Epoll>;
extern template class rehearsal::sched::Listener<rehearsal::realnet::Epoll>;
extern template class rehearsal::sched::Stream<rehearsal::realnet::Epoll>;
extern template class rehearsal::sched::Datagram<rehearsal::realnet::Epoll>;
extern template class rehearsal::sched::Signals<rehearsal::realnet::Epoll>;
