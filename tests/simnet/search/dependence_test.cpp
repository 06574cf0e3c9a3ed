// Pairs of steps whose order matters, each in the smallest scenario whose ends show it. The random
// programs of search_property_test.cpp meet some of them rarely and others never.
#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "simnet/search/exhaustive.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

// What the tasks of a run saw, by their names. Two tasks never write the same entry, because that
// would be shared state.
using Seen = std::map<std::string, std::string>;
using Build = std::function<void(World& world, Seen& seen)>;

// Segments and datagrams that are sent at the start of a run arrive at this instant.
constexpr sched::Instant arrival{1ms};

Scenario scenario_of(const Build& build, Seen& seen) {
  Scenario scenario("dependence", "Two steps of one instant", [&build, &seen](World& world) {
    seen.clear();
    build(world, seen);
  });
  scenario.options.link.latency = arrival.time_since_epoch();
  scenario.rates = Rates();
  return scenario;
}

// Returns how the runs of a search end, and expects that the schedule of each run replays.
std::set<Seen> ends_of(const Build& build, Exhaustive::Reduction reduction) {
  Seen replayed_end;
  const Scenario again = scenario_of(build, replayed_end);
  Seen end;
  std::set<Seen> ends;
  SearchOptions options;
  options.on_run = [&](const RunResult& run) {
    ends.insert(end);
    const RunResult replayed = replay_scenario(again, run.schedule);
    EXPECT_EQ(replayed.report.digest, run.report.digest) << run.schedule.to_string();
    EXPECT_TRUE(replayed.not_applied.empty()) << run.schedule.to_string();
    EXPECT_EQ(replayed_end, end) << run.schedule.to_string();
  };
  Exhaustive exhaustive(reduction);
  const SearchReport report = search(scenario_of(build, end), options, exhaustive);
  EXPECT_TRUE(report.complete()) << report.to_string();
  return ends;
}

// Expects that a search sees `count` ends, and that the reduction hides none of them.
void expect_ends(std::size_t count, const Build& build) {
  const std::set<Seen> all = ends_of(build, Exhaustive::Reduction::none);
  EXPECT_EQ(all.size(), count);
  EXPECT_EQ(ends_of(build, Exhaustive::Reduction::source_sets), all);
}

SimulatedHost& isolated(World& world, std::string_view name) {
  HostOptions options;
  options.isolated_tasks = true;
  return world.host(name, options);
}

void add_client(World& world, Seen& seen) {
  world.host("client").spawn("connect", [&seen](ProgramHost& host) -> Task<> {
    try {
      auto stream = co_await host.connect({"10.0.0.1", 7});
      std::array<std::byte, 1> word{};
      const std::size_t size = co_await stream.recv(word);
      seen["client"] = std::to_string(size) + " bytes";
    } catch (const std::system_error& error) {
      seen["client"] = error.code().message();
    }
  });
}

void add_teller(World& world, Seen& seen) {
  world.host("client").spawn("tell", [&seen](ProgramHost& host) -> Task<> {
    auto socket = host.bind({"0.0.0.0", 0});
    socket.set_peer({"10.0.0.1", 9});
    const std::array word{std::byte{'!'}};
    co_await socket.send(word);
    co_await sched::sleep_for(10ms);
    try {
      co_await socket.send(word);
      seen["client"] = "sent";
    } catch (const std::system_error& error) {
      seen["client"] = error.code().message();
    }
  });
}

TEST(Dependence, of_two_draws_of_a_random_number) {
  expect_ends(2, [](World& world, Seen& seen) {
    for (const char* const name : {"one", "other"}) {
      isolated(world, "host").spawn(name, [&seen, name](ProgramHost& host) -> Task<> {
        seen[name] = std::to_string(host.random());
        co_return;
      });
    }
  });
}

TEST(Dependence, of_a_listen_and_a_connection_request) {
  expect_ends(2, [](World& world, Seen& seen) {
    isolated(world, "server").daemon().spawn([](ProgramHost& host) -> Task<> {
      co_await sched::sleep_until(arrival);
      auto listener = host.listen({"0.0.0.0", 7});
      co_await listener.accept();
    });
    add_client(world, seen);
  });
}

TEST(Dependence, of_the_close_of_a_listener_and_a_connection_request) {
  expect_ends(2, [](World& world, Seen& seen) {
    isolated(world, "server").daemon().spawn([](ProgramHost& host) -> Task<> {
      auto listener = host.listen({"0.0.0.0", 7});
      co_await sched::sleep_until(arrival);
      listener.close();
    });
    add_client(world, seen);
  });
}

TEST(Dependence, of_a_bind_and_a_datagram) {
  expect_ends(2, [](World& world, Seen& seen) {
    isolated(world, "server").daemon().spawn([](ProgramHost& host) -> Task<> {
      co_await sched::sleep_until(arrival);
      auto socket = host.bind({"0.0.0.0", 9});
      co_await sched::sleep_for(1h);
    });
    add_teller(world, seen);
  });
}

TEST(Dependence, of_the_close_of_a_socket_and_a_datagram) {
  expect_ends(2, [](World& world, Seen& seen) {
    isolated(world, "server").daemon().spawn([](ProgramHost& host) -> Task<> {
      auto socket = host.bind({"0.0.0.0", 9});
      co_await sched::sleep_until(arrival);
      socket.close();
      co_await sched::sleep_for(1h);
    });
    add_teller(world, seen);
  });
}

// A socket that is bound to every address has the one from which its peer is reached.
TEST(Dependence, of_a_peer_and_the_own_address) {
  expect_ends(2, [](World& world, Seen& seen) {
    isolated(world, "host").spawn("main", [&seen](ProgramHost& host) -> Task<> {
      auto socket = host.bind({"0.0.0.0", 9});
      sched::TaskGroup group(host);
      group.spawn("sets", [&socket]() -> Task<> {
        socket.set_peer({"127.0.0.1", 9});
        co_return;
      });
      group.spawn("asks", [&socket, &seen]() -> Task<> {
        seen["asks"] = socket.local().to_string();
        co_return;
      });
      co_await group.join();
    });
  });
}

// The last step of the first run cancels a task that has not begun and never will. No step of that
// run shows that the task could have come first.
TEST(Dependence, of_the_last_step_and_a_task_that_it_cancels) {
  expect_ends(2, [](World& world, Seen& seen) {
    isolated(world, "host").spawn("main", [&seen](ProgramHost& host) -> Task<> {
      const auto victim = std::make_shared<sched::JoinHandle<>>();
      host.spawn("canceller", [victim]() -> Task<> {
        victim->cancel();
        co_return;
      });
      *victim = host.spawn("victim", [&seen]() -> Task<> {
        seen["victim"] = "ran";
        co_return;
      });
      co_return;
    });
  });
}

// The tasks that are ready when their host is killed have been passed by those that ran before.
TEST(Dependence, of_a_kill_and_the_tasks_that_are_ready) {
  const std::vector<const char*> names = {"one", "two", "three"};
  expect_ends(8, [&names](World& world, Seen& seen) {
    for (const char* const name : names) {
      isolated(world, "victim").spawn(name, [&seen, name](ProgramHost& /*host*/) -> Task<> {
        seen[name] = "ran";
        co_return;
      });
    }
    world.host("killer").spawn([&world](ProgramHost& /*host*/) -> Task<> {
      world.host("victim").kill();
      co_return;
    });
  });
}

}  // namespace
}  // namespace rehearsal::simnet
