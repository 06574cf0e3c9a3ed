// What cancelling an operation loses: nothing. Each operation is cancelled at every instant of its
// run and in every order with the tasks that go at that instant, and then done again: each byte,
// item, permit, message, connection and result comes once, and no descriptor is left.
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/channel.hpp"
#include "sched/condition.hpp"
#include "sched/event.hpp"
#include "sched/semaphore.hpp"
#include "sched/timeout.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

// When a task is cancelled: so long after it was spawned, and so many turns later.
struct Cut {
  sched::Duration after{};
  int turns = 0;
};

// Runs the task that `make` returns, cancels it as `cut` says, and then runs it again to its end.
// `ended` says whether the first came to its end by itself.
Task<> cut_short(ProgramHost& host, Cut cut, std::function<Task<>()> make, bool& ended) {
  auto first = host.spawn("first", make());
  co_await sched::sleep_for(cut.after);
  for (int i = 0; i < cut.turns; ++i) {
    co_await sched::yield();
  }
  first.cancel();
  co_await first.ended();
  ended = !first.task().cancelled();
  if (ended) {
    first.take();
    co_return;
  }
  auto second = host.spawn("second", make());
  co_await second.join();
}

// What a world of one operation has beside the task that is cut short.
struct CutWorld {
  CutWorld(World& of, Cut how, bool& first_ended) : world(of), cut(how), ended(first_ended) {}

  World& world;
  Cut cut;
  bool& ended;
  std::string got = {};
  std::string expected = {};
};
using Shared = std::shared_ptr<CutWorld>;

Task<> send_parts(ProgramHost& host, std::vector<std::string> parts) {
  auto stream = co_await host.connect({"taker", 7});
  for (const std::string& part : parts) {
    co_await stream.send_all(part);
    co_await sched::sleep_for(3us);
  }
}

using Client = sched::Stream<Network>;
using Reads = std::function<Task<>(Client&, CutWorld&)>;

