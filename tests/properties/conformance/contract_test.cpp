// The contract of streams, listeners and datagrams, tested on every network with the same program.
#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/properties/conformance/drivers.hpp"

namespace rehearsal::conformance {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using sched::Host;
using sched::Stream;
using sched::Task;
using Contents = std::vector<std::byte>;

constexpr std::size_t much = 1U << 20U;  // more than any buffer holds that did not grow

Contents contents(std::size_t size, unsigned which) {
  Contents bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>((i * 131 + (i >> 8U) * 7 + which) & 0xffU);
  }
  return bytes;
}

template <class Net>
struct Ends {
  Ends(Stream<Net> connected, Stream<Net> accepted)
      : client(std::move(connected)), server(std::move(accepted)) {}
  Stream<Net> client;
  Stream<Net> server;
};

template <class Net>
Task<Ends<Net>> connect_ends(Host<Net>& host) {
  auto listener = host.listen({"127.0.0.1", 0});
  auto client = co_await host.connect(listener.local());
  auto server = co_await listener.accept();
  co_return Ends<Net>(std::move(client), std::move(*server));
}

template <class Net>
Task<> send_and_finish(Stream<Net>& stream, const Contents& bytes) {
  co_await stream.send_all(bytes);
  stream.shutdown_send();
}

