// Runs one program, a task over a Host, on each network.
#pragma once

#include <string>
#include <type_traits>

#include <gtest/gtest.h>

#include "realnet/epoll.hpp"
#include "realnet/select.hpp"
#include "sched/host.hpp"
#include "simnet/world.hpp"

namespace rehearsal::conformance {

struct OnSimnet {
  template <class Program>
  static void run(Program program) {
    simnet::World world;
    bool finished = false;  // a host that listens may wait forever
    world.host("host").spawn("program", [program, &finished](auto& host) -> sched::Task<> {
      auto task = program(host);
      co_await std::move(task);
      finished = true;
    });
    const simnet::RunReport report = world.run();
    EXPECT_TRUE(report.ok() && finished) << report.to_string();
  }
};

template <class RealNet>
struct OnKernel {
  using Net = RealNet;

  template <class Program>
  static void run(Program program) {
    Net net;
    sched::Host<Net> host(net);
    auto task = host.spawn("program", program);
    host.run_until(task);
    EXPECT_NO_THROW(task.take());
  }
};

using Drivers = testing::Types<OnSimnet, OnKernel<realnet::Select>, OnKernel<realnet::Epoll>>;

struct DriverNames {
  template <class Driver>
  static std::string GetName(int /*index*/) {  // NOLINT: GoogleTest's name
    if constexpr (std::is_same_v<Driver, OnSimnet>) {
      return "simnet";
    } else {
      return std::is_same_v<typename Driver::Net, realnet::Select> ? "select" : "epoll";
    }
  }
};

}  // namespace rehearsal::conformance
