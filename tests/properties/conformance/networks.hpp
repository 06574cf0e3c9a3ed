// The two kernels that are compared, with the same calls: those of sched::Network, and a few more
// for the tests.
#pragma once

#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "realnet/sockets.hpp"
#include "simnet/kernel/kernel.hpp"
#include "tests/patience.hpp"

namespace rehearsal::conformance {

using sched::Descriptor;
using sched::Readiness;

// Returns options of a host with the limit of Unix datagrams of this machine.
inline simnet::HostOptions like_this_machine() {
  simnet::HostOptions options;
  std::ifstream("/proc/sys/net/unix/max_dgram_qlen") >> options.unix_datagrams;
  return options;
}

// One host whose only link is to itself. Time advances only in settle().
class Simulated {
 public:
  Simulated()
      : fabric_(simnet::Choices(simnet::Policy::nominal())),
        network_(fabric_, "host", like_this_machine()) {
    fabric_.loopback_options.latency = std::chrono::microseconds(10);
  }

  [[nodiscard]] simnet::Kernel& calls() { return network_; }
  // Processes all events. Returns true if something happened since the last call.
  bool settle() {
    bool any = false;
    while (network_.timers().next() <= network_.at() + settled_after) {
      const sched::Instant at = network_.timers().next();
      network_.work(at);
      network_.begin_round(at);
      any = true;
    }
    // An acknowledgement causes no event if no task waits for it.
    network_.begin_round(network_.at() + 2 * fabric_.loopback_options.latency);
    sched::ReadyList found;
    network_.wait(sched::never, found);
    reports_.append(found);
    return any;
  }
  [[nodiscard]] Readiness shown(Descriptor descriptor) const {
    return network_.probe(descriptor).value();
  }
  // Returns the readiness reported since the last call.
  Readiness reported(Descriptor descriptor) {
    Readiness what = Readiness::none;
    for (const sched::Ready& report : reports_) {
      if (report.descriptor == descriptor) {
        what |= report.what;
      }
    }
    return what;
  }
  void forget_reports() { reports_.clear(); }

 private:
  // Longer than any packet is in flight, shorter than any retransmission.
  static constexpr sched::Duration settled_after = std::chrono::milliseconds(100);

  simnet::Fabric fabric_;
  simnet::Kernel network_;
  sched::ReadyList reports_;
};

class Kernel {
 public:
  [[nodiscard]] realnet::Sockets calls() const { return {}; }
  // Lets the kernel run. Returns false once the patience is over.
  bool settle() {
    if (++looked_ > looks_before_yield) {
      ::sched_yield();
    }
    return std::chrono::steady_clock::now() < until_;
  }
  void begin_settling() {
    looked_ = 0;
    until_ = std::chrono::steady_clock::now() + patience_;
  }
  [[nodiscard]] static Readiness shown(Descriptor descriptor) {
    pollfd ask{.fd = descriptor, .events = POLLIN | POLLOUT | POLLRDHUP, .revents = 0};
    ::poll(&ask, 1, 0);
    const auto bit = [&ask](int mask, Readiness what) {
      return (ask.revents & mask) != 0 ? what : Readiness::none;
    };
    return bit(POLLIN, Readiness::recv) | bit(POLLOUT, Readiness::send) |
           bit(POLLHUP, Readiness::hang_up) | bit(POLLERR, Readiness::error);
  }
  [[nodiscard]] static std::size_t queued(Descriptor descriptor) {
    int bytes = 0;
    ::ioctl(descriptor, FIONREAD, &bytes);
    return static_cast<std::size_t>(bytes);
  }

 private:
  static constexpr int looks_before_yield = 200;
  // Only a program that is about to differ waits this long.
  std::chrono::milliseconds patience_ = patience(std::chrono::seconds(5));
  std::chrono::steady_clock::time_point until_;
  int looked_ = 0;
};

}  // namespace rehearsal::conformance
