#include "simnet/world.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sched/sync/event.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Instant;
using sched::Task;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::MatchesRegex;

TEST(World, runs_until_the_tasks_in_the_foreground_are_done) {
  World world;
  add_echo(world, 3, 10);
  world.host("ticker").daemon().spawn([](ProgramHost& /*host*/) -> Task<> {
    for (;;) {
      co_await sched::sleep_for(1min);
    }
  });
  const RunReport report = world.run();
  EXPECT_EQ(report.end, WorldEnd::done) << report.to_string();
  EXPECT_LT(report.time, 1min);  // the run does not wait for it
  EXPECT_TRUE(report.ok());
  EXPECT_GT(report.steps, 60U);
}

TEST(World, jumps_to_the_next_event) {
  World world;
  world.host("sleeper").spawn([](ProgramHost& /*host*/) -> Task<> {
    for (int beat = 0; beat < 3600; ++beat) {
      co_await sched::sleep_for(1s);
    }
  });
  const RunReport report = world.run();
  EXPECT_EQ(report.end, WorldEnd::done);
  EXPECT_GE(report.time, 1h);
  EXPECT_LE(report.steps, 3602U);
}

TEST(World, charges_each_resumption_to_its_host) {
  World world;
  HostOptions slow;
  slow.resumption_cost = 1ms;
  Instant end{};
  world.host("slow", slow).spawn([&end](ProgramHost& host) -> Task<> {
    for (int i = 0; i < 10; ++i) {
      co_await sched::yield();
    }
    end = host.now();
  });
  world.run();
  EXPECT_EQ(end, Instant(10ms));
}

TEST(World, stops_a_livelock_at_the_step_limit_and_reports_which_task_ran_last) {
  WorldOptions options;
  options.step_limit = 1000;
  World world(Policy::nominal(), options);
  world.host("spinner").spawn("spin", [](ProgramHost& /*host*/) -> Task<> {
    for (;;) {
      co_await sched::yield();
    }
  });
  const RunReport report = world.run();
  EXPECT_EQ(report.end, WorldEnd::step_limit);
  EXPECT_FALSE(report.ok());
  EXPECT_THAT(report.tasks, Contains(HasSubstr("spinner/spin")));
}

TEST(World, lists_the_tasks_of_a_deadlock_with_what_they_wait_on_and_where) {
  World world;
  world.host("stuck").spawn("waiter", [](ProgramHost& /*host*/) -> Task<> {
    sched::Event event;
    co_await event.wait();
  });
  const RunReport report = world.run();
  EXPECT_EQ(report.end, WorldEnd::quiescent);
  EXPECT_FALSE(report.ok());
  EXPECT_THAT(report.tasks,
              ElementsAre(testing::AllOf(HasSubstr("stuck/waiter"), HasSubstr("event"),
                                         HasSubstr("world_test.cpp:"))));
}

TEST(World, stops_at_the_time_limit) {
  WorldOptions options;
  options.time_limit = 1min;
  World world(Policy::nominal(), options);
  world.host("sleeper").spawn(
      [](ProgramHost& /*host*/) -> Task<> { co_await sched::sleep_for(1h); });
  const RunReport report = world.run();
  EXPECT_EQ(report.end, WorldEnd::time_limit);
  EXPECT_EQ(report.time, 1min);
}

TEST(World, runs_for_a_time_and_continues) {
  World world;
  int beats = 0;
  world.host("sleeper").spawn([&beats](ProgramHost& /*host*/) -> Task<> {
    for (;;) {
      co_await sched::sleep_for(1s);
      ++beats;
    }
  });
  EXPECT_EQ(world.run_for(10500ms).end, WorldEnd::condition);
  EXPECT_EQ(beats, 10);
  world.run_for(1s);
  EXPECT_EQ(beats, 11);
  EXPECT_EQ(world.now(), Instant(11500ms));
}

TEST(World, runs_until_a_condition_holds) {
  World world;
  int beats = 0;
  world.host("sleeper").spawn([&beats](ProgramHost& /*host*/) -> Task<> {
    for (;;) {
      co_await sched::sleep_for(1s);
      ++beats;
    }
  });
  EXPECT_EQ(world.run_until([&] { return beats == 5; }).end, WorldEnd::condition);
  EXPECT_EQ(beats, 5);
}

TEST(World, fails_where_a_task_of_a_program_fails) {
  World world;
  world.host("fails").spawn(
      "main", [](ProgramHost& host) -> Task<> { co_await host.connect({"10.0.0.1", 1}); });
  const RunReport report = world.run();
  EXPECT_EQ(report.end, WorldEnd::failed);
  EXPECT_THAT(
      report.failures,
      ElementsAre(Field(&Failure::what, AllOf(HasSubstr("fails/main"), HasSubstr("refused")))));
  EXPECT_EQ(report.failure(), report.failures.front());
}