std::string as_string(sched::ConstBytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Task<> take_stream(ProgramHost& host, Shared shared, Reads read) {
  auto listener = host.listen({"0.0.0.0", 7});
  auto accepted = co_await listener.accept();
  Client& client = *accepted;
  const auto make = [&client, shared, read] { return read(client, *shared); };
  co_await cut_short(host, shared->cut, make, shared->ended);
}

void add_stream(const Shared& shared, const Reads& read) {
  const std::vector<std::string> parts = {"he", "l", "lo\nwor", "ld\nand", " more\n"};
  for (const std::string& part : parts) {
    shared->expected += part;
  }
  shared->world.host("taker").spawn(
      [shared, read](ProgramHost& host) { return take_stream(host, shared, read); });
  shared->world.host("giver").spawn([parts](ProgramHost& host) { return send_parts(host, parts); });
}

Task<> read_some(Client& client, CutWorld& shared) {
  std::array<std::byte, 4> bytes{};
  while (shared.got.size() < shared.expected.size()) {
    const std::size_t size = co_await client.recv(bytes);
    shared.got += as_string(sched::ConstBytes(bytes).first(size));
  }
}
Task<> read_exactly(Client& client, CutWorld& shared) {
  std::array<std::byte, 9> bytes{};
  while (shared.got.size() < shared.expected.size()) {
    const std::size_t size = co_await client.recv_exactly(bytes);
    shared.got += as_string(sched::ConstBytes(bytes).first(size));
  }
}
Task<> read_lines(Client& client, CutWorld& shared) {
  while (shared.got.size() < shared.expected.size()) {
    const std::string line = co_await client.recv_until("\n", 20);
    EXPECT_TRUE(line.ends_with('\n')) << line;
    shared.got += line;
  }
}
Task<> read_by_peek(Client& client, CutWorld& shared) {
  while (shared.got.size() < shared.expected.size()) {
    const sched::ConstBytes bytes = co_await client.peek(2);
    shared.got += as_string(bytes.first(1));
    client.consume(1);
  }
}
// Each kind after another, so that one finds what another has left.
Task<> read_in_turn(Client& client, CutWorld& shared) {
  std::array<std::byte, 3> bytes{};
  while (shared.got.size() < shared.expected.size()) {
    switch (shared.got.size() % 3) {
      case 0: {
        const std::size_t size = co_await client.recv_exactly(bytes);
        shared.got += as_string(sched::ConstBytes(bytes).first(size));
        break;
      }
      case 1: {
        const std::string line = co_await client.recv_until("\n", 20);
        shared.got += line;
        break;
      }
      default: {
        const std::size_t size = co_await client.recv(std::span(bytes).first(2));
        shared.got += as_string(sched::ConstBytes(bytes).first(size));
      }
    }
  }
}

// A send that was cancelled says how far it came, and the next one goes on from there.
Task<> send_rest(Client& stream, const std::string& text) {
  const auto sent = static_cast<std::size_t>(stream.bytes_sent());
  co_await stream.send_all(std::string_view(text).substr(sent));
}
Task<> give_stream(ProgramHost& host, Shared shared) {
  auto stream = co_await host.connect({"taker", 7});
  const auto make = [&stream, shared] { return send_rest(stream, shared->expected); };
  co_await cut_short(host, shared->cut, make, shared->ended);
}
void add_send(const Shared& shared) {
  for (int i = 0; i < 300; ++i) {
    shared->expected += std::to_string(i) + ',';
  }
  HostOptions small;
  small.send_buffer = 128;
  small.recv_buffer = 128;
  shared->world.host("taker", small).spawn([shared](ProgramHost& host) -> Task<> {
    auto listener = host.listen({"0.0.0.0", 7});
    auto accepted = co_await listener.accept();
    std::array<std::byte, 50> bytes{};
    for (std::size_t size = 1; size != 0;) {
      size = co_await accepted->recv(bytes);
      shared->got += as_string(sched::ConstBytes(bytes).first(size));
    }
  });
  shared->world.host("giver", small).spawn([shared](ProgramHost& host) {
    return give_stream(host, shared);
  });
}

Task<> accept_three(sched::Listener<Network>& listener, CutWorld& shared,
                    std::vector<Client>& clients) {
  while (clients.size() < 3) {
    auto client = co_await listener.accept();
    clients.push_back(std::move(*client));
    shared.got += 'c';
  }
}
void add_accept(const Shared& shared) {
  shared->expected = "cccECHO";
  shared->world.host("taker").spawn([shared](ProgramHost& host) -> Task<> {
    auto listener = host.listen({"0.0.0.0", 7});
    std::vector<Client> clients;
    const auto make = [&] { return accept_three(listener, *shared, clients); };
    co_await cut_short(host, shared->cut, make, shared->ended);
    for (Client& client : clients) {
      std::array<std::byte, 1> byte{};
      co_await client.recv_exactly(byte);
      co_await client.send_all(byte);
    }
    shared->got += "ECHO";
  });
  for (int i = 0; i < 3; ++i) {
    shared->world.host("giver-" + std::to_string(i)).spawn([i](ProgramHost& host) -> Task<> {
      co_await sched::sleep_for(i * 2us);
      auto stream = co_await host.connect({"taker", 7});
      co_await stream.send_all("x");
      std::array<std::byte, 1> byte{};
      const std::size_t size = co_await stream.recv_exactly(byte);
      EXPECT_EQ(size, 1U) << "a client that was accepted was dropped";
    });
  }
}

Task<> take_datagrams(sched::Datagram<Network>& socket, CutWorld& shared) {
  std::array<std::byte, 4> bytes{};
  while (shared.got.size() < shared.expected.size()) {
    const sched::Received received = co_await socket.recv_from(bytes);
    shared.got += as_string(sched::ConstBytes(bytes).first(received.size));
  }
}
void add_datagrams(const Shared& shared) {
  shared->expected = "12345";
  shared->world.host("taker").spawn([shared](ProgramHost& host) -> Task<> {
    auto socket = host.bind({"0.0.0.0", 9});
    const auto make = [&] { return take_datagrams(socket, *shared); };
    co_await cut_short(host, shared->cut, make, shared->ended);
    std::ranges::sort(shared->got);  // they may overtake each other
  });
  shared->world.host("giver").spawn([shared](ProgramHost& host) -> Task<> {
    auto socket = host.bind({"0.0.0.0", 0});
    const auto taker = co_await host.resolve("taker");
    for (const char& number : shared->expected) {
      co_await socket.send_to(std::as_bytes(std::span(&number, 1)), taker.front().with_port(9));
      co_await sched::sleep_for(2us);
    }
  });
}

Task<> take_messages(sched::Inbox<Network>& inbox, CutWorld& shared) {
  while (shared.got.size() < shared.expected.size()) {
    const sched::Message message = co_await inbox.recv();
    shared.got += as_string(message);
  }
}
void add_messages(const Shared& shared) {
  shared->expected = "abc";
  shared->world.host("taker").spawn([shared](ProgramHost& host) -> Task<> {
    auto inbox = host.inbox("orders");
    const auto make = [&] { return take_messages(inbox, *shared); };
    co_await cut_short(host, shared->cut, make, shared->ended);
  });
  for (int i = 0; i < 3; ++i) {
    shared->world.at((1 + i * 3) * 1us, [shared, i] {
      shared->world.host("taker").post("orders", {static_cast<std::byte>('a' + i)});
    });
  }
}

Task<> take_signals(sched::Signals<Network>& signals, CutWorld& shared) {
  while (shared.got.size() < shared.expected.size()) {
    const int number = co_await signals.next();
    shared.got += number == SIGUSR1 ? '1' : '2';
  }
}
void add_signals(const Shared& shared) {
  shared->expected = "121";
  shared->world.host("taker").spawn([shared](ProgramHost& host) -> Task<> {
    auto signals = host.signals({SIGUSR1, SIGUSR2});
    const auto make = [&] { return take_signals(signals, *shared); };
    co_await cut_short(host, shared->cut, make, shared->ended);
  });
  shared->world.at(1us).raise("taker", SIGUSR1);
  shared->world.at(2us).raise("taker", SIGUSR2);
  shared->world.at(40us).raise("taker", SIGUSR1);
}

Task<> look_up(ProgramHost& host, CutWorld& shared) {
  const auto addresses = co_await host.resolve("taker");
  shared.got = std::to_string(addresses.size());
}
void add_look_up(const Shared& shared) {
  shared->expected = "1";
  shared->world.host("taker").spawn([shared](ProgramHost& host) {
    const auto make = [&host, shared] { return look_up(host, *shared); };
    return cut_short(host, shared->cut, make, shared->ended);
  });
}

// The work of a task that was cancelled is still done; its result is dropped.
Task<> work(ProgramHost& host, CutWorld& shared, int& begun, int& done) {
  ++begun;
  auto count = [&done] { return ++done; };
  const int result = co_await host.run_blocking(count);
  EXPECT_GE(result, 1);
  shared.got = "worked";
}
void add_work(const Shared& shared) {
  shared->expected = "worked";
  shared->world.host("taker").spawn([shared](ProgramHost& host) -> Task<> {
    int begun = 0;
    int done = 0;
    const auto make = [&] { return work(host, *shared, begun, done); };
    co_await cut_short(host, shared->cut, make, shared->ended);
    co_await sched::sleep_for(100ms);
    EXPECT_EQ(begun, done);
  });
}

Task<> connect_to(ProgramHost& host, CutWorld& shared) {
  auto stream = co_await host.connect({"taker", 7});
  co_await stream.send_all("x");
  shared.got = "sent";
}
// A connection of which the attempt was cancelled ends at the other side.
void add_connect(const Shared& shared) {
  shared->expected = "sent";
  shared->world.host("taker").spawn([](ProgramHost& host) -> Task<> {
    auto listener = host.listen({"0.0.0.0", 7});
    for (std::size_t heard = 0; heard == 0;) {
      auto client = co_await listener.accept();
      std::array<std::byte, 1> byte{};
      try {
        heard = co_await client->recv(byte);
      } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::connection_reset);
      }
    }
  });
  shared->world.host("giver").spawn([shared](ProgramHost& host) {
    const auto make = [&host, shared] { return connect_to(host, *shared); };
    return cut_short(host, shared->cut, make, shared->ended);
  });
}

