// Cancelling a call of the network loses nothing. Each operation is cancelled at every instant of
// its run and in every order with the other tasks of that instant, and then repeated. Each
// connection, datagram, message and signal comes once, and no descriptor is left.
#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/simnet/kernel/cancelled.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

class CancelledCall : public Cancelled {};

Task<> accept_three(sched::Listener<SimulatedNetwork>& listener, CutWorld& shared,
                    std::vector<SimStream>& clients) {
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
    std::vector<SimStream> clients;
    const auto make = [&] { return accept_three(listener, *shared, clients); };
    co_await cut_short(host, shared->cut, make, shared->ended);
    for (SimStream& client : clients) {
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

Task<> take_datagrams(sched::Datagram<SimulatedNetwork>& socket, CutWorld& shared) {
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
    std::ranges::sort(shared->got);  // they may be reordered
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

Task<> take_messages(sched::Inbox<SimulatedNetwork>& inbox, CutWorld& shared) {
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

Task<> take_signals(sched::Signals<SimulatedNetwork>& signals, CutWorld& shared) {
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

// The work of a cancelled task is still done; its result is dropped.
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
// If an attempt to connect is cancelled, the connection ends at the other side.
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

TEST_P(CancelledCall, at_every_instant_loses_nothing) { at_every_instant(); }
TEST_P(CancelledCall, in_any_run_loses_nothing) { in_any_run(); }

INSTANTIATE_TEST_SUITE_P(
    Operations, CancelledCall,
    ::testing::Values(CutCase{"accept", add_accept}, CutCase{"recv_from", add_datagrams},
                      CutCase{"inbox", add_messages}, CutCase{"signals", add_signals},
                      CutCase{"resolve", add_look_up}, CutCase{"run_blocking", add_work},
                      CutCase{"connect", add_connect}),
    [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace rehearsal::simnet
