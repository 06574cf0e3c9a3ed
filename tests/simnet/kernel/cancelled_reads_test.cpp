// Cancelling an operation on a stream loses nothing. Each operation is cancelled at every instant
// of its run and in every order with the other tasks of that instant, and then repeated. Each byte
// comes once, and no descriptor is left.
#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "sched/io/message_sender.hpp"
#include "sched/sync/timeout.hpp"
#include "tests/simnet/kernel/cancelled.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

class CancelledStream : public Cancelled {};

Task<> send_parts(ProgramHost& host, std::vector<std::string> parts) {
  auto stream = co_await host.connect({"taker", 7});
  for (const std::string& part : parts) {
    co_await stream.send_all(part);
    co_await sched::sleep_for(3us);
  }
}

using Reads = std::function<Task<>(SimStream&, CutWorld&)>;

Task<> take_stream(ProgramHost& host, Shared shared, Reads read) {
  auto listener = host.listen({"0.0.0.0", 7});
  auto accepted = co_await listener.accept();
  SimStream& client = *accepted;
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

Task<> read_some(SimStream& client, CutWorld& shared) {
  std::array<std::byte, 4> bytes{};
  while (shared.got.size() < shared.expected.size()) {
    const std::size_t size = co_await client.recv(bytes);
    shared.got += as_string(sched::ConstBytes(bytes).first(size));
  }
}
Task<> read_exactly(SimStream& client, CutWorld& shared) {
  std::array<std::byte, 9> bytes{};
  while (shared.got.size() < shared.expected.size()) {
    const std::size_t size = co_await client.recv_exactly(bytes);
    shared.got += as_string(sched::ConstBytes(bytes).first(size));
  }
}
Task<> read_lines(SimStream& client, CutWorld& shared) {
  while (shared.got.size() < shared.expected.size()) {
    const std::string line = co_await client.recv_until("\n", 20);
    EXPECT_TRUE(line.ends_with('\n')) << line;
    shared.got += line;
  }
}
Task<> read_by_peek(SimStream& client, CutWorld& shared) {
  while (shared.got.size() < shared.expected.size()) {
    const sched::ConstBytes bytes = co_await client.peek(2);
    shared.got += as_string(bytes.first(1));
    client.consume(1);
  }
}
// Each kind of read in turn, so that one finds what another has left.
Task<> read_in_turn(SimStream& client, CutWorld& shared) {
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

// bytes_sent() returns how much a cancelled send has sent; the next send continues from there.
Task<> send_rest(SimStream& stream, const std::string& text) {
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

// Lines of two tasks over one stream, longer than its buffers. Each one that comes is whole,
// whichever sender is cancelled within it.
std::string line_of(char letter) { return std::string(200, letter) + '\n'; }
Task<> send_lines(sched::MessageSender<SimStream>& sender, char letter) {
  for (int i = 0; i < 3; ++i) {
    co_await sender.send(line_of(letter));
  }
}
Task<> give_lines(ProgramHost& host, Shared shared) {
  auto stream = co_await host.connect({"taker", 7});
  sched::MessageSender sender(stream);
  auto other = host.spawn("other", send_lines(sender, 'b'));
  const auto make = [&sender] { return send_lines(sender, 'a'); };
  co_await cut_short(host, shared->cut, make, shared->ended);
  co_await other.join();
  co_await sender.drain();
}
Task<> take_lines(ProgramHost& host) {
  auto listener = host.listen({"0.0.0.0", 7});
  auto client = co_await listener.accept();
  std::map<std::string, int> lines;
  for (std::string line = "first"; !line.empty();) {
    line = co_await client->recv_until("\n", 1000);
    ++lines[line];
  }
  EXPECT_GE(lines[line_of('a')], 3);
  EXPECT_EQ(lines[line_of('b')], 3);
  EXPECT_EQ(lines[""], 1);
  EXPECT_EQ(lines.size(), 3U);
}
void add_senders(const Shared& shared) {
  HostOptions small;
  small.send_buffer = 128;
  small.recv_buffer = 128;
  shared->world.host("taker", small).spawn([](ProgramHost& host) { return take_lines(host); });
  shared->world.host("giver", small).spawn([shared](ProgramHost& host) {
    return give_lines(host, shared);
  });
}

TEST_P(CancelledStream, at_every_instant_loses_nothing) { at_every_instant(); }
TEST_P(CancelledStream, in_any_run_loses_nothing) { in_any_run(); }

INSTANTIATE_TEST_SUITE_P(
    Operations, CancelledStream,
    ::testing::Values(
        CutCase{"recv", [](const Shared& shared) { add_stream(shared, read_some); }},
        CutCase{"recv_exactly", [](const Shared& shared) { add_stream(shared, read_exactly); }},
        CutCase{"recv_until", [](const Shared& shared) { add_stream(shared, read_lines); }},
        CutCase{"peek", [](const Shared& shared) { add_stream(shared, read_by_peek); }},
        CutCase{"reads_in_turn", [](const Shared& shared) { add_stream(shared, read_in_turn); }},
        CutCase{"send", add_send}, CutCase{"messages", add_senders}),
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

// A read that fails, or that finds too much, also leaves the bytes that it had taken.
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
