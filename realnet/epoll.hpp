// Epoll: the network whose source is epoll(7), edge-triggered. A descriptor is registered once in
// its life, for both directions, when it is first watched; a wait then costs one system call,
// whatever is watched. It reports changes, each once, whether anyone watches or not: what a socket
// shows is latched above the seam (sched/core/handles.hpp), so waiting and no longer waiting are no
// calls of the kernel.
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

struct EpollOptions {
  // Timeouts by epoll_pwait2(2). Where that is off, or the kernel is older than 5.11, epoll_wait(2)
  // rounds them up to milliseconds.
  bool nanosecond_timeouts = true;
};

class Epoll : public RealNetwork {
 public:
  // Throws std::system_error where epoll_create1(2) fails.
  explicit Epoll(EpollOptions options = {});
  ~Epoll();

  // The errors of epoll_ctl(2): operation_not_permitted for what cannot be waited for (a regular
  // file), bad_file_descriptor, no_space_on_device where the user watches too many,
  // not_enough_memory.
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
  void unwatch(sched::Descriptor descriptor, sched::Direction way) {
    const auto at = static_cast<std::size_t>(descriptor);
    if (at < states_.size()) [[likely]] {
      set_watched(states_[at], way, false);
    }
  }

  // Appends in the kernel's order, which is that of the changes; at most max_events, the others at
  // the next wait. Throws std::system_error where epoll_wait(2) fails other than by EINTR.
  sched::Wake wait(sched::Deadline until, sched::ReadyList& ready);
  static constexpr std::size_t max_events = 512;

  // As RealNetwork's; what is closed is no longer watched nor registered.
  void close(sched::Descriptor descriptor);
  void abort(sched::Descriptor descriptor);

  // How many descriptors were registered so far: one system call each.
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
  std::size_t watches_ = 0;    // how many of all `watched` are set
  std::vector<State> states_;  // by descriptor
  std::uint64_t registrations_ = 0;
  std::array<epoll_event, max_events> events_{};  // what the last wait found
};

static_assert(sched::Network<Epoll>);

}  // namespace rehearsal::realnet

// Compiled once, and not by each program.
extern template class rehearsal::sched::Scheduler<rehearsal::realnet::Epoll>;
extern template class rehearsal::sched::Host<rehearsal::realnet::Epoll>;
extern template class rehearsal::sched::Listener<rehearsal::realnet::Epoll>;
extern template class rehearsal::sched::Stream<rehearsal::realnet::Epoll>;
extern template class rehearsal::sched::Datagram<rehearsal::realnet::Epoll>;
extern template class rehearsal::sched::Signals<rehearsal::realnet::Epoll>;