struct Meeting {
  explicit Meeting(std::size_t capacity) : items(capacity) {}

  sched::Channel<char> items;
  sched::Semaphore permits{1};
  sched::Mutex mutex;
  sched::Condition changed{mutex};
  int tickets = 0;
};

Task<> take_items(Meeting& meeting, CutWorld& shared) {
  while (shared.got.size() < shared.expected.size()) {
    const auto item = co_await meeting.items.recv();
    shared.got += *item;
    co_await sched::yield();
  }
}
Task<> give_items(Meeting& meeting, const std::string& all) {
  for (const char item : all) {
    co_await meeting.items.send(item);
    co_await sched::sleep_for(1us);
  }
}
void add_receiver(const Shared& shared, std::size_t capacity) {
  shared->expected = "abcde";
  shared->world.host("taker").spawn([shared, capacity](ProgramHost& host) -> Task<> {
    Meeting meeting(capacity);
    auto giver = host.spawn("giver", give_items(meeting, shared->expected));
    const auto make = [&] { return take_items(meeting, *shared); };
    co_await cut_short(host, shared->cut, make, shared->ended);
    co_await giver.join();
  });
}

// A cancelled send has sent its item or not: an item comes once at most, and if its send came to
// its end, once.
Task<> give_numbered(Meeting& meeting, char& next, std::string& sent) {
  while (next <= 'e') {
    const char item = next++;
    co_await meeting.items.send(item);
    sent += item;
  }
}
void add_sender(const Shared& shared, std::size_t capacity) {
  shared->world.host("taker").spawn([shared, capacity](ProgramHost& host) -> Task<> {
    Meeting meeting(capacity);
    char next = 'a';
    std::string sent;
    auto taker = host.spawn("taker", [&]() -> Task<> {
      for (;;) {
        co_await sched::sleep_for(1us);
        const auto item = co_await meeting.items.recv();
        if (!item) {
          co_return;
        }
        shared->got += *item;
      }
    });
    const auto make = [&] { return give_numbered(meeting, next, sent); };
    co_await cut_short(host, shared->cut, make, shared->ended);
    meeting.items.close();
    co_await taker.join();
    for (const char item : std::string("abcde")) {
      const auto came = std::ranges::count(shared->got, item);
      EXPECT_LE(came, 1) << item;
      EXPECT_GE(came, std::ranges::count(sent, item)) << item;
    }
    EXPECT_TRUE(std::ranges::is_sorted(shared->got)) << shared->got;
    shared->expected = shared->got;
  });
}

