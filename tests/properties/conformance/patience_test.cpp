// Slow events of a network, in few cases: on simnet in virtual time, and on Linux only if it takes
// about a second.
#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/properties/conformance/drivers.hpp"

namespace rehearsal::conformance {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using sched::Duration;
using sched::Task;
using ProgramHost = sched::Host<simnet::SimulatedNetwork>;
using Contents = std::vector<std::byte>;

Contents contents(std::size_t size) {
  Contents bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>((i * 131 + (i >> 8U) * 7) & 0xffU);
  }
  return bytes;
}

// How an attempt to connect ended, and after how long.
struct Attempt {
  std::errc error{};
  Duration took{};
};

Task<> attempt(ProgramHost& host, sched::Endpoint to, Attempt& result) {
  const sched::Instant start = host.now();
  try {
    auto stream = co_await host.connect(to);
    std::array<std::byte, 1> end{};
    const std::size_t size = co_await stream.recv(end);
    EXPECT_EQ(size, 0U);
  } catch (const std::system_error& error) {
    result.error = static_cast<std::errc>(error.code().value());
  }
  result.took = host.now() - start;
}

// A server that closes each client at once, and a client that connects at the start.
class Connecting : public testing::Test {
 protected:
  Connecting() {
    simnet::WorldOptions options;
    options.link.latency = 10ms;
    world_.emplace(simnet::Policy::nominal(), options);
    world_->host("server").spawn([](ProgramHost& host) -> Task<> {
      auto listener = host.listen({"0.0.0.0", 7});
      for (;;) {
        auto client = co_await listener.accept();
        client->close();
      }
    });
    const sched::Endpoint to = world_->host("server").endpoint(7);
    world_->host("client").spawn(
        [this, to](ProgramHost& host) -> Task<> { return attempt(host, to, attempt_); });
  }
  void run() {
    const auto report = world_->run();
    EXPECT_TRUE(report.ok()) << report.to_string();
  }

  std::optional<simnet::World> world_;
  Attempt attempt_;
};

TEST_F(Connecting, takes_a_round_trip_and_the_end_one_way) {
  run();
  EXPECT_EQ(attempt_.error, std::errc{});
  EXPECT_GE(attempt_.took, 40ms);
  EXPECT_LT(attempt_.took, 50ms);
}

TEST_F(Connecting, across_a_partition_succeeds_once_it_heals) {
  world_->partition("client", "server");
  world_->at(5s).heal("client", "server");
  run();
  EXPECT_EQ(attempt_.error, std::errc{});
  EXPECT_GT(attempt_.took, 7s);  // SYNs after 1, 3 and 7 s
  EXPECT_LT(attempt_.took, 7100ms);
}

TEST_F(Connecting, across_a_partition_that_stays_times_out_after_127_s) {
  world_->partition("client", "server");
  run();
  EXPECT_EQ(attempt_.error, std::errc::timed_out);
  EXPECT_EQ(attempt_.took / 1s, 127);
}

TEST_F(Connecting, survives_the_loss_of_its_answer) {
  world_->partition_one_way("server", "client");
  world_->at(2s).heal("client", "server");
  run();
  EXPECT_EQ(attempt_.error, std::errc{});
  EXPECT_GT(attempt_.took, 3s);
  EXPECT_LT(attempt_.took, 3100ms);
}

TEST_F(Connecting, survives_the_loss_of_its_last_step) {
  world_->at(15ms).partition_one_way("client", "server");
  world_->at(2s).heal("client", "server");
  run();
  EXPECT_EQ(attempt_.error, std::errc{});
  EXPECT_GT(attempt_.took, 2s);
  EXPECT_LT(attempt_.took, 4s);
}

TEST(Unreachable, an_unused_address_fails_after_3_s) {
  simnet::World world;
  Attempt result;
  world.host("client").spawn(
      [&result](ProgramHost& host) { return attempt(host, {"10.9.9.9", 7}, result); });
  world.run();
  EXPECT_EQ(result.error, std::errc::host_unreachable);
  EXPECT_EQ(result.took / 1s, 3);
}

// What a server received from a client that sends much, across changes of the link.
struct Heard {
  Contents bytes;
  std::errc sender{};
  Duration at{};  // when the sender ended
};

void add_stream(simnet::World& world, const Contents& said, Heard& heard) {
  world.host("server").spawn([&heard](ProgramHost& host) -> Task<> {
    auto listener = host.listen({"0.0.0.0", 7});
    auto client = co_await listener.accept();
    Contents buffer(5000);
    for (;;) {
      const std::size_t size = co_await client->recv(buffer);
      if (size == 0) {
        break;
      }
      heard.bytes.insert(heard.bytes.end(), buffer.begin(),
                         buffer.begin() + static_cast<std::ptrdiff_t>(size));
      co_await sched::sleep_for(1ms);
    }
  });
  const sched::Endpoint to = world.host("server").endpoint(7);
  world.host("client").spawn([&heard, &said, to](ProgramHost& host) -> Task<> {
    auto stream = co_await host.connect(to);
    try {
      co_await stream.send_all(said);
    } catch (const std::system_error& error) {
      heard.sender = static_cast<std::errc>(error.code().value());
    }
    heard.at = host.now().time_since_epoch();
  });
}

TEST(Retransmission, brings_every_byte_in_order_once_the_partition_heals) {
  simnet::World world;
  const Contents said = contents(1U << 20U);
  Heard heard;
  add_stream(world, said, heard);
  world.at(50ms).partition("client", "server");
  world.at(10s).heal("client", "server");
  world.at(20s).partition_one_way("server", "client");
  world.at(60s).heal("client", "server");
  world.run_for(300s);
  EXPECT_EQ(heard.sender, std::errc{});
  EXPECT_GT(heard.at, 10s);
  EXPECT_TRUE(heard.bytes == said);
}

