#include "harness/gtest/test_search.hpp"

#include <chrono>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "harness/gtest/rehearse.hpp"
#include "sched/sync/sleep.hpp"

namespace rehearsal::harness {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using simnet::Scenario;
using simnet::SearchEnd;
using simnet::World;

sched::Task<> write_down(std::string& order, char name) {
  order += name;
  co_return;
}

// Three tasks of one host, in some order.
void add_writers(World& world, std::string& order) {
  for (const char name : {'a', 'b', 'c'}) {
    world.host("host").spawn([&order, name](auto& /*host*/) { return write_down(order, name); });
  }
}

SearchedTest searched(const std::function<void(World&)>& body, std::string_view policy,
                      std::uint64_t runs = ~std::uint64_t{0}, sched::Duration limit = {}) {
  SearchPlan plan = *SearchPlan::parse(policy);
  plan.runs = runs;
  Scenario scenario("a test", "", body);
  scenario.run = [](World& world) { return world.report() ? *world.report() : world.run(); };
  return search_test(scenario, plan, limit);
}

TEST(TestSearch, sees_every_order) {
  std::set<std::string> seen;
  const auto body = [&](World& world) {
    auto& order = world.make<std::string>();
    add_writers(world, order);
    world.run();
    seen.insert(order);
  };
  const SearchedTest exhaustive = searched(body, "exhaustive");
  EXPECT_EQ(exhaustive.report.to_string(), "6 runs, 6 distinct traces; all schedules explored");
  EXPECT_EQ(seen.size(), 6U);
  seen.clear();
  EXPECT_EQ(searched(body, "delays:1").report.end, SearchEnd::deviations);
  EXPECT_EQ(seen.size(), 3U);
}

TEST(TestSearch, stops_at_its_bounds_after_a_run_at_least) {
  const auto body = [](World& world) { add_writers(world, world.make<std::string>()); };
  EXPECT_EQ(searched(body, "exhaustive", 4).report.end, SearchEnd::runs);
  const SearchedTest timed = searched(body, "exhaustive", ~std::uint64_t{0}, 1ns);
  EXPECT_EQ(timed.report.end, SearchEnd::interrupted);
  EXPECT_EQ(timed.report.runs, 1U);
}

// An expectation fails in a task, in the body after the run, and while the world is destroyed.
sched::Task<> expect_first(std::string& order, char name) {
  EXPECT_TRUE(name != 'b' || !order.empty()) << "b is never the first";
  order += name;
  co_return;
}

TEST(TestSearch, stops_at_an_expectation_that_does_not_hold) {
  const auto in_a_task = [](World& world) {
    auto& order = world.make<std::string>();
    for (const char name : {'a', 'b'}) {
      world.host("host").spawn([&](auto& /*host*/) { return expect_first(order, name); });
    }
  };
  const auto after_the_run = [](World& world) {
    auto& order = world.make<std::string>();
    add_writers(world, order);
    world.run();
    EXPECT_NE(order, "bac");
  };
  struct Last {
    ~Last() { EXPECT_NE(order, "cab"); }
    std::string order;
  };
  const auto at_the_end = [](World& world) { add_writers(world, world.make<Last>().order); };
  for (const auto& [body, runs] : {std::pair{std::function<void(World&)>(in_a_task), 2U},
                                   std::pair{std::function<void(World&)>(after_the_run), 3U},
                                   std::pair{std::function<void(World&)>(at_the_end), 5U}}) {
    const SearchedTest found = searched(body, "exhaustive");
    EXPECT_EQ(found.report.runs, runs);
    ASSERT_TRUE(found.report.failure);
    EXPECT_EQ(found.report.failure->schedule.deviations.front().at.site, simnet::Site::step);
  }
}

TEST(TestSearch, skips_where_its_body_does) {
  const SearchedTest skipped =
      searched([](World& /*world*/) { GTEST_SKIP() << "not today"; }, "exhaustive");
  EXPECT_EQ(skipped.skipped, "not today");
  EXPECT_EQ(skipped.report.runs, 1U);
}

TEST(TestSearch, tries_each_fault) {
  int sent = 0;
  const auto body = [&](World& world) {
    sent = 0;
    world.host("host").spawn([&sent](auto& host) -> sched::Task<> {
      co_await host.resolve("host");
      ++sent;
      co_await sched::sleep_for(5ms);
      ++sent;
    });
    world.survives({simnet::crash("host")}, {.in_all = 1});
    world.run();
    EXPECT_EQ(sent, 2);
  };
  const SearchedTest found = searched(body, "faults:1");
  ASSERT_TRUE(found.report.failure);
  EXPECT_EQ(found.report.failure->schedule.deviations.size(), 1U);
  EXPECT_EQ(found.report.failure->schedule.deviations.front().at.site, simnet::Site::crash);
}

REHEARSE(TestSearch, is_a_policy_of_a_test, {.runs = 10, .policy = "exhaustive"}) {
  add_writers(world, world.make<std::string>());
}

}  // namespace
}  // namespace rehearsal::harness
