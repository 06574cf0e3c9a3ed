// What a connection does about a peer that becomes silent, on simnet and on Linux. On Linux, a
// socket filter makes the peer deaf by dropping everything that arrives (socket(7),
// SO_ATTACH_FILTER). This takes real time, so there are few cases, with lower bounds, and upper
// bounds that only another timer of the kernel would reach.
#include <linux/filter.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <system_error>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "simnet/kernel/kernel.hpp"
#include "simnet/network/fabric.hpp"
#include "tests/properties/conformance/drivers.hpp"

namespace rehearsal::conformance {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using sched::StreamOptions;
using sched::Task;

// From now on nothing that is sent to `peer` is answered.
template <class Net>
void silence(sched::Stream<Net>& peer) {
  if constexpr (std::is_same_v<Net, simnet::SimulatedNetwork>) {
    const auto& net = static_cast<const simnet::Kernel&>(peer.scheduler().source());
    net.fabric().link(net.number(), net.number()).set_state(simnet::LinkState::cut);
  } else {
    sock_filter drop{.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = 0};
    const sock_fprog program{.len = 1, .filter = &drop};
    const int descriptor = peer.handle().descriptor;
    EXPECT_EQ(::setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), 0);
  }
}

// Both ends of a connection of one host; the client's end has `options`.
template <class Net>
struct Pair {
  sched::Stream<Net> client;
  sched::Stream<Net> server;
};
template <class Net>
Task<Pair<Net>> connect_pair(sched::Host<Net>& host, StreamOptions options) {
  auto listener = host.listen({"127.0.0.1", 0});
  auto client = co_await host.connect(listener.local(), options);
  auto server = co_await listener.accept();
  Pair<Net> pair{std::move(client), std::move(*server)};
  co_return std::move(pair);
}

// Returns how the next receive ends.
template <class Net>
Task<std::errc> end_of(sched::Stream<Net>& stream) {
  std::array<std::byte, 16> into{};
  try {
    const std::size_t size = co_await stream.recv(into);
    EXPECT_EQ(size, 0U);
    co_return std::errc{};
  } catch (const std::system_error& error) {
    co_return static_cast<std::errc>(error.code().value());
  }
}

StreamOptions keep_alive(std::chrono::seconds idle, std::chrono::seconds interval, int count) {
  StreamOptions options;
  options.keep_alive_idle = idle;
  options.keep_alive_interval = interval;
  options.keep_alive_count = count;
  return options;
}

StreamOptions user_timeout(std::chrono::milliseconds timeout) {
  StreamOptions options;
  options.user_timeout = timeout;
  return options;
}

template <class Driver>
class Silence : public testing::Test {};
TYPED_TEST_SUITE(Silence, Drivers, DriverNames);

TYPED_TEST(Silence, of_the_peer_of_an_idle_connection_is_noticed_by_keep_alive) {
  TypeParam::run([](auto& host) -> Task<> {
    auto pair = co_await connect_pair(host, keep_alive(1s, 1s, 2));
    silence(pair.server);
    const sched::Instant start = host.now();
    const std::errc end = co_await end_of(pair.client);
    EXPECT_EQ(end, std::errc::timed_out);
    EXPECT_GT(host.now() - start, 2900ms);  // probes after 1 s and 2 s
  });
}

TYPED_TEST(Silence, of_a_peer_that_answers_does_not_end_it) {
  TypeParam::run([](auto& host) -> Task<> {
    auto pair = co_await connect_pair(host, keep_alive(1s, 1s, 1));
    co_await sched::sleep_for(3500ms);
    const std::array<std::byte, 1> word{};
    co_await pair.server.send_all(word);
    pair.server.close();
    std::array<std::byte, 2> into{};
    const std::size_t size = co_await pair.client.recv(into);
    EXPECT_EQ(size, 1U);
  });
}

TYPED_TEST(Silence, about_what_was_sent_ends_with_the_user_timeout) {
  TypeParam::run([](auto& host) -> Task<> {
    auto pair = co_await connect_pair(host, user_timeout(500ms));
    silence(pair.server);
    const sched::Instant start = host.now();
    const std::array<std::byte, 1> word{};
    co_await pair.client.send_all(word);
    const std::errc end = co_await end_of(pair.client);
    EXPECT_EQ(end, std::errc::timed_out);
    EXPECT_GE(host.now() - start, 500ms);
    EXPECT_LT(host.now() - start, 10min);  // retransmission stops after 15 min
  });
}

// The timeout is set while bytes are on their way, and counts from when they were sent.
TYPED_TEST(Silence, about_what_was_sent_ends_with_a_user_timeout_that_is_set_afterwards) {
  TypeParam::run([](auto& host) -> Task<> {
    StreamOptions options = keep_alive(1h, 1s, 1);
    auto pair = co_await connect_pair(host, options);
    co_await sched::sleep_for(600ms);
    silence(pair.server);
    const sched::Instant start = host.now();
    const std::array<std::byte, 1> word{};
    co_await pair.client.send_all(word);
    co_await sched::sleep_for(50ms);
    options.user_timeout = 500ms;
    pair.client.set_options(options);
    const std::errc end = co_await end_of(pair.client);
    EXPECT_EQ(end, std::errc::timed_out);
    EXPECT_GE(host.now() - start, 500ms);
    EXPECT_LT(host.now() - start, 10min);  // retransmission stops after 15 min
  });
}

TYPED_TEST(Silence, of_a_peer_that_does_not_receive_ends_with_the_user_timeout) {
  TypeParam::run([](auto& host) -> Task<> {
    auto pair = co_await connect_pair(host, user_timeout(500ms));
    const std::vector<std::byte> much(64U << 20U);
    const sched::Instant start = host.now();
    std::errc end{};
    try {
      co_await pair.client.send_all(much);
    } catch (const std::system_error& error) {
      end = static_cast<std::errc>(error.code().value());
    }
    EXPECT_EQ(end, std::errc::timed_out);
    EXPECT_GE(host.now() - start, 500ms);
    EXPECT_LT(host.now() - start, 10min);  // retransmission stops after 15 min
  });
}

TYPED_TEST(Silence, is_watched_for_by_what_a_listener_accepts) {
  TypeParam::run([](auto& host) -> Task<> {
    sched::ListenOptions options;
    options.clients = keep_alive(1s, 1s, 1);
    auto listener = host.listen({"127.0.0.1", 0}, options);
    auto client = co_await host.connect(listener.local());
    auto server = co_await listener.accept();
    silence(client);
    const sched::Instant start = host.now();
    const std::errc end = co_await end_of(*server);
    EXPECT_EQ(end, std::errc::timed_out);
    EXPECT_LT(host.now() - start, 10min);  // retransmission stops after 15 min
  });
}

// If a user timeout is set, the number of probes does not end the connection.
TYPED_TEST(Silence, ends_a_kept_alive_connection_by_the_user_timeout_where_both_are_set) {
  TypeParam::run([](auto& host) -> Task<> {
    StreamOptions options = keep_alive(1s, 1s, 1);
    options.user_timeout = 2500ms;
    auto pair = co_await connect_pair(host, options);
    silence(pair.server);
    const sched::Instant start = host.now();
    const std::errc end = co_await end_of(pair.client);
    EXPECT_EQ(end, std::errc::timed_out);
    EXPECT_GE(host.now() - start, 2500ms);
  });
}

}  // namespace
}  // namespace rehearsal::conformance