Task<> hold(Meeting& meeting, CutWorld& shared) {
  const auto permit = co_await meeting.permits.acquire();
  const auto lock = co_await meeting.mutex.lock();
  co_await sched::sleep_for(2us);
  shared.got += 'h';
}
void add_permits(const Shared& shared) {
  shared->world.host("taker").spawn([shared](ProgramHost& host) -> Task<> {
    Meeting meeting(1);
    auto before = host.spawn("before", hold(meeting, *shared));
    const auto make = [&] { return hold(meeting, *shared); };
    co_await cut_short(host, shared->cut, make, shared->ended);
    co_await before.join();
    EXPECT_EQ(meeting.permits.free(), 1U);
    EXPECT_FALSE(meeting.mutex.is_locked());
    shared->expected = "hh";
  });
}

// One ticket, one notification: if it goes to a task that is cancelled, another gets it.
Task<> take_ticket(Meeting& meeting, CutWorld& shared) {
  auto lock = co_await meeting.mutex.lock();
  while (meeting.tickets == 0) {
    co_await meeting.changed.wait(lock);
  }
  --meeting.tickets;
  shared.got += 't';
}
void add_condition(const Shared& shared) {
  shared->expected = "tt";
  shared->world.host("taker").spawn([shared](ProgramHost& host) -> Task<> {
    Meeting meeting(1);
    host.spawn("notifies", [&]() -> Task<> {
      for (int i = 0; i < 2; ++i) {
        co_await sched::sleep_for(3us);
        const auto lock = co_await meeting.mutex.lock();
        ++meeting.tickets;
        meeting.changed.notify_one();
        co_await sched::sleep_for(1us);
      }
    });
    const auto make = [&] { return take_ticket(meeting, *shared); };
    auto other = host.spawn("other", [&]() -> Task<> {
      co_await sched::sleep_for(1us);
      co_await take_ticket(meeting, *shared);
    });
    co_await cut_short(host, shared->cut, make, shared->ended);
    co_await other.join();
  });
}

