// A client that has sent everything and is gone before it is accepted.
#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "simnet/trace/trace_recorder.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {
namespace {

using namespace std::chrono_literals;
using ProgramHost = sched::Host<SimulatedNetwork>;

// Reads to the end; waits 1 ms before it accepts.
sched::Task<> read_late(ProgramHost& host, std::string& text) {
  auto listener = host.listen({"0.0.0.0", 7});
  co_await sched::sleep_for(1ms);
  auto client = co_await listener.accept();
  std::array<std::byte, 64> buffer{};
  for (;;) {
    const std::size_t size = co_await client->recv(buffer);
    if (size == 0) {
      break;
    }
    text.append(reinterpret_cast<const char*>(buffer.data()), size);
  }
  text += '.';
}

sched::Task<> say(ProgramHost& host, bool aborts) {
  auto server = co_await host.connect({"server", 7});
  const std::string text = "hello";
  co_await server.send_all(std::as_bytes(std::span(text)));
  if (aborts) {
    server.abort();
  }
}

TEST(EarlyEnd, that_came_before_the_accept_is_found_behind_a_short_receive) {
  World world;
  std::string text;
  world.host("server").spawn("read", [&text](ProgramHost& host) { return read_late(host, text); });
  world.host("client").spawn("say", [](ProgramHost& host) { return say(host, false); });
  const RunReport report = world.run_for(1s);
  EXPECT_TRUE(report.ok()) << report.to_string();
  EXPECT_EQ(text, "hello.");
}

TEST(EarlyEnd, a_reset_before_the_accept_fails_the_reader) {
  World world;
  std::string text;
  world.host("server").spawn("read", [&text](ProgramHost& host) { return read_late(host, text); });
  world.host("client").spawn("say", [](ProgramHost& host) { return say(host, true); });
  const RunReport report = world.run_for(1s);
  ASSERT_EQ(report.failures.size(), 1U) << report.to_string() << text;
  EXPECT_NE(report.failures.front().what.find("reset"), std::string::npos)
      << report.failures.front().what;
}

// Receives nothing of what came before the end, sends its own end, and closes a second later, when
// both ends have arrived.
sched::Task<> close_unread(ProgramHost& host) {
  auto listener = host.listen({"0.0.0.0", 7});
  auto client = co_await listener.accept();
  co_await sched::sleep_for(1s);
  client->shutdown_send();
  co_await sched::sleep_for(1s);
  client->close();
}

sched::Task<> say_and_end(ProgramHost& host) {
  auto server = co_await host.connect({"server", 7});
  const std::string text = "hello";
  co_await server.send_all(std::as_bytes(std::span(text)));
  server.shutdown_send();
  co_await sched::sleep_for(5s);
}

TEST(EarlyEnd, of_both_directions_leaves_nothing_that_a_close_could_reset) {
  World world;
  int delivered = 0;
  EventReporter reporter([&](World& /*world*/, std::uint64_t /*number*/, const TraceEvent& event) {
    delivered += event.op == Op::deliver ? 1 : 0;
  });
  reporter.begins(world);
  world.host("server").spawn("read", close_unread);
  world.host("client").spawn("say", say_and_end);
  const RunReport report = world.run();
  reporter.ends(world, report);
  EXPECT_TRUE(report.ok()) << report.to_string();
  EXPECT_EQ(delivered, 3);  // the bytes and the two ends
}

}  // namespace
}  // namespace rehearsal::simnet
