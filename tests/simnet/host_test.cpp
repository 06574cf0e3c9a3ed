#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simnet/simulated_host.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Instant;
using sched::Task;
using testing::ElementsAre;

// Receives until the connection ends. Returns "" for a regular end, or the error.
Task<std::string> hear_the_end(ProgramHost& host, std::string server) {
  auto stream = co_await host.connect({server, 7});
  std::vector<std::byte> buffer(100);
  std::string end;
  try {
    for (;;) {
      const std::size_t size = co_await stream.recv(buffer);
      if (size == 0) {
        break;
      }
    }
  } catch (const std::system_error& error) {
    end = error.code().message();
  }
  co_return end;
}

Task<> hear(ProgramHost& host, std::string server, std::string* heard) {
  *heard = "nothing";
  *heard = co_await hear_the_end(host, server);
}

// Accepts and never receives.
Task<> deaf_server(ProgramHost& host) {
  auto listener = host.listen({"0.0.0.0", 7});
  std::vector<sched::Stream<SimulatedNetwork>> clients;
  for (;;) {
    auto client = co_await listener.accept();
    clients.push_back(std::move(*client));
  }
}

TEST(Host, that_is_killed_ends_its_connections_in_a_fin) {
  World world;
  std::string heard;
  world.host("server").spawn(deaf_server);
  world.host("client").spawn([&](ProgramHost& host) { return hear(host, "server", &heard); });
  world.at(1s).kill("server");
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(heard, "");
}

TEST(Host, that_is_killed_with_unread_data_ends_its_connections_in_a_reset) {
  World world;
  std::string heard;
  world.host("server").spawn(deaf_server);
  world.host("client").spawn([&](ProgramHost& host) -> Task<> {
    auto stream = co_await host.connect({"server", 7});
    co_await stream.send_all(pattern(10, 1));
    std::vector<std::byte> buffer(100);
    try {
      const std::size_t size = co_await stream.recv(buffer);
      heard = std::to_string(size) + " bytes";
    } catch (const std::system_error& error) {
      heard = error.code().message();
    }
  });
  world.at(1s).kill("server");
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(heard, "Connection reset by peer");
}

TEST(Host, that_loses_its_power_is_silent) {
  World world;
  std::string heard;
  world.host("server").spawn(deaf_server);
  world.host("client").spawn([&](ProgramHost& host) { return hear(host, "server", &heard); });
  world.at(1s).power_off("server");
  EXPECT_EQ(world.run_for(1h).end, WorldEnd::condition);
  EXPECT_EQ(heard, "nothing");
}

TEST(Host, that_has_lost_its_power_resets_old_connections_once_it_is_back) {
  World world;
  std::string heard = "nothing";
  world.host("server").spawn(deaf_server);
  world.host("client").spawn([&](ProgramHost& host) -> Task<> {
    auto stream = co_await host.connect({"server", 7});
    co_await sched::sleep_for(2s);
    co_await stream.send_all(pattern(10, 1));
    std::vector<std::byte> buffer(100);
    try {
      const std::size_t size = co_await stream.recv(buffer);
      heard = std::to_string(size) + " bytes";
    } catch (const std::system_error& error) {
      heard = error.code().message();
    }
  });
  world.at(1s).power_off("server");
  world.at(5s).restart("server");
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
  EXPECT_EQ(heard, "Connection reset by peer");
  EXPECT_GT(report.time, 5s);
  EXPECT_LT(report.time, 15s);
}

TEST(Host, that_never_comes_back_lets_its_peer_time_out) {
  World world;
  std::string heard = "nothing";
  world.host("server").spawn(deaf_server);
  world.host("client").spawn([&](ProgramHost& host) -> Task<> {
    auto stream = co_await host.connect({"server", 7});
    co_await sched::sleep_for(2s);
    co_await stream.send_all(pattern(10, 1));
    std::vector<std::byte> buffer(100);
    try {
      const std::size_t size = co_await stream.recv(buffer);
      heard = std::to_string(size) + " bytes";
    } catch (const std::system_error& error) {
      heard = error.code().message();
    }
  });
  world.at(1s).power_off("server");
  const RunReport report = world.run();
  EXPECT_EQ(heard, "Connection timed out");
  EXPECT_GT(report.time, 15min);
}