// The result stays with the task until somebody has taken it.
Task<> join_it(sched::JoinHandle<int>& child, CutWorld& shared) {
  const int result = co_await child.join();
  shared.got = std::to_string(result);
}
void add_join(const Shared& shared) {
  shared->expected = "7";
  shared->world.host("taker").spawn([shared](ProgramHost& host) -> Task<> {
    auto child = host.spawn("child", []() -> Task<int> {
      co_await sched::sleep_for(3us);
      co_return 7;
    });
    const auto make = [&] { return join_it(child, *shared); };
    co_await cut_short(host, shared->cut, make, shared->ended);
  });
}

struct CutCase {
  const char* name;
  std::function<void(const Shared&)> add;
};
void PrintTo(const CutCase& one, std::ostream* out) { *out << one.name; }

class Cancelled : public ::testing::TestWithParam<CutCase> {
 protected:
  // Whether the first task came to its end before it was cancelled.
  static bool run(const Policy& policy, Cut cut) {
    SCOPED_TRACE("cancelled after " + std::to_string(cut.after.count()) + " ns and " +
                 std::to_string(cut.turns) + " turns");
    WorldOptions options;
    options.link.latency = 2us;
    World world(policy, options);
    bool ended = false;
    const auto shared = std::make_shared<CutWorld>(world, cut, ended);
    GetParam().add(shared);
    const RunReport report = world.run_for(1s);
    EXPECT_TRUE(report.ok()) << report.to_string();
    EXPECT_EQ(shared->got, shared->expected);
    for (const char* host : {"taker", "giver"}) {
      EXPECT_EQ(world.host(host).network().open_descriptors(), 0U) << host;
    }
    return ended;
  }
};

TEST_P(Cancelled, at_every_instant_loses_nothing) {
  for (int turns = 0; turns < 3; ++turns) {
    bool ended = false;
    // Resumptions take 100 ns.
    for (sched::Duration after{}; !ended && !HasFailure(); after += 50ns) {
      ASSERT_LT(after, 5ms) << "it never ends";
      ended = run(Policy::nominal(), {after, turns});
    }
  }
}

