#include "harness/gtest/rehearse.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/gtest/capture.hpp"
#include "harness/process/shared_memory.hpp"
#include "servers/echo.hpp"
#include "simnet/network/fabric.hpp"

namespace rehearsal::servers {
namespace {

using simnet::NamedPolicy;
using simnet::RunReport;
using simnet::Scenario;
using simnet::World;
using simnet::WorldEnd;

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

// Sends `count` bytes one by one, and counts those that come back.
template <sched::Network Net>
sched::Task<> count_echoes(sched::Host<Net>& host, int count, int& echoed) {
  auto server = co_await host.connect({"server", 25000});
  std::array<std::byte, 1> byte{};
  for (int i = 0; i < count; ++i) {
    byte[0] = static_cast<std::byte>(i);
    co_await server.send_all(byte);
    byte[0] = std::byte{255};
    const std::size_t size = co_await server.recv_exactly(byte);
    CO_ASSERT_EQ(size, 1U);
    EXPECT_EQ(byte[0], static_cast<std::byte>(i)) << "byte " << i;
    ++echoed;
  }
}

void add_echo(World& world) {
  world.host("server").spawn([](auto& host) { return echo_server(host, {"0.0.0.0", 25000}); });
}

REHEARSE(Rehearse, runs_the_world_that_its_body_fills, {.runs = 20}) {
  add_echo(world);
  int& echoed = world.make<int>(0);
  world.host("client").spawn([&](auto& host) { return count_echoes(host, 3, echoed); });
  world.invariant("no byte is invented", [&echoed] { return echoed <= 3; });
}

// Creates what REHEARSE creates, from within a test.
harness::RehearsedTest within(const char* name, int line, std::function<void(World&)> body) {
  return {name, __FILE__, line, {}, std::move(body)};
}

TEST(Rehearse, runs_each_seed_of_its_budget) {
  // Each run is in one of several processes.
  const harness::SharedMemory<std::array<std::atomic<bool>, 30>> seen;
  harness::rehearse(within("Rehearse.runs_each_seed_of_its_budget", __LINE__,
                           [&](World& world) {
                             seen->at(world.fabric().data_seed) = true;
                             add_echo(world);
                           }),
                    {.runs = 20, .seed = 5});
  for (std::uint64_t seed = 0; seed < seen->size(); ++seed) {
    // 1: the default run, from which some policies plan.
    EXPECT_EQ(seen->at(seed), seed == 1 || (seed >= 5 && seed < 25)) << seed;
  }
}

sched::Task<> sleep_for_long() { co_await sched::sleep_for(2min); }

TEST(Rehearse, sets_options_of_its_world) {
  harness::Capture capture;
  harness::rehearse(
      within("Rehearse.sets_options_of_its_world", __LINE__,
             [](World& world) {
               world.host("sleeper").spawn([](auto& /*host*/) { return sleep_for_long(); });
             }),
      {.runs = 2, .world = {.time_limit = 60s}});
  ASSERT_EQ(capture.failed().size(), 1U);
  EXPECT_NE(capture.failed()[0].message.find("virtual time limit of 60 s reached; waited longest: "
                                             "sleeper/0 waits: sleep at rehearse_test.cpp:"),
            std::string::npos);
}

REHEARSE(Rehearse, lets_its_body_run_the_world_and_look_at_it) {
  add_echo(world);
  int& echoed = world.make<int>(0);
  world.host("client").spawn([&](auto& host) { return count_echoes(host, 10, echoed); });
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok());
  ASSERT_EQ(echoed, 10);
}

TEST(Rehearse, skips_where_its_body_does) {
  std::string skipped;
  bool failed = true;
  {
    const harness::Capture capture;
    harness::rehearse(within("Rehearse.skips_where_its_body_does", __LINE__, [](World& world) {
      GTEST_SKIP() << "nothing to see";
      world.fail("never");
    }));
    skipped = capture.skipped();
    failed = !capture.failed().empty();
  }
  EXPECT_EQ(skipped, "nothing to see");
  EXPECT_FALSE(failed);
}

class Counter : public testing::Test {
 protected:
  // Each run is in one of several processes.
  struct Counts {
    std::atomic<int> begun{0};
    std::atomic<int> ended{0};
  };

  static void SetUpTestSuite() { counts = std::make_unique<harness::SharedMemory<Counts>>(); }
  static void TearDownTestSuite() {
    EXPECT_GE((*counts)->begun, 30);
    EXPECT_EQ((*counts)->ended, (*counts)->begun);
    counts.reset();
  }
  void SetUp() override {
    steps_ = 100;
    ++(*counts)->begun;
  }
  void TearDown() override { ++(*counts)->ended; }

