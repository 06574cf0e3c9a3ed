#include "simnet/call.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "sched/sync/event.hpp"
#include "sched/sync/sleep.hpp"

namespace rehearsal::simnet {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

sched::Task<std::string> say_after(sched::Duration time, std::string word) {
  co_await sched::sleep_for(time);
  co_return word;
}
sched::Task<> nap(sched::Duration time) { co_await sched::sleep_for(time); }
sched::Task<int> refuse() {
  co_await sched::sleep_for(1ms);
  throw std::runtime_error("no");
}
sched::Task<> wait_for_nothing() {
  sched::Event never;
  co_await never.wait();
}

TEST(Call, returns_the_result_of_its_task_while_the_world_continues) {
  World world;
  int ticks = 0;
  world.at(3ms, [&] { ++ticks; });
  SimulatedHost& host = world.host("a");
  const auto says = [](auto& /*host*/) { return say_after(5ms, "word"); };
  EXPECT_EQ(call(world, host, says), "word");
  EXPECT_EQ(ticks, 1);
  EXPECT_EQ(world.now().time_since_epoch(), 5ms);
  call(world, host, [](auto& /*host*/) { return nap(2ms); });
  EXPECT_GE(world.now().time_since_epoch(), 7ms);
}

TEST(Call, throws_what_its_task_throws) {
  World world;
  EXPECT_THROW(call(world, world.host("a"), [](auto& /*host*/) { return refuse(); }),
               std::runtime_error);
  ASSERT_TRUE(world.report());
  EXPECT_TRUE(world.report()->ok());
}

TEST(Call, throws_where_the_world_ends_before_it) {
  World world;
  try {
    call(world, world.host("a"), [](auto& /*host*/) { return wait_for_nothing(); });
    FAIL() << "it ended";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("the call did not end: quiescent"));
  }
}

TEST(Call, is_not_repeated_if_its_host_restarts) {
  World world;
  int calls = 0;
  SimulatedHost& host = world.host("a");
  call(world, host, [&](auto& /*host*/) { return ++calls, nap(1ms); });
  host.restart();
  EXPECT_TRUE(world.run_for(1s).ok());
  EXPECT_EQ(calls, 1);
}

TEST(World, makes_what_lives_as_long_as_its_tasks) {
  std::vector<std::string> gone;
  struct Says {
    Says(std::vector<std::string>& to, std::string name) : said(to), word(std::move(name)) {}
    ~Says() { said.push_back(word); }
    std::vector<std::string>& said;
    std::string word;
  };
  {
    World world;
    world.make<Says>(gone, "first");
    world.make<Says>(gone, "last");
    world.host("a").spawn([&gone](auto& /*host*/) {
      return [](std::vector<std::string>& said) -> sched::Task<> {
        const Says task(said, "task");
        sched::Event never;
        co_await never.wait();
      }(gone);
    });
    world.run();
  }
  EXPECT_THAT(gone, testing::ElementsAre("task", "last", "first"));
}

TEST(World, reports_its_last_run_with_what_has_failed_since) {
  World world;
  EXPECT_FALSE(world.report());
  world.host("a").spawn([](auto& /*host*/) { return nap(1ms); });
  world.run();
  ASSERT_TRUE(world.report());
  EXPECT_EQ(world.report()->end, WorldEnd::done);
  world.fail("on second thought");
  EXPECT_EQ(world.report()->end, WorldEnd::failed);
  EXPECT_EQ(world.report()->failure()->what, "on second thought");
}

}  // namespace
}  // namespace rehearsal::simnet
