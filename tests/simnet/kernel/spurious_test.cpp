// A socket that is reported as ready although it is not: a choice for each wait.
#include <array>
#include <string>

#include <gtest/gtest.h>

#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

// The waits of "ask": 0 connects, 1 receives. The answer comes after 10 ms.
Task<> ask(ProgramHost& host, std::string& heard) {
  auto stream = co_await host.connect({"server", 7});
  heard = co_await stream.recv_until("\n", 10);
}
Task<> answer_late(ProgramHost& host) {
  auto listener = host.listen({"0.0.0.0", 7});
  auto client = co_await listener.accept();
  co_await sched::sleep_for(10ms);
  co_await client->send_all("hello\n");
}

TEST(Spurious, report_of_a_socket_that_is_not_ready_costs_a_step_and_no_more) {
  const auto steps_of = [](std::vector<Deviation> deviations) {
    const std::uint64_t reports = deviations.size();
    World world(std::move(deviations));
    std::string heard;
    world.host("server").spawn("answer", answer_late);
    world.host("client").spawn("ask", [&heard](ProgramHost& host) { return ask(host, heard); });
    const RunReport report = world.run();
    EXPECT_TRUE(report.ok()) << report.to_string();
    EXPECT_TRUE(world.choices().not_applied().empty());
    EXPECT_EQ(world.choices().count(Site::spurious).mattered, reports);
    EXPECT_EQ(heard, "hello\n");
    return report.steps;
  };
  EXPECT_EQ(steps_of({{{Site::spurious, "client/ask#0>", 1}, 100}}), steps_of({}) + 1);
}

// The wait is over before the report, and the socket is closed.
TEST(Spurious, report_of_a_closed_socket_changes_nothing) {
  World world({{{Site::spurious, "client/ask#0>", 1}, 100'000}});
  std::string heard;
  world.host("server").spawn("answer", answer_late);
  world.host("client").spawn("ask", [&heard](ProgramHost& host) { return ask(host, heard); });
  EXPECT_TRUE(world.run().ok());
  EXPECT_TRUE(world.choices().not_applied().empty());
  EXPECT_EQ(world.choices().count(Site::spurious).mattered, 0U);
}

}  // namespace
}  // namespace rehearsal::simnet
