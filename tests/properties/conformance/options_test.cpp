// Sockets with options other than the default, or connected in unusual ways, behave the same on
// simnet and on Linux.
#include <array>
#include <chrono>
#include <optional>
#include <set>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/properties/conformance/drivers.hpp"

namespace rehearsal::conformance {
namespace {

using sched::Endpoint;
using sched::StreamOptions;
using sched::Task;

constexpr std::array<std::byte, 3> word = {std::byte{'a'}, std::byte{'b'}, std::byte{'c'}};

// Returns the error that `task` throws, or none if it succeeds.
template <class T>
Task<std::errc> failure_of(Task<T> task) {
  try {
    co_await std::move(task);
    co_return std::errc{};
  } catch (const std::system_error& error) {
    co_return static_cast<std::errc>(error.code().value());
  }
}

template <class Net>
Task<std::size_t> receive(sched::Stream<Net>& stream) {
  std::array<std::byte, 16> into{};
  const std::size_t size = co_await stream.recv(into);
  co_return size;
}

// The stream type of a Host<Net>&.
template <class Host>
using StreamOf = sched::Stream<std::remove_cvref_t<decltype(std::declval<Host>().network())>>;

template <class Driver>
class Options : public testing::Test {};
TYPED_TEST_SUITE(Options, Drivers, DriverNames);

TYPED_TEST(Options, reset_on_close_tells_the_peer_of_a_reset) {
  TypeParam::run([](auto& host) -> Task<> {
    auto listener = host.listen({"127.0.0.1", 0});
    StreamOptions options;
    options.reset_on_close = true;
    auto client = co_await host.connect(listener.local(), options);
    auto server = co_await listener.accept();
    client.close();
    const std::errc end = co_await failure_of(receive(*server));
    EXPECT_EQ(end, std::errc::connection_reset);
  });
}

TYPED_TEST(Options, reset_on_close_can_be_taken_back) {
  TypeParam::run([](auto& host) -> Task<> {
    auto listener = host.listen({"127.0.0.1", 0});
    StreamOptions options;
    options.reset_on_close = true;
    auto client = co_await host.connect(listener.local(), options);
    auto server = co_await listener.accept();
    client.set_options(StreamOptions());
    client.close();
    const std::size_t end = co_await receive(*server);
    EXPECT_EQ(end, 0U);
  });
}

TYPED_TEST(Options, that_no_kernel_takes_are_refused) {
  TypeParam::run([](auto& host) -> Task<> {
    auto listener = host.listen({"127.0.0.1", 0});
    auto client = co_await host.connect(listener.local());
    const auto refused = [&](auto change) {
      StreamOptions options;
      change(options);
      const auto set = host.network().set_options(client.handle().descriptor, options);
      return set.error() == std::errc::invalid_argument;
    };
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    EXPECT_FALSE(refused([](StreamOptions& o) { o.keep_alive_idle = seconds(32767); }));
    EXPECT_TRUE(refused([](StreamOptions& o) { o.keep_alive_idle = seconds(32768); }));
    EXPECT_TRUE(refused([](StreamOptions& o) { o.keep_alive_interval = seconds(0); }));
    EXPECT_TRUE(refused([](StreamOptions& o) { o.keep_alive_count = 128; }));
    EXPECT_TRUE(refused([](StreamOptions& o) { o.user_timeout = milliseconds(-1); }));
  });
}

// A client that keeps connecting to an unused port of its own host eventually gets that port as its
// own, and then is connected to itself.
TYPED_TEST(Options, a_client_can_connect_to_itself) {
  TypeParam::run([](auto& host) -> Task<> {
    std::uint16_t port = 0;
    {
      auto listener = host.listen({"127.0.0.1", 0});
      // Linux assigns even ports to clients first.
      port = static_cast<std::uint16_t>(listener.local().port() & ~1U);
    }
    const Endpoint to("127.0.0.1", port);
    std::optional<StreamOf<decltype(host)>> self;
    for (int tries = 0; !self.has_value() && tries < 100'000; ++tries) {
      try {
        auto stream = co_await host.connect(to);
        self = std::move(stream);
      } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::connection_refused);
      }
    }
    EXPECT_TRUE(self.has_value());
    if (!self.has_value()) {
      co_return;
    }
    EXPECT_EQ(self->local(), to);
    EXPECT_EQ(host.network().peer(self->handle().descriptor).value(), to);
    co_await self->send_all(word);
    std::size_t size = co_await receive(*self);
    EXPECT_EQ(size, word.size());
    self->shutdown_send();
    size = co_await receive(*self);
    EXPECT_EQ(size, 0U);
  });
}