TEST(Host, that_restarts_runs_its_program_afresh) {
  World world;
  int starts = 0;
  world.host("a").daemon().spawn([&starts](ProgramHost& /*host*/) -> Task<> {
    ++starts;
    co_await sched::sleep_for(1h);
  });
  world.at(1s).restart("a").run([] {});
  world.run_for(10s);
  EXPECT_EQ(starts, 2);
}

TEST(Host, that_is_paused_does_not_run_and_its_kernel_does) {
  World world;
  std::vector<Instant> beats;
  world.host("server").spawn(deaf_server);
  world.host("server").spawn([&beats](ProgramHost& host) -> Task<> {
    for (int i = 0; i < 4; ++i) {
      co_await sched::sleep_for(1s);
      beats.push_back(host.now());
    }
  });
  Instant connected{};
  world.host("client").spawn([&connected](ProgramHost& host) -> Task<> {
    co_await sched::sleep_for(2s);
    auto stream = co_await host.connect({"server", 7});
    connected = host.now();
  });
  world.at(1500ms).pause("server");
  world.at(10s).resume("server");
  world.run_for(20s);
  ASSERT_EQ(beats.size(), 4U);
  EXPECT_GE(beats[1], Instant(10s));
  EXPECT_LT(connected, Instant(3s));
}

TEST(Host, sees_its_own_clock) {
  World world;
  HostOptions fast;
  fast.clock_offset = 5s;
  fast.clock_drift = 100'000;  // a tenth
  Instant woke{};
  world.host("fast", fast).spawn([&woke](ProgramHost& host) -> Task<> {
    co_await sched::sleep_for(11s);
    woke = host.now();
  });
  const RunReport report = world.run();
  EXPECT_GE(woke, Instant(16s));
  EXPECT_NEAR(static_cast<double>(report.time.count()), 1e10, 1e6);
}

TEST(Host, has_a_wall_clock_that_follows_its_clock) {
  WorldOptions options;
  options.epoch = sched::WallTime(1'000'000s);
  World world(Policy::nominal(), options);
  HostOptions fast;
  fast.clock_offset = 5s;
  fast.clock_drift = 100'000;  // a tenth
  const auto read = [](sched::WallTime& time) {
    return [&time](ProgramHost& host) -> Task<> {
      co_await sched::sleep_until(Instant(16s));
      EXPECT_EQ(host.wall_clock() - sched::WallTime(1'000'000s), host.now() - Instant());
      time = host.wall_clock();
    };
  };
  sched::WallTime on_fast;
  sched::WallTime on_other;
  world.host("fast", fast).spawn(read(on_fast));
  world.host("other").spawn(read(on_other));
  world.run();
  EXPECT_EQ(std::chrono::floor<std::chrono::seconds>(on_fast), sched::WallTime(1'000'016s));
  EXPECT_EQ(std::chrono::floor<std::chrono::seconds>(on_other), sched::WallTime(1'000'016s));
}

// The call is an event of the run, so a run that sees another time has another digest.
TEST(Host, has_its_wall_clock_in_the_digest) {
  const auto digest = [](sched::WallTime epoch) {
    WorldOptions options;
    options.epoch = epoch;
    World world(Policy::nominal(), options);
    world.host("a").spawn([](ProgramHost& host) -> Task<> {
      EXPECT_GT(host.wall_clock(), sched::WallTime());
      co_return;
    });
    world.run();
    return world.digest();
  };
  EXPECT_EQ(digest(WorldOptions().epoch), digest(WorldOptions().epoch));
  EXPECT_NE(digest(WorldOptions().epoch), digest(sched::WallTime(1s)));
}