TEST_P(Cancelled, in_any_run_loses_nothing) {
  for (std::uint64_t seed = 1; seed <= 500 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto after = std::chrono::nanoseconds(draw(seed, 0, 1) % 300'000);
    run(Policy::random(seed), {after, static_cast<int>(draw(seed, 0, 2) % 3)});
  }
}

INSTANTIATE_TEST_SUITE_P(
    Operations, Cancelled,
    ::testing::Values(
        CutCase{"recv", [](const Shared& shared) { add_stream(shared, read_some); }},
        CutCase{"recv_exactly", [](const Shared& shared) { add_stream(shared, read_exactly); }},
        CutCase{"recv_until", [](const Shared& shared) { add_stream(shared, read_lines); }},
        CutCase{"peek", [](const Shared& shared) { add_stream(shared, read_by_peek); }},
        CutCase{"reads_in_turn", [](const Shared& shared) { add_stream(shared, read_in_turn); }},
        CutCase{"send", add_send}, CutCase{"accept", add_accept},
        CutCase{"recv_from", add_datagrams}, CutCase{"inbox", add_messages},
        CutCase{"signals", add_signals}, CutCase{"resolve", add_look_up},
        CutCase{"run_blocking", add_work}, CutCase{"connect", add_connect},
        CutCase{"channel_recv", [](const Shared& shared) { add_receiver(shared, 1); }},
        CutCase{"rendezvous_recv", [](const Shared& shared) { add_receiver(shared, 0); }},
        CutCase{"channel_send", [](const Shared& shared) { add_sender(shared, 1); }},
        CutCase{"rendezvous_send", [](const Shared& shared) { add_sender(shared, 0); }},
        CutCase{"permits", add_permits}, CutCase{"condition", add_condition},
        CutCase{"join", add_join}),
    [](const auto& one) { return std::string(one.param.name); });

// A reader that tries again each second gets the whole line, however its parts come.
TEST(Heartbeat, is_read_whole_by_one_who_tries_again_each_second) {
  World world;
  std::string got;
  int timeouts = 0;
  world.host("server").spawn([&](ProgramHost& host) -> Task<> {
    auto listener = host.listen({"0.0.0.0", 7});
    auto client = co_await listener.accept();
    while (got.empty()) {
      try {
        got = co_await sched::with_timeout(1s, client->recv_until("\n", 100));
      } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::timed_out);
        ++timeouts;
      }
    }
  });
  world.host("client").spawn([](ProgramHost& host) -> Task<> {
    auto server = co_await host.connect({"server", 7});
    co_await server.send_all("hel");
    co_await sched::sleep_for(3s);
    co_await server.send_all("lo\n");
  });
  EXPECT_TRUE(world.run_for(10s).ok());
  EXPECT_EQ(got, "hello\n");
  EXPECT_EQ(timeouts, 3);
}

// Also a read that fails, or that finds too much, leaves what it had taken.
TEST(Heartbeat, is_there_for_the_next_read_after_one_that_failed) {
  World world;
  world.host("server").spawn([](ProgramHost& host) -> Task<> {
    auto listener = host.listen({"0.0.0.0", 7});
    auto client = co_await listener.accept();
    std::array<std::byte, 100> bytes{};
    std::errc error{};
    try {
      co_await client->recv_until("\n", 4);
    } catch (const std::system_error& failure) {
      error = static_cast<std::errc>(failure.code().value());
    }
    EXPECT_EQ(error, std::errc::message_size);
    try {
      co_await client->recv_exactly(bytes);
    } catch (const std::system_error& failure) {
      error = static_cast<std::errc>(failure.code().value());
    }
    EXPECT_EQ(error, std::errc::connection_reset);
    const std::size_t size = co_await client->recv(bytes);
    EXPECT_EQ(as_string(sched::ConstBytes(bytes).first(size)), "hello");
  });
  world.host("client").spawn([](ProgramHost& host) -> Task<> {
    auto server = co_await host.connect({"server", 7});
    co_await server.send_all("hello");
    co_await sched::sleep_for(1s);
    server.abort();
  });
  const RunReport report = world.run_for(10s);
  EXPECT_TRUE(report.ok()) << report.to_string();
}

}  // namespace
}  // namespace rehearsal::simnet