// All twenty clients are served, and no listener gets all of them.
TYPED_TEST(Options, listeners_that_share_a_port_share_the_clients) {
  TypeParam::run([](auto& host) -> Task<> {
    sched::ListenOptions options;
    options.reuse_port = true;
    auto one = host.listen({"127.0.0.1", 0}, options);
    auto other = host.listen(one.local(), options);
    constexpr std::size_t clients = 20;
    std::vector<StreamOf<decltype(host)>> streams;
    for (std::size_t i = 0; i < clients; ++i) {
      auto stream = co_await host.connect(one.local());
      streams.push_back(std::move(stream));
    }
    co_await sched::sleep_for(std::chrono::milliseconds(20));  // until the last client has come
    one.stop();
    other.stop();
    for (auto* listener : {&one, &other}) {
      for (;;) {
        auto client = co_await listener->accept();
        if (!client) {
          break;
        }
      }
    }
    EXPECT_EQ(one.accepted() + other.accepted(), clients);
    EXPECT_GT(one.accepted(), 0U);
    EXPECT_GT(other.accepted(), 0U);
  });
}

template <class Driver>
class Datagrams : public testing::Test {};
TYPED_TEST_SUITE(Datagrams, Drivers, DriverNames);

TYPED_TEST(Datagrams, that_share_a_port_share_the_senders_and_each_sender_keeps_to_one) {
  TypeParam::run([](auto& host) -> Task<> {
    sched::BindOptions options;
    options.reuse_port = true;
    auto one = host.bind({"127.0.0.1", 0}, options);
    auto other = host.bind(one.local(), options);
    EXPECT_EQ(host.network().bind(one.local(), {}).error(), std::errc::address_in_use);
    constexpr std::size_t senders = 20;
    for (std::size_t i = 0; i < senders; ++i) {
      auto sender = host.bind({"127.0.0.1", 0});
      co_await sender.send_to(word, one.local());
      co_await sender.send_to(word, one.local());
    }
    co_await sched::sleep_for(std::chrono::milliseconds(20));
    std::array<std::multiset<std::uint16_t>, 2> heard;
    for (std::size_t i = 0; i < 2; ++i) {
      const auto descriptor = (i == 0 ? one : other).handle().descriptor;
      std::array<std::byte, 16> into{};
      for (;;) {
        const auto received = host.network().recv_from(descriptor, into);
        if (!received.ok()) {
          break;
        }
        heard[i].insert(received.value().from.port());
      }
    }
    EXPECT_EQ(heard[0].size() + heard[1].size(), 2 * senders);
    EXPECT_FALSE(heard[0].empty());
    EXPECT_FALSE(heard[1].empty());
    for (const std::uint16_t port : heard[0]) {
      EXPECT_FALSE(heard[1].contains(port));
    }
  });
}

TYPED_TEST(Datagrams, share_a_port_only_if_each_socket_asks_for_it) {
  TypeParam::run([](auto& host) -> Task<> {
    sched::BindOptions shares;
    shares.reuse_port = true;
    auto alone = host.bind({"127.0.0.1", 0});
    const Endpoint at = alone.local();
    EXPECT_EQ(host.network().bind(at, shares).error(), std::errc::address_in_use);
    EXPECT_EQ(host.network().bind(at, {}).error(), std::errc::address_in_use);
    alone.close();
    auto first = host.bind(at, shares);
    auto second = host.bind(at, shares);
    EXPECT_EQ(second.local(), first.local());
    co_return;
  });
}

