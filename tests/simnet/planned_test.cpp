// What a scenario sets up and its run does not come to.
#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"
#include "simnet/search/tally.hpp"
#include "simnet/trace/history.hpp"

namespace rehearsal::simnet {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

sched::Task<> nap(World& world, sched::Duration time) {
  co_await sched::sleep_for(time);
  world.sometimes("it woke", true);
}

// Returns what a world has not come to, without lines.
std::vector<std::string> unreached(const World& world) {
  std::vector<std::string> all;
  for (const Planned& one : world.planned()) {
    if (!one.reached) {
      const std::string text = one.to_string();
      all.push_back(text.substr(0, text.find(" (planned_test.cpp:")));
    }
  }
  return all;
}

void spawn_nap(World& world, sched::Duration time) {
  world.host("a").spawn("nap", [&world, time](auto& /*host*/) { return nap(world, time); });
}

TEST(Planned, IsReachedInARunThatComesToIt) {
  World world;
  spawn_nap(world, 2s);
  world.invariant("holds", [] { return true; });
  world.eventually("soon", 1s, [&] { return world.now().time_since_epoch() > 0s; });
  world.at(1s, [] {});
  world.at(1s).pause("a").resume("a");
  EXPECT_TRUE(world.run().ok());
  EXPECT_TRUE(unreached(world).empty());
  EXPECT_EQ(world.planned().size(), 4U) << "the two actions of a script are one";
}

TEST(Planned, IsWhatLiesBehindTheEndOfTheRun) {
  World world;
  spawn_nap(world, 1ms);
  world.eventually("too late", 1h, [] { return false; });
  world.at(2h, [] {});
  world.at(500us, [] {});
  EXPECT_TRUE(world.run_for(1s).ok()) << "a run that ends earlier does not judge it";
  EXPECT_EQ(unreached(world), (std::vector<std::string>{"eventually 'too late'", "action"}));
}

TEST(Planned, HasTheInvariantOfAWorldInWhichNothingRan) {
  World world;
  world.host("a");
  world.invariant("never looked at", [] { return false; });
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(unreached(world), (std::vector<std::string>{"invariant 'never looked at'"}));
}

TEST(Planned, HasNoActionsOfTheWorldItself) {
  World world(std::vector<Deviation>{{{Site::pause, "a", 0}, 40}});
  world.host("a");
  world.survives({pause("a")}, {.until = 100ms});
  spawn_nap(world, 50ms);
  EXPECT_TRUE(world.run_for(10ms).ok());
  EXPECT_EQ(world.fault_counts().front().fired, 1U);
  EXPECT_TRUE(world.planned().empty());
}

TEST(Planned, TellsAConditionThatWasOnlyLookedAtBeforeATaskRan) {
  World world;
  spawn_nap(world, 1ms);
  world.sometimes("early", true);
  world.sometimes("it woke", false);
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(world.milestones().early().size(), 1U);
  EXPECT_TRUE(world.milestones().early().contains("early"));
}

// A run that is over before or after its action and its condition.
RunResult run_of(sched::Duration time) {
  Scenario scenario("naps", "", [](World& world) {
    spawn_nap(world, 3ms);
    world.sometimes("early", true);
    world.eventually("at last", 2ms, [] { return true; });
    world.eventually("is late", 5ms, [&] { return world.now().time_since_epoch() >= 3ms; });
    world.at(2ms, [] {});
  });
  scenario.run = [time](World& world) { return world.run_for(time); };
  return run_scenario(scenario, Policy::nominal(), 1);
}

TEST(Planned, IsMissingFromASweepOnlyIfNoRunComesToIt) {
  const Scenario scenario("naps", "", [](World& /*world*/) {});
  Tally tally;
  tally.add(run_of(1ms));
  tally.add(run_of(1ms));
  std::vector<std::string> missing = tally.missing(scenario);
  ASSERT_EQ(missing.size(), 2U);
  EXPECT_TRUE(missing[0].starts_with("action (planned_test.cpp:")) << missing[0];
  EXPECT_TRUE(missing[0].ends_with(" never happened: every run ended before its time"));
  EXPECT_TRUE(missing[1].starts_with("eventually 'is late' (planned_test.cpp:")) << missing[1];
  EXPECT_TRUE(missing[1].ends_with(" never judged: every run ended before its deadline"));
  EXPECT_EQ(tally.notes(),
            (std::vector<std::string>{
                "'early' was evaluated only before a task ran",
                "program 'a/nap' never ended: checks after its last wait never ran"}));
  Tally other;
  other.add(run_of(4ms));
  tally.merge(other);
  EXPECT_TRUE(tally.missing(scenario).empty());
}

TEST(Planned, DoesNotCountIfItsRunFailed) {
  RunResult run = run_of(1ms);
  run.report.failures.push_back({FailureKind::property, "it broke", {}});
  Tally tally;
  tally.add(run);
  EXPECT_TRUE(tally.missing({"naps", "", [](World& /*world*/) {}}).empty());
}

TEST(Planned, NamesTheReasonOfAConditionThatNeverHeld) {
  RunResult run;
  run.sometimes["it rains"] = false;
  run.sometimes_early.insert("it rains");
  Tally tally;
  tally.add(run);
  EXPECT_EQ(
      tally.missing({"naps", "", [](World& /*world*/) {}}),
      (std::vector<std::string>{"'it rains' never held: it was evaluated only before a task ran"}));
}

// A task that ends outside of a turn of its host must not show the time of that host's last turn.
// Two programs, one of which is a service, for a limited time.
RunResult for_a_while(sched::Duration time) {
  Scenario scenario("naps", "", [](World& world) {
    spawn_nap(world, 2s);
    world.host("service").daemon().spawn("nap",
                                         [&world](auto& /*host*/) { return nap(world, 60s); });
  });
  scenario.run = [time](World& world) { return world.run_for(time); };
  return run_scenario(scenario, Policy::nominal(), 1);
}

TEST(Planned, NamesTheProgramsThatHadNotEnded) {
  EXPECT_EQ(for_a_while(1s).unended, std::vector<std::string>{"a/nap"});
  EXPECT_TRUE(for_a_while(3s).unended.empty());

  Tally tally;
  tally.add(for_a_while(1s));
  const std::vector<std::string> note = {
      "program 'a/nap' never ended: checks after its last wait never ran"};
  EXPECT_EQ(tally.notes(), note);
  Tally other;
  other.add(for_a_while(1s));
  tally.merge(other);
  EXPECT_EQ(tally.notes(), note);
  tally.add(for_a_while(3s));
  EXPECT_TRUE(tally.notes().empty());
}

TEST(History, HasNoCancelledTaskEarlierThanWhatCancelledIt) {
  const Scenario scenario("killed", "", [](World& world) {
    spawn_nap(world, 1h);
    world.at(5ms).kill("a");
  });
  HistoryRecorder recorder;
  const std::array<RunWatcher*, 1> watchers = {&recorder};
  replay_scenario(scenario, {"killed", 1, {}}, watchers);
  const History& history = recorder.history();
  const auto ended = std::ranges::find_if(
      history, [](const NumberedEvent& one) { return one.event.op == Op::cancelled; });
  ASSERT_NE(ended, history.end());
  EXPECT_EQ(std::prev(ended)->event.op, Op::crash);
  EXPECT_EQ(ended->event.t, std::prev(ended)->event.t);
}

TEST(History, KeepsTheLastEvents) {
  History history;
  EXPECT_TRUE(history.whole());
  for (std::uint64_t number = 1; number <= History::most + 10; ++number) {
    NumberedEvent one;
    one.number = number;
    history.add(std::move(one));
  }
  EXPECT_FALSE(history.whole());
  EXPECT_EQ(history.size(), History::most);
  EXPECT_EQ(history.find(10), nullptr);
  EXPECT_EQ(history.find(11)->number, 11U);
  EXPECT_EQ(history.from(5)->number, 11U);
  EXPECT_EQ(history.from(History::most + 11), history.end());
}

// Of much data it keeps all that fits, then the beginning of each.
TEST(History, KeepsTheBeginningOfDataBeyondItsLimit) {
  History history;
  const auto add = [&](std::uint64_t number, std::size_t bytes) {
    NumberedEvent one;
    one.number = number;
    one.event.bytes.assign(bytes, 'x');
    history.add(std::move(one));
    return history.find(number)->event.bytes.size();
  };
  EXPECT_EQ(add(1, History::most_data), History::most_data);
  EXPECT_EQ(add(2, 1'000), History::most_of_each);
  EXPECT_EQ(history.find(2)->event.data_size(), 1'000U);
  for (std::uint64_t number = 3; number <= History::most + 1; ++number) {
    add(number, 0);
  }
  EXPECT_EQ(add(History::most + 2, 1'000), 1'000U);  // the first event is no longer kept
}

}  // namespace
}  // namespace rehearsal::simnet