TEST(World, fails_where_an_invariant_does_not_hold) {
  World world;
  int count = 0;
  world.invariant("below five", [&] { return count < 5; });
  world.host("counter").spawn([&count](ProgramHost& /*host*/) -> Task<> {
    for (;;) {
      ++count;
      co_await sched::sleep_for(1s);
    }
  });
  const RunReport report = world.run();
  EXPECT_EQ(report.time, 4s);
  EXPECT_THAT(report.failures,
              ElementsAre(AllOf(Field(&Failure::what, "invariant 'below five' violated"),
                                Field(&Failure::where, MatchesRegex("world_test.cpp:[0-9]+")))));
}

TEST(World, fails_where_a_condition_does_not_come_to_hold_in_time) {
  World world;
  bool holds = false;
  world.at(3s, [&] { holds = true; });
  world.eventually("in time", 5s, [&] { return holds; });
  RunReport report = world.run();
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.time, 3s);  // the run ends once the condition holds
  world.eventually("never", 5s, [] { return false; });
  report = world.run();
  EXPECT_THAT(report.failures,
              ElementsAre(Field(&Failure::what, HasSubstr("'never' did not become true"))));
  EXPECT_EQ(report.time, 8s);
}

TEST(World, has_a_parameter_that_is_the_least_unless_rehearsed_otherwise) {
  World nominal;
  EXPECT_EQ(nominal.parameter("clients", 2, 5), 2U);
  World replayed(std::vector<Deviation>{{{Site::program, "world:clients", 0}, 2}});
  EXPECT_EQ(replayed.parameter("clients", 2, 5), 4U);
  World beyond(std::vector<Deviation>{{{Site::program, "world:clients", 0}, 4}});
  EXPECT_EQ(beyond.parameter("clients", 2, 5), 2U);
  std::map<std::uint32_t, int> drawn;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    World world(Policy::random(seed));
    ++drawn[world.parameter("clients", 2, 5)];
    EXPECT_EQ(world.parameter("fixed", 3, 3), 3U);
  }
  EXPECT_EQ(drawn.size(), 4U);
  for (const auto& [value, times] : drawn) {
    EXPECT_TRUE(value >= 2 && value <= 5 && times > 60) << value << ": " << times;
  }
}

TEST(World, two_of_them_never_touch) {
  const auto digest = [] {
    World world(Policy::random(7));
    add_echo(world, 3, 10);
    return world.run().digest;
  };
  const std::uint64_t alone = digest();
  World outer(Policy::random(3));
  add_echo(outer, 2, 5);
  outer.run_for(1ms);
  EXPECT_EQ(digest(), alone);
  std::uint64_t beside = 0;
  std::thread other([&] { beside = digest(); });
  EXPECT_EQ(digest(), alone);
  other.join();
  EXPECT_EQ(beside, alone);
}

TEST(World, gives_each_host_an_address_and_resolves_its_name) {
  World world;
  world.host("a");
  SimulatedHost& b = world.host("b");
  std::vector<sched::Endpoint> found;
  world.host("a").spawn([&found](ProgramHost& host) -> Task<> {
    found = co_await host.resolve("b");
    std::errc error{};
    try {
      co_await host.resolve("nobody");
    } catch (const std::system_error& failure) {
      error = static_cast<std::errc>(failure.code().value());
    }
    EXPECT_EQ(error, std::errc::no_such_device_or_address);
  });
  EXPECT_TRUE(world.run().ok());
  EXPECT_THAT(found, ElementsAre(b.endpoint(0)));
}

TEST(World, gives_a_program_random_numbers_of_its_data_seed) {
  const auto drawn = [](std::uint64_t seed) {
    WorldOptions options;
    options.data_seed = seed;
    World world(Policy::nominal(), options);
    std::vector<std::uint64_t> numbers;
    world.host("a").spawn([&numbers](ProgramHost& host) -> Task<> {
      numbers.push_back(host.random());
      numbers.push_back(host.random());
      co_return;
    });
    world.run();
    return numbers;
  };
  EXPECT_EQ(drawn(1), drawn(1));
  EXPECT_NE(drawn(1), drawn(2));
  EXPECT_NE(drawn(1)[0], drawn(1)[1]);
}

TEST(World, runs_blocking_work_in_simulated_time) {
  World world;
  HostOptions options;
  options.blocking_takes = 3s;
  int value = 0;
  world.host("worker", options).spawn([&value](ProgramHost& host) -> Task<> {
    value = co_await host.run_blocking([] { return 42; });
  });
  const RunReport report = world.run();
  EXPECT_EQ(value, 42);
  EXPECT_GE(report.time, 3s);
}

}  // namespace
}  // namespace rehearsal::simnet