TEST(Retransmission, is_given_up_after_924_s) {
  simnet::World world;
  const Contents said = contents(8U << 20U);
  Heard heard;
  add_stream(world, said, heard);
  world.at(50ms).partition("client", "server");
  world.run_for(2h);
  EXPECT_EQ(heard.sender, std::errc::timed_out);
  EXPECT_EQ(heard.at / 1s, 924);
  EXPECT_LT(heard.bytes.size(), said.size());
  EXPECT_TRUE(std::equal(heard.bytes.begin(), heard.bytes.end(), said.begin()));
}

template <class Driver>
class Listening : public testing::Test {};
TYPED_TEST_SUITE(Listening, Drivers, DriverNames);

TYPED_TEST(Listening, with_a_full_backlog_lets_the_next_client_wait_until_there_is_room) {
  TypeParam::run([](auto& host) -> Task<> {
    sched::ListenOptions options;
    options.backlog = 1;  // Linux accepts one more than the backlog
    auto listener = host.listen({"127.0.0.1", 0}, options);
    auto first = co_await host.connect(listener.local());
    auto second = co_await host.connect(listener.local());
    bool connected = false;
    sched::TaskGroup group(host);
    const sched::Instant start = host.now();
    group.spawn("third", [&]() -> Task<> {
      const auto third = co_await host.connect(listener.local());
      connected = third.is_open();
    });
    co_await sched::sleep_for(100ms);
    EXPECT_FALSE(connected);
    auto accepted = co_await listener.accept();
    co_await group.join();
    EXPECT_TRUE(connected);
    EXPECT_GT(host.now() - start, 900ms);  // the client asks again after a second
    if constexpr (std::is_same_v<TypeParam, OnSimnet>) {
      EXPECT_LT(host.now() - start, 4s);
    }
  });
}

TYPED_TEST(Listening, on_an_address_that_is_in_use_is_refused) {
  TypeParam::run([](auto& host) -> Task<> {
    const auto refused = [&host](const sched::Endpoint& at, bool reuse_port) {
      sched::ListenOptions options;
      options.reuse_port = reuse_port;
      const auto listener = host.network().listen(at, options);
      if (listener.ok()) {
        host.network().close(listener.value());
      }
      return listener.error() == std::errc::address_in_use;
    };
    sched::ListenOptions shared;
    shared.reuse_port = true;
    auto listener = host.listen({"127.0.0.1", 0});
    auto sharing = host.listen({"127.0.0.1", 0}, shared);
    auto client = co_await host.connect(listener.local());
    EXPECT_TRUE(refused(listener.local(), false));
    EXPECT_TRUE(refused(listener.local(), true));
    EXPECT_TRUE(refused(sched::Endpoint("0.0.0.0", listener.local().port()), false));
    EXPECT_FALSE(refused(sched::Endpoint("127.0.0.2", listener.local().port()), false));
    EXPECT_TRUE(refused(sharing.local(), false));
    EXPECT_FALSE(refused(sharing.local(), true));
    EXPECT_TRUE(refused(client.local(), false));  // a client's own address
  });
}

TYPED_TEST(Listening, on_the_ipv6_wildcard_takes_ipv4_clients_by_default) {
  TypeParam::run([](auto& host) -> Task<> {
    auto both = host.listen({"::", 0});
    const std::uint16_t port = both.local().port();
    auto four = co_await host.connect(sched::Endpoint("127.0.0.1", port));
    auto accepted = co_await both.accept();
    EXPECT_EQ(accepted->local(), sched::Endpoint("::ffff:127.0.0.1", port));
    EXPECT_EQ(accepted->peer(), sched::Endpoint("::ffff:127.0.0.1", four.local().port()));
    auto six = co_await host.connect(sched::Endpoint("::1", port));
    accepted = co_await both.accept();
    EXPECT_EQ(accepted->peer(), six.local());
    both.close();

    sched::ListenOptions only;
    only.ipv6_only = true;
    auto of_six = host.listen({"::", 0}, only);
    const sched::Endpoint four_of_six("127.0.0.1", of_six.local().port());
    std::errc refused{};
    try {
      auto stream = co_await host.connect(four_of_six);
      EXPECT_FALSE(stream.is_open());
    } catch (const std::system_error& error) {
      refused = static_cast<std::errc>(error.code().value());
    }
    EXPECT_EQ(refused, std::errc::connection_refused);
    auto of_four = host.listen(sched::Endpoint("0.0.0.0", of_six.local().port()));
    EXPECT_TRUE(of_four.is_open());
  });
}

TYPED_TEST(Listening, for_datagrams_on_the_ipv6_wildcard_takes_ipv4_too) {
  TypeParam::run([](auto& host) -> Task<> {
    auto hears = host.bind({"::", 0});
    auto four = host.bind({"127.0.0.1", 0});
    const Contents word(3);
    const sched::Endpoint to_four("127.0.0.1", hears.local().port());
    const sched::Endpoint to_six("::1", hears.local().port());
    co_await four.send_to(word, to_four);
    Contents into(10);
    const sched::Received received = co_await hears.recv_from(into);
    EXPECT_EQ(received.from, sched::Endpoint("::ffff:127.0.0.1", four.local().port()));
    std::errc refused{};
    try {
      co_await four.send_to(word, to_six);
    } catch (const std::system_error& error) {
      refused = static_cast<std::errc>(error.code().value());
    }
    EXPECT_EQ(refused, std::errc::address_family_not_supported);
  });
}

}  // namespace
}  // namespace rehearsal::conformance
