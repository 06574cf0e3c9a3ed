// Peers that become silent as only a simulated world allows: power that fails, links that heal.
#include <array>
#include <optional>
#include <system_error>

#include <gtest/gtest.h>

#include "simnet/kernel/kernel.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::StreamOptions;
using sched::Task;

struct End {
  std::errc error{};
  sched::Duration at{};
};

// A client that connects at the start and sends a word, and a server that sends nothing; both wait
// for the end.
class Idle : public testing::Test {
 protected:
  using ClientOptions = StreamOptions;

  void add(StreamOptions options) {
    world_.host("server").daemon().spawn([](ProgramHost& host) -> Task<> {
      auto listener = host.listen({"0.0.0.0", 7});
      auto client = co_await listener.accept();
      std::array<std::byte, 1> word{};
      std::size_t size = 1;
      while (size != 0) {
        size = co_await client->recv(word);
      }
    });
    const sched::Endpoint to = world_.host("server").endpoint(7);
    world_.host("client").spawn([this, to, options](ProgramHost& host) -> Task<> {
      try {
        auto stream = co_await host.connect(to, options);
        std::array<std::byte, 1> word{};
        co_await stream.send_all(word);
        const std::size_t size = co_await stream.recv(word);
        EXPECT_EQ(size, 0U);
      } catch (const std::system_error& error) {
        end_.error = static_cast<std::errc>(error.code().value());
      }
      end_.at = host.now().time_since_epoch();
    });
  }
  static StreamOptions kept_alive() {
    StreamOptions options;
    options.keep_alive_idle = 10s;
    options.keep_alive_interval = 5s;
    options.keep_alive_count = 3;
    return options;
  }

  World world_;
  End end_;
};

TEST_F(Idle, without_options_costs_no_event) {
  add({});
  const RunReport report = world_.run();
  EXPECT_EQ(report.end, WorldEnd::quiescent);
  EXPECT_LT(report.time, 10ms);
}

TEST_F(Idle, kept_alive_continues_as_long_as_the_peer_answers) {
  add(kept_alive());
  world_.at(30min).kill("server");
  world_.run();
  EXPECT_EQ(end_.error, std::errc{});
  EXPECT_EQ(end_.at / 30min, 1);
}

TEST_F(Idle, kept_alive_survives_a_partition_that_heals_before_the_last_question) {
  add(kept_alive());
  world_.at(1s).partition("client", "server");
  world_.at(19s).heal("client", "server");
  world_.at(30min).kill("server");
  world_.run();
  EXPECT_EQ(end_.error, std::errc{});
  EXPECT_EQ(end_.at / 30min, 1);
}

// The word arrives, and its acknowledgement does not come for a minute. The connection waits for it
// as long as without keep-alive.
TEST_F(Idle, kept_alive_is_not_ended_by_it_while_an_acknowledgement_is_late) {
  add(kept_alive());
  world_.at(120us).partition_one_way("server", "client");
  world_.at(1min).heal("server", "client");
  world_.at(30min).kill("server");
  world_.run();
  EXPECT_EQ(end_.error, std::errc{});
  EXPECT_EQ(end_.at / 30min, 1);
}

// The answers are lost as well.
TEST_F(Idle, kept_alive_is_ended_by_a_partition_of_one_way) {
  add(kept_alive());
  world_.at(1s).partition_one_way("server", "client");
  world_.run();
  EXPECT_EQ(end_.error, std::errc::timed_out);
  EXPECT_EQ(end_.at / 1s, 25);  // probes after 10, 15 and 20 s
}

TEST_F(Idle, kept_alive_notices_that_the_peer_has_no_power) {
  add(kept_alive());
  world_.at(1s).power_off("server");
  world_.run();
  EXPECT_EQ(end_.error, std::errc::timed_out);
  EXPECT_EQ(end_.at / 1s, 25);
}