TEST(Host, has_its_random_numbers_in_the_digest) {
  const auto digest = [](bool draws) {
    World world;
    world.host("a").spawn([draws](ProgramHost& host) -> Task<> {
      if (draws) {
        (void)host.random();
      }
      co_return;
    });
    world.run();
    return world.digest();
  };
  EXPECT_NE(digest(true), digest(false));
}

TEST(Host, gets_signals_and_messages) {
  World world;
  std::vector<int> signals;
  std::vector<std::size_t> messages;
  world.host("a").spawn([&](ProgramHost& host) -> Task<> {
    auto incoming = host.signals({SIGTERM});
    const int number = co_await incoming.next();
    signals.push_back(number);
  });
  world.host("a").spawn([&](ProgramHost& host) -> Task<> {
    auto inbox = host.inbox("control");
    const sched::Message message = co_await inbox.recv();
    messages.push_back(message.size());
  });
  world.at(1s).raise("a", SIGTERM).post("a", "control", sched::Message(3));
  EXPECT_TRUE(world.run().ok());
  EXPECT_THAT(signals, ElementsAre(SIGTERM));
  EXPECT_THAT(messages, ElementsAre(3U));
}

TEST(Host, gets_a_signal_where_it_is_wanted) {
  World world;
  std::vector<int> signals;
  world.host("a").spawn([&](ProgramHost& host) -> Task<> {
    auto others = host.signals({SIGTERM});
    auto incoming = host.signals({SIGINT});
    const int number = co_await incoming.next();
    signals.push_back(number);
  });
  world.at(1s).raise("a", SIGINT);
  EXPECT_TRUE(world.run().ok());
  EXPECT_THAT(signals, ElementsAre(SIGINT));
}

TEST(Host, reuses_the_lowest_free_descriptor) {
  World world;
  world.host("a").spawn([](ProgramHost& host) -> Task<> {
    auto first = host.bind({"0.0.0.0", 1});
    auto second = host.bind({"0.0.0.0", 2});
    const int number = first.handle().descriptor;
    EXPECT_EQ(second.handle().descriptor, number + 1);
    first.close();
    auto third = host.bind({"0.0.0.0", 3});
    EXPECT_EQ(third.handle().descriptor, number);
    co_return;
  });
  EXPECT_TRUE(world.run().ok());
}

TEST(Host, has_a_port_again_when_its_connection_is_closed) {
  World world;
  HostOptions narrow;
  narrow.first_ephemeral_port = 40000;
  narrow.last_ephemeral_port = 40001;
  int made = 0;
  world.host("server").daemon().spawn([](ProgramHost& host) { return echo_server(host); });
  world.host("narrow", narrow).spawn([&made](ProgramHost& host) -> Task<> {
    for (; made < 5; ++made) {
      auto stream = co_await host.connect({"10.0.0.1", 7});
    }
  });
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(made, 5);
}

TEST(Host, runs_out_of_descriptors_and_ports) {
  World world;
  HostOptions small;
  small.descriptors = 5;
  HostOptions narrow;
  narrow.first_ephemeral_port = 40000;
  narrow.last_ephemeral_port = 40001;
  world.host("server").spawn(deaf_server);
  const auto connects = [](int* made, std::string* error) {
    return [made, error](ProgramHost& host) -> Task<> {
      std::vector<sched::Stream<SimulatedNetwork>> streams;
      try {
        for (;;) {
          auto stream = co_await host.connect({"10.0.0.1", 7});
          streams.push_back(std::move(stream));
          ++*made;
        }
      } catch (const std::system_error& failure) {
        *error = failure.code().message();
      }
    };
  };
  int of_small = 0;
  int of_narrow = 0;
  std::string small_error;
  std::string narrow_error;
  world.host("small", small).spawn(connects(&of_small, &small_error));
  world.host("narrow", narrow).spawn(connects(&of_narrow, &narrow_error));
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(of_small, 2);
  EXPECT_EQ(small_error, "Too many open files");
  EXPECT_EQ(of_narrow, 2);
  EXPECT_EQ(narrow_error, "Cannot assign requested address");
}

}  // namespace
}  // namespace rehearsal::simnet
