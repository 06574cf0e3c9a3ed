// A full accept queue drops SYNs, and ACKs that complete a handshake.
#include <optional>

#include <gtest/gtest.h>

#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

struct Seen {
  std::optional<sched::Duration> connected;
  std::optional<sched::Duration> answered;
  std::errc error{};
};

Task<> ask(ProgramHost& host, Seen& seen) {
  try {
    auto stream = co_await host.connect({"server", 7});
    seen.connected = host.now().time_since_epoch();
    co_await stream.send_all("x");
    std::array<std::byte, 1> answer{};
    const std::size_t size = co_await stream.recv_exactly(answer);
    EXPECT_EQ(size, 1U);
    seen.answered = host.now().time_since_epoch();
  } catch (const std::system_error& error) {
    seen.error = static_cast<std::errc>(error.code().value());
  }
}

// Lets the queue be full for the first `times` SYNs (ordinal 0) or ACKs (ordinal 1).
Seen run_with_full_queue(std::uint32_t ordinal, std::uint32_t times) {
  World world({{{Site::backlog, "client/ask#0", ordinal}, times}});
  world.host("server").daemon().spawn("serve", echo_server);
  Seen seen;
  world.host("client").spawn("ask", [&seen](ProgramHost& host) { return ask(host, seen); });
  EXPECT_TRUE(world.run().ok());
  EXPECT_TRUE(world.choices().not_applied().empty());
  EXPECT_EQ(world.choices().count(Site::backlog).mattered, 1U);
  return seen;
}

bool is_about(const std::optional<sched::Duration>& time, sched::Duration expected) {
  return time && *time >= expected && *time < expected + 10ms;
}

TEST(AcceptQueue, that_is_full_for_a_syn_makes_a_connect_slow) {
  EXPECT_TRUE(is_about(run_with_full_queue(0, 1).connected, 1s));
  EXPECT_TRUE(is_about(run_with_full_queue(0, 2).connected, 3s));
  const Seen last = run_with_full_queue(0, 6);
  EXPECT_TRUE(is_about(last.connected, 63s));
  EXPECT_TRUE(is_about(last.answered, 63s));
}

TEST(AcceptQueue, that_is_full_for_every_syn_makes_a_connect_time_out) {
  const Seen seen = run_with_full_queue(0, 7);
  EXPECT_FALSE(seen.connected);
  EXPECT_EQ(seen.error, std::errc::timed_out);
}

TEST(AcceptQueue, that_is_full_for_an_ack_delays_the_server_of_a_client_that_is_connected) {
  for (const int times : {1, 2, 7}) {
    const Seen seen = run_with_full_queue(1, static_cast<std::uint32_t>(times));
    EXPECT_TRUE(is_about(seen.connected, 0s));
    EXPECT_TRUE(is_about(seen.answered, std::chrono::seconds(times)));
  }
}

TEST(AcceptQueue, is_full_for_one_connection_and_not_for_the_others) {
  World world({{{Site::backlog, "client/ask#0", 0}, 3}, {{Site::backlog, "client/ask#0", 1}, 2}});
  world.host("server").daemon().spawn("serve", echo_server);
  Seen seen;
  Seen other;
  world.host("client").spawn("ask", [&seen](ProgramHost& host) { return ask(host, seen); });
  world.host("other").spawn("ask", [&other](ProgramHost& host) { return ask(host, other); });
  EXPECT_TRUE(world.run().ok());
  EXPECT_TRUE(is_about(seen.connected, 7s));
  EXPECT_TRUE(is_about(seen.answered, 9s));
  EXPECT_TRUE(is_about(other.answered, 0s));
}

TEST(AcceptQueue, is_not_full_by_default) {
  EXPECT_EQ(Rates::usual()[Site::backlog].per_million, 0U);
}

}  // namespace
}  // namespace rehearsal::simnet