TEST_F(Idle, kept_alive_is_reset_by_a_peer_that_has_forgotten_it) {
  add(kept_alive());
  world_.at(1s).power_off("server");
  world_.at(12s).restart("server");
  world_.run();
  EXPECT_EQ(end_.error, std::errc::connection_reset);
  EXPECT_EQ(end_.at / 1s, 15);
}

// The power fails while the probe of second 12 is on its way. TCP does not retransmit a probe: the
// next one, of second 17, reaches the peer, which is back.
TEST_F(Idle, kept_alive_asks_a_peer_that_is_back_with_its_next_probe) {
  LinkOptions slow;
  slow.latency = 1s;
  add(kept_alive());
  world_.link("client", "server").set_options(slow);
  world_.at(12500ms).power_off("server");
  world_.at(14s).restart("server");
  world_.run();
  EXPECT_EQ(end_.error, std::errc::connection_reset);
  EXPECT_EQ(end_.at / 1s, 18);
}

// Nothing was sent, so that the user timeout alone starts no timer: probes after 10 and 15 s.
TEST_F(Idle, kept_alive_with_a_user_timeout_asks_when_it_would_without) {
  StreamOptions options = kept_alive();
  options.user_timeout = 12s;
  world_.host("server").daemon().spawn([](ProgramHost& host) -> Task<> {
    auto listener = host.listen({"0.0.0.0", 7});
    auto client = co_await listener.accept();
    co_await sched::sleep_for(1h);
  });
  world_.host("client").spawn([this, options](ProgramHost& host) -> Task<> {
    auto stream = co_await host.connect({"10.0.0.1", 7}, options);
    std::array<std::byte, 1> word{};
    try {
      const std::size_t size = co_await stream.recv(word);
      ADD_FAILURE() << "it received " << size << " bytes";
    } catch (const std::system_error& error) {
      end_.error = static_cast<std::errc>(error.code().value());
    }
    end_.at = host.now().time_since_epoch();
  });
  world_.at(1s).partition("client", "server");
  world_.run();
  EXPECT_EQ(end_.error, std::errc::timed_out);
  EXPECT_EQ(end_.at / 1s, 15);
}

TEST_F(Idle, with_a_user_timeout_is_not_ended_by_it) {
  StreamOptions options;
  options.user_timeout = 500ms;
  add(options);
  world_.at(1s).partition("client", "server");
  world_.at(20s).heal("client", "server");
  world_.at(30s).kill("server");
  world_.run();
  EXPECT_EQ(end_.error, std::errc{});
  EXPECT_EQ(end_.at / 1s, 30);
}

TEST_F(Idle, with_a_user_timeout_gives_up_connecting_when_it_is_over) {
  StreamOptions options;
  options.user_timeout = 2500ms;
  add(options);
  world_.partition("client", "server");
  world_.run();
  EXPECT_EQ(end_.error, std::errc::timed_out);
  EXPECT_EQ(end_.at / 1ms, 2500);
}

// The client loses power between SYN and ACK (tcp_synack_retries).
TEST(Embryo, is_forgotten_after_63_s) {
  World world;
  SimulatedHost& server = world.host("server");
  server.spawn([](ProgramHost& host) -> Task<> {
    auto listener = host.listen({"0.0.0.0", 7});
    auto client = co_await listener.accept();
    ADD_FAILURE() << "nobody connects";
  });
  const sched::Endpoint to = server.endpoint(7);
  world.host("client").spawn([to](ProgramHost& host) -> Task<> {
    auto stream = co_await host.connect(to);
    ADD_FAILURE() << "it has no power";
  });
  world.at(150us).power_off("client");
  world.run_for(62s);
  const TcpListener* listener = server.kernel().ports().listener_at(to, 0);
  ASSERT_NE(listener, nullptr);
  EXPECT_EQ(listener->embryos.size(), 1U);
  world.run_for(2s);
  EXPECT_TRUE(listener->embryos.empty());
  EXPECT_EQ(server.kernel().timers().next(), sched::never);
}

}  // namespace
}  // namespace rehearsal::simnet