// Receives everything up to the end; sets `failed` to the error if there is one.
template <class Net>
Task<> receive_all(Stream<Net>& stream, Contents& into, std::errc& failed) {
  Contents buffer(10'000);
  try {
    for (;;) {
      const std::size_t size = co_await stream.recv(buffer);
      if (size == 0) {
        break;
      }
      into.insert(into.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
    }
  } catch (const std::system_error& error) {
    failed = static_cast<std::errc>(error.code().value());
  }
}

template <class Driver>
class Contract : public testing::Test {};
TYPED_TEST_SUITE(Contract, Drivers, DriverNames);

TYPED_TEST(Contract, one_way_every_byte_arrives_and_then_the_end) {
  TypeParam::run([](auto& host) -> Task<> {
    auto ends = co_await connect_ends(host);
    const Contents said = contents(much, 1);
    Contents heard;
    std::errc failed{};
    sched::TaskGroup group(host);
    group.spawn("sends", send_and_finish(ends.client, said));
    group.spawn("receives", receive_all(ends.server, heard, failed));
    co_await group.join();
    EXPECT_EQ(failed, std::errc{});
    EXPECT_TRUE(heard == said);
    EXPECT_EQ(ends.client.bytes_sent(), much);
  });
}

TYPED_TEST(Contract, two_ways_do_not_wait_for_each_other) {
  TypeParam::run([](auto& host) -> Task<> {
    auto ends = co_await connect_ends(host);
    const Contents to_server = contents(much, 1);
    const Contents to_client = contents(much, 2);
    Contents at_server;
    Contents at_client;
    std::errc failed{};
    sched::TaskGroup group(host);
    group.spawn("client-sends", send_and_finish(ends.client, to_server));
    group.spawn("server-sends", send_and_finish(ends.server, to_client));
    group.spawn("client-receives", receive_all(ends.client, at_client, failed));
    group.spawn("server-receives", receive_all(ends.server, at_server, failed));
    co_await group.join();
    EXPECT_EQ(failed, std::errc{});
    EXPECT_TRUE(at_server == to_server);
    EXPECT_TRUE(at_client == to_client);
  });
}

TYPED_TEST(Contract, a_half_closed_connection_still_carries_the_answer) {
  TypeParam::run([](auto& host) -> Task<> {
    auto ends = co_await connect_ends(host);
    const Contents question = contents(100, 1);
    const Contents answer = contents(much, 2);
    Contents asked;
    Contents answered;
    std::errc failed{};
    co_await send_and_finish(ends.client, question);
    co_await receive_all(ends.server, asked, failed);
    sched::TaskGroup group(host);
    group.spawn("answers", send_and_finish(ends.server, answer));
    group.spawn("hears", receive_all(ends.client, answered, failed));
    co_await group.join();
    ends.client.shutdown_send();  // once more
    EXPECT_EQ(failed, std::errc{});
    EXPECT_TRUE(asked == question);
    EXPECT_TRUE(answered == answer);
  });
}

TYPED_TEST(Contract, last_words_and_the_end_may_come_at_once) {
  TypeParam::run([](auto& host) -> Task<> {
    auto ends = co_await connect_ends(host);
    const Contents said = contents(10, 1);
    Contents heard;
    std::errc failed{};
    sched::TaskGroup group(host);
    group.spawn("receives", receive_all(ends.server, heard, failed));
    co_await sched::sleep_for(5ms);  // by then the other task waits
    co_await ends.client.send_all(said);
    ends.client.close();
    co_await group.join();
    EXPECT_EQ(failed, std::errc{});
    EXPECT_TRUE(heard == said);
  });
}

TYPED_TEST(Contract, a_clogged_connection_holds_up_its_sender_alone) {
  TypeParam::run([](auto& host) -> Task<> {
    auto clogged = co_await connect_ends(host);
    auto other = co_await connect_ends(host);
    const Contents said = contents(16 * much, 1);
    const Contents word = contents(10, 2);
    Contents heard;
    Contents reply(10);
    std::errc failed{};
    sched::TaskGroup group(host);
    group.spawn("sends", send_and_finish(clogged.client, said));
    for (int i = 0; i < 10; ++i) {
      co_await other.client.send_all(word);
      const std::size_t size = co_await other.server.recv_exactly(reply);
      EXPECT_EQ(size, 10U);
      EXPECT_TRUE(reply == word);
    }
    co_await sched::sleep_for(5ms);
    EXPECT_LT(clogged.client.bytes_sent(), said.size());
    co_await receive_all(clogged.server, heard, failed);
    co_await group.join();
    EXPECT_EQ(failed, std::errc{});
    EXPECT_TRUE(heard == said);
  });
}

TYPED_TEST(Contract, a_stream_closed_under_its_waiters_wakes_them) {
  TypeParam::run([](auto& host) -> Task<> {
    auto ends = co_await connect_ends(host);
    const Contents said = contents(16 * much, 1);
    Contents heard;
    std::errc receiver{};
    std::errc sender{};
    sched::TaskGroup group(host);
    group.spawn("receives", receive_all(ends.client, heard, receiver));
    group.spawn("sends", [&]() -> Task<> {
      try {
        co_await ends.client.send_all(said);
      } catch (const std::system_error& error) {
        sender = static_cast<std::errc>(error.code().value());
      }
    });
    co_await sched::sleep_for(20ms);
    ends.client.close();
    co_await group.join();
    EXPECT_EQ(receiver, std::errc::operation_canceled);
    EXPECT_EQ(sender, std::errc::operation_canceled);
  });
}

TYPED_TEST(Contract, a_reset_wakes_the_receiver_and_the_sender) {
  TypeParam::run([](auto& host) -> Task<> {
    auto ends = co_await connect_ends(host);
    const Contents said = contents(16 * much, 1);
    Contents heard;
    std::errc receiver{};
    bool sender = false;
    sched::TaskGroup group(host);
    group.spawn("receives", receive_all(ends.client, heard, receiver));
    group.spawn("sends", [&]() -> Task<> {
      try {
        co_await ends.client.send_all(said);
      } catch (const std::system_error&) {
        sender = true;
      }
    });
    co_await sched::sleep_for(20ms);
    ends.server.abort();
    co_await group.join();
    EXPECT_TRUE(receiver == std::errc::connection_reset || receiver == std::errc{});
    EXPECT_TRUE(sender);
  });
}

TYPED_TEST(Contract, a_connection_is_refused_if_no_socket_listens) {
  TypeParam::run([](auto& host) -> Task<> {
    auto listener = host.listen({"127.0.0.1", 0});
    const sched::Endpoint gone = listener.local();
    listener.close();
    std::errc failed{};
    try {
      auto stream = co_await host.connect(gone);
      static_cast<void>(stream);
    } catch (const std::system_error& error) {
      failed = static_cast<std::errc>(error.code().value());
    }
    EXPECT_EQ(failed, std::errc::connection_refused);
  });
}

TYPED_TEST(Contract, a_listener_that_waits_gets_the_client_that_comes) {
  TypeParam::run([](auto& host) -> Task<> {
    auto listener = host.listen({"127.0.0.1", 0});
    std::string heard;
    sched::TaskGroup group(host);
    group.spawn("accepts", [&]() -> Task<> {
      auto client = co_await listener.accept();
      heard = co_await client->recv_until("\n", 100);
    });
    co_await sched::sleep_for(5ms);
    auto stream = co_await host.connect(listener.local());
    const std::string said = "hello\n";
    co_await stream.send_all(std::as_bytes(std::span(said)));
    co_await group.join();
    EXPECT_EQ(heard, said);
  });
}

TYPED_TEST(Contract, a_stopped_listener_returns_its_backlog_and_then_the_end) {
  TypeParam::run([](auto& host) -> Task<> {
    auto listener = host.listen({"127.0.0.1", 0});
    auto first = co_await host.connect(listener.local());
    auto second = co_await host.connect(listener.local());
    co_await sched::sleep_for(5ms);
    listener.stop();
    auto one = co_await listener.accept();
    auto two = co_await listener.accept();
    auto end = co_await listener.accept();
    EXPECT_TRUE(one.has_value());
    EXPECT_TRUE(two.has_value());
    EXPECT_FALSE(end.has_value());
  });
}

TYPED_TEST(Contract, datagrams_keep_their_bounds_and_their_order) {
  TypeParam::run([](auto& host) -> Task<> {
    auto hears = host.bind({"127.0.0.1", 0});
    auto says = host.bind({"127.0.0.1", 0});
    const std::array<std::size_t, 4> sizes = {10, 0, 1400, 65'507};
    for (unsigned i = 0; i < sizes.size(); ++i) {
      const Contents bytes = contents(sizes[i], i);
      co_await says.send_to(bytes, hears.local());
    }
    for (unsigned i = 0; i < sizes.size(); ++i) {
      Contents into(1000);
      const sched::Received received = co_await hears.recv_from(into);
      EXPECT_EQ(received.full_size, sizes[i]);
      EXPECT_EQ(received.size, std::min<std::size_t>(sizes[i], 1000));
      EXPECT_TRUE(received.from == says.local());
      into.resize(received.size);
      EXPECT_TRUE(into == contents(received.size, i));
    }
  });
}

TYPED_TEST(Contract, a_datagram_too_long_is_refused_and_one_to_no_socket_is_not) {
  TypeParam::run([](auto& host) -> Task<> {
    auto says = host.bind({"127.0.0.1", 0});
    auto gone = host.bind({"127.0.0.1", 0});
    const sched::Endpoint nobody = gone.local();
    gone.close();
    std::errc failed{};
    const Contents too_long = contents(65'508, 1);
    try {
      co_await says.send_to(too_long, nobody);
    } catch (const std::system_error& error) {
      failed = static_cast<std::errc>(error.code().value());
    }
    EXPECT_EQ(failed, std::errc::message_size);
    const Contents word = contents(10, 1);
    co_await says.send_to(word, nobody);
    co_await says.send_to(word, nobody);
  });
}

}  // namespace
}  // namespace rehearsal::conformance