TYPED_TEST(Datagrams, to_a_port_that_nobody_has_are_refused_to_a_socket_with_that_peer_alone) {
  TypeParam::run([](auto& host) -> Task<> {
    Endpoint nobody;
    {
      auto gone = host.bind({"127.0.0.1", 0});
      nobody = gone.local();
    }
    auto connected = host.bind({"0.0.0.0", 0});
    auto other = host.bind({"127.0.0.1", 0});
    std::errc refused = co_await failure_of(connected.send(word));
    EXPECT_EQ(refused, std::errc::destination_address_required);
    connected.set_peer(nobody);
    EXPECT_EQ(connected.local().address(), "127.0.0.1");
    co_await connected.send(word);
    co_await other.send_to(word, nobody);
    std::array<std::byte, 16> into{};
    auto receiving = connected.recv_from(into);
    refused = co_await failure_of(std::move(receiving));
    EXPECT_EQ(refused, std::errc::connection_refused);
    // The connected socket gets the error once, and the other socket is not affected.
    co_await other.send_to(word, connected.local());
    co_await other.send_to(word, other.local());
    const sched::Received own = co_await other.recv_from(into);
    EXPECT_EQ(own.from, other.local());
    EXPECT_EQ(host.network().recv_from(connected.handle().descriptor, into).error(),
              sched::would_block);  // other is not its peer
  });
}

TYPED_TEST(Datagrams, go_to_the_socket_whose_peer_sent_them) {
  TypeParam::run([](auto& host) -> Task<> {
    sched::BindOptions options;
    options.reuse_port = true;
    auto any = host.bind({"127.0.0.1", 0}, options);
    auto of_peer = host.bind(any.local(), options);
    auto peer = host.bind({"127.0.0.1", 0});
    of_peer.set_peer(peer.local());
    peer.set_peer(any.local());
    co_await peer.send(word);
    co_await peer.send(std::span(word).first(1));
    std::array<std::byte, 16> into{};
    sched::Received received = co_await of_peer.recv_from(into);
    EXPECT_EQ(received.size, word.size());
    received = co_await of_peer.recv_from(into);
    EXPECT_EQ(received.size, 1U);
    EXPECT_EQ(received.from, peer.local());
  });
}

TYPED_TEST(Datagrams, are_broadcast_to_each_socket_of_the_port_if_the_sender_may) {
  TypeParam::run([](auto& host) -> Task<> {
    sched::BindOptions options;
    options.reuse_port = true;
    auto any = host.bind({"0.0.0.0", 0}, options);
    const Endpoint everybody("127.255.255.255", any.local().port());
    auto other = host.bind(any.local(), options);
    options.broadcast = true;
    auto at_broadcast = host.bind(everybody, options);
    auto of_other_peer = host.bind(everybody, options);
    of_other_peer.set_peer({"127.0.0.1", 9});
    auto at_address = host.bind({"127.0.0.1", any.local().port()}, options);
    auto with_peer = host.bind(any.local(), options);
    with_peer.set_peer({"127.0.0.1", 9});
    auto may_not = host.bind({"127.0.0.1", 0});
    std::errc error = co_await failure_of(may_not.send_to(word, everybody));
    EXPECT_EQ(error, std::errc::permission_denied);
    EXPECT_THROW(may_not.set_peer(everybody), std::system_error);
    options = {};
    options.broadcast = true;
    auto sender = host.bind({"127.0.0.1", 0}, options);
    co_await sender.send_to(word, everybody);
    sender.set_peer(everybody);
    co_await sender.send(word);
    std::array<std::byte, 16> into{};
    for (auto* hears : {&any, &other, &at_broadcast}) {
      for (int i = 0; i < 2; ++i) {
        const sched::Received received = co_await hears->recv_from(into);
        EXPECT_EQ(received.size, word.size());
        EXPECT_EQ(received.from, sender.local());
      }
    }
    for (auto* hears_not : {&at_address, &with_peer, &of_other_peer}) {
      EXPECT_EQ(host.network().recv_from(hears_not->handle().descriptor, into).error(),
                sched::would_block);
    }
    EXPECT_EQ(at_broadcast.local(), everybody);
    co_await at_broadcast.send_to(word, may_not.local());
    const sched::Received received = co_await may_not.recv_from(into);
    EXPECT_EQ(received.from.address(), "127.0.0.1");
  });
}

}  // namespace
}  // namespace rehearsal::conformance
