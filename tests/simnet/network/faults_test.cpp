#include "simnet/network/faults.hpp"

#include <map>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simnet/choices/choices.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

FaultCount count(World& world, std::string_view name) {
  const std::vector<FaultCount> counts = world.faults().counts();
  for (const FaultCount& one : counts) {
    if (one.name == name) {
      return one;
    }
  }
  ADD_FAILURE() << "no rule is named " << name;
  return {};
}

TEST(FaultRule, resets_the_nth_send) {
  World world;
  add_echo(world, 1, 10);
  world.faults().add(
      FaultRule("third send", Operation::send, Verdict::reset()).from("client-0").nth(3));
  const RunReport report = world.run();
  EXPECT_THAT(report.failures, testing::ElementsAre(testing::Field(
                                   &Failure::what, testing::HasSubstr("Connection reset"))));
  EXPECT_EQ(count(world, "third send").fired, 1U);
  EXPECT_EQ(count(world, "third send").matched, 3U);
  EXPECT_EQ(count(world, "third send").mattered, 1U);
}

TEST(FaultRule, fails_every_nth_accept_and_the_server_continues) {
  World world;
  add_echo(world, 10, 3);
  world.faults().add(
      FaultRule("full table", Operation::accept, Verdict::fail(std::errc::too_many_files_open))
          .every(3));
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
  EXPECT_GE(count(world, "full table").fired, 4U);
}

TEST(FaultRule, that_fails_a_call_counts_as_an_effect_on_each_kind_of_call) {
  for (const Operation on : {Operation::listen, Operation::accept, Operation::connect,
                             Operation::recv, Operation::send}) {
    World world;
    add_echo(world, 1, 3);
    world.faults().add(FaultRule("fail", on, Verdict::fail(std::errc::no_buffer_space)).nth(1));
    world.run();
    EXPECT_EQ(count(world, "fail").mattered, 1U) << static_cast<int>(on);
  }
}

TEST(FaultRule, matches_the_calls_of_one_host_towards_another) {
  World world;
  add_echo(world, 1, 3);
  const auto add = [&world](const char* name, const char* from, const char* to) {
    world.faults().add(FaultRule(name, Operation::connect, Verdict::fail(std::errc::timed_out))
                           .from(from)
                           .to(to)
                           .nth(2));
  };
  add("there", "client-0", "server");
  add("back", "server", "client-0");
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(count(world, "there").matched, 1U);
  EXPECT_EQ(count(world, "back").matched, 0U);
}

TEST(FaultRule, limits_receives_and_sends) {
  World world;
  add_echo(world, 1, 3, 1000);
  world.faults().add(FaultRule("short recv", Operation::recv, Verdict::limit(1)).every(1));
  world.faults().add(FaultRule("short send", Operation::send, Verdict::limit(7)).every(1));
  EXPECT_TRUE(world.run().ok());
  EXPECT_GE(count(world, "short recv").mattered, 5000U);
  EXPECT_GE(count(world, "short send").mattered, 400U);
}

TEST(FaultRule, with_a_rate_fires_under_a_random_policy_and_replays) {
  const auto rule = [] {
    return FaultRule("late", Operation::segment, Verdict::late(10ms)).to("server").rate(200'000);
  };
  World world(Policy::random(1));
  add_echo(world, 2, 20);
  world.faults().add(rule());
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok());
  EXPECT_GT(count(world, "late").fired, 3U);
  World again(world.choices().deviations());
  add_echo(again, 2, 20);
  again.faults().add(rule());
  EXPECT_EQ(again.run().digest, report.digest);
  World nominal;
  add_echo(nominal, 2, 20);
  nominal.faults().add(rule());
  nominal.run();
  EXPECT_EQ(count(nominal, "late").fired, 0U);
}

// Otherwise the n-th receive of a connection would fail if and only if its n-th send does.
TEST(FaultRule, with_a_rate_draws_independently_of_another_rule_on_the_same_connection) {
  Faults faults;
  faults.add(FaultRule("in", Operation::recv, Verdict::limit(1)).rate(500'000));
  faults.add(FaultRule("out", Operation::send, Verdict::limit(1)).rate(500'000));
  Choices choices(Policy::random(1));
  const auto fires = [&](Operation on) {
    const Verdict verdict = faults.judge(on, "client", "server", "client/0#0>", choices);
    return verdict.kind == Verdict::Kind::limit;
  };
  std::map<std::pair<bool, bool>, int> together;
  for (int i = 0; i < 1'000; ++i) {
    const bool in = fires(Operation::recv);
    const bool out = fires(Operation::send);
    ++together[{in, out}];
  }
  ASSERT_EQ(together.size(), 4U);
  for (const auto& [which, times] : together) {
    EXPECT_NEAR(times, 250, 60) << which.first << which.second;
  }
}

TEST(FaultRule, that_comes_first_decides) {
  World world;
  add_echo(world, 1, 2);
  world.faults().add(
      FaultRule("first", Operation::connect, Verdict::fail(std::errc::host_unreachable)).nth(1));
  world.faults().add(
      FaultRule("second", Operation::connect, Verdict::fail(std::errc::timed_out)).every(1));
  const RunReport report = world.run();
  EXPECT_THAT(report.failures, testing::ElementsAre(testing::Field(
                                   &Failure::what, testing::HasSubstr("No route to host"))));
  EXPECT_EQ(count(world, "second").matched, 0U);
}

}  // namespace
}  // namespace rehearsal::simnet