  int steps_ = 0;
  inline static std::unique_ptr<harness::SharedMemory<Counts>> counts;
};

REHEARSE_F(Counter, has_a_fixture_of_its_own_in_each_run, {.runs = 30}) {
  EXPECT_EQ(steps_, 100);
  world.host("counter").spawn([this](auto& /*host*/) {
    return [](int& steps) -> sched::Task<> {
      for (; steps > 0; --steps) {
        co_await sched::sleep_for(1ms);
      }
    }(steps_);
  });
  world.run();
  EXPECT_EQ(steps_, 0);
}

struct Captured {
  simnet::RunResult result;
  std::optional<simnet::Failure> failure;
  std::vector<harness::Expectation> failed;
};

// Returns what a run captures.
Captured run_of(const std::function<void(World&)>& body) {
  const Scenario scenario("a test", "", body);
  harness::Capture capture;
  Captured captured;
  captured.result = run_scenario(capture.watch(scenario), {1, NamedPolicy::Kind::nominal});
  captured.failure = captured.result.report.failure();
  captured.failed = capture.failed();
  return captured;
}

sched::Task<> expect_and_go_on(bool& went_on) {
  co_await sched::sleep_for(3ms);
  EXPECT_EQ(1 + 1, 3) << "arithmetic";
  went_on = true;
}

TEST(Capture, takes_the_message_of_an_expectation_with_its_task_and_time) {
  bool went_on = false;
  const Captured run = run_of([&](World& world) {
    world.host("thinker").spawn("think", [&](auto& /*host*/) { return expect_and_go_on(went_on); });
  });
  EXPECT_TRUE(went_on);
  ASSERT_EQ(run.failed.size(), 1U);
  EXPECT_EQ(run.failed[0].when, "in task thinker/think at 3.000 ms");
  EXPECT_NE(run.failed[0].message.find("arithmetic"), std::string::npos);
  EXPECT_EQ(run.failure, failure_of(run.failed[0]));
  EXPECT_EQ(run.failure->where.substr(0, 18), "rehearse_test.cpp:");
  EXPECT_EQ(run.result.report.end, WorldEnd::failed);
}

sched::Task<int> assert_and_stop(bool& went_on) {
  co_await sched::sleep_for(1ms);
  CO_ASSERT_TRUE(2 < 1) << "order";
  went_on = true;
  co_return 7;
}

sched::Task<> swallow(bool& went_on, bool& swallowed) {
  try {
    co_await assert_and_stop(went_on);
  } catch (const std::exception&) {
    went_on = true;
  } catch (...) {
    swallowed = true;
  }
}

TEST(CoAssert, ends_its_task_and_fails_the_run_even_if_it_is_swallowed) {
  bool went_on = false;
  bool swallowed = false;
  const Captured run = run_of([&](World& world) {
    world.host("thinker").spawn("think",
                                [&](auto& /*host*/) { return swallow(went_on, swallowed); });
  });
  EXPECT_FALSE(went_on);
  EXPECT_TRUE(swallowed);
  ASSERT_EQ(run.failed.size(), 1U);
  EXPECT_NE(run.failed[0].message.find("2 < 1"), std::string::npos);
  EXPECT_EQ(run.failure, failure_of(run.failed[0]));
}

TEST(CoAssert, that_ends_a_task_is_one_failure) {
  bool went_on = false;
  const Captured run = run_of([&](World& world) {
    world.host("thinker").spawn([&](auto& /*host*/) { return assert_and_stop(went_on); });
  });
  EXPECT_EQ(run.result.report.failures.size(), 1U);
}

// Each coroutine returns the line on which it fails.
using Asserts = sched::Task<> (*)();
template <class Body>
std::size_t failures_of(Body body) {
  return run_of([&](World& world) {
           world.host("thinker").spawn([&](auto& /*host*/) { return body(); });
         })
      .failed.size();
}

sched::Task<> that_hold() {
  const char* word = "word";
  CO_ASSERT_TRUE(true);
  CO_ASSERT_FALSE(false);
  CO_ASSERT_EQ(1, 1);
  CO_ASSERT_NE(1, 2);
  CO_ASSERT_LT(1, 2);
  CO_ASSERT_LE(1, 1);
  CO_ASSERT_GT(2, 1);
  CO_ASSERT_GE(2, 2);
  CO_ASSERT_STREQ(word, "word");
  CO_ASSERT_STRNE(word, "sword");
  co_return;
}
sched::Task<> false_is_true() {
  CO_ASSERT_TRUE(false);
  co_return;
}
sched::Task<> true_is_false() {
  CO_ASSERT_FALSE(true);
  co_return;
}
sched::Task<> one_equals_two() {
  CO_ASSERT_EQ(1, 2);
  co_return;
}
sched::Task<> one_differs_from_one() {
  CO_ASSERT_NE(1, 1);
  co_return;
}
sched::Task<> one_is_below_one() {
  CO_ASSERT_LT(1, 1);
  co_return;
}
sched::Task<> two_is_at_most_one() {
  CO_ASSERT_LE(2, 1);
  co_return;
}
sched::Task<> one_is_above_one() {
  CO_ASSERT_GT(1, 1);
  co_return;
}
sched::Task<> one_is_at_least_two() {
  CO_ASSERT_GE(1, 2);
  co_return;
}
sched::Task<> words_are_equal() {
  CO_ASSERT_STREQ("a", "b");
  co_return;
}
sched::Task<> words_differ() {
  CO_ASSERT_STRNE("a", "a");
  co_return;
}
sched::Task<> fails() {
  CO_FAIL() << "as told";
  co_return;
}

TEST(CoAssert, says_what_those_of_googletest_say) {
  EXPECT_EQ(failures_of(that_hold), 0U);
  for (const Asserts body : {false_is_true, true_is_false, one_equals_two, one_differs_from_one,
                             one_is_below_one, two_is_at_most_one, one_is_above_one,
                             one_is_at_least_two, words_are_equal, words_differ, fails}) {
    EXPECT_EQ(failures_of(body), 1U);
  }
}

TEST(Capture, counts_an_expectation_that_fails_as_the_world_ends) {
  struct Last {
    ~Last() { EXPECT_TRUE(false) << "at last"; }
  };
  const Captured run = run_of([](World& world) { world.make<Last>(); });
  EXPECT_EQ(run.result.report.end, WorldEnd::done);
  ASSERT_TRUE(run.failure);
  EXPECT_EQ(run.failed.front().when, "");
}

}  // namespace
}  // namespace rehearsal::servers
