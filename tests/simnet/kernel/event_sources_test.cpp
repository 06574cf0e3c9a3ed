#include <array>
#include <system_error>

#include <gtest/gtest.h>

#include "sched/sync/timeout.hpp"
#include "simnet/kernel/kernel.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

// Gives up waiting for work after 1 ms. The next socket has the descriptor of the work, and gets
// nothing within 20 ms.
Task<> give_up(ProgramHost& host, bool& worked) {
  int timeouts = 0;
  try {
    co_await sched::with_timeout(1ms, host.run_blocking([&worked] { worked = true; }));
  } catch (const std::system_error&) {
    ++timeouts;
  }
  auto socket = host.bind({"0.0.0.0", 9});
  std::array<std::byte, 1> into{};
  try {
    co_await sched::with_timeout(20ms, socket.recv_from(into));
  } catch (const std::system_error&) {
    ++timeouts;
  }
  EXPECT_EQ(timeouts, 2);
}

std::uint64_t steps_if_work_takes(sched::Duration time, bool& worked) {
  World world;
  HostOptions options;
  options.blocking_takes = time;
  world.host("a", options).spawn([&worked](ProgramHost& host) { return give_up(host, worked); });
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
  return report.steps;
}

TEST(BlockingWork, is_started_by_a_task) {
  World world;
  Kernel& kernel = world.host("a").kernel();
  EXPECT_DEATH(static_cast<void>(kernel.start_blocking([] {})), "is started by a task");
}

TEST(NameResolution, has_its_result_in_a_descriptor_of_its_own) {
  World world;
  Kernel& kernel = world.host("a").kernel();
  EXPECT_DEATH(static_cast<void>(kernel.resolved(99)), "is asked of a look-up");
}

TEST(BlockingWork, that_ends_after_its_caller_gave_up_wakes_nobody) {
  bool meanwhile = false;
  bool too_late = false;
  EXPECT_EQ(steps_if_work_takes(10ms, meanwhile), steps_if_work_takes(1h, too_late));
  EXPECT_TRUE(meanwhile);
}

}  // namespace
}  // namespace rehearsal::simnet
