#include <chrono>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "harness/gtest/capture.hpp"
#include "harness/gtest/rehearse.hpp"
#include "harness/sweep/search_run.hpp"
#include "sched/sync/sleep.hpp"

namespace rehearsal::harness {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using simnet::Scenario;
using simnet::SearchEnd;
using simnet::SearchReport;
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

SearchReport searched(const std::function<void(World&)>& body, std::string_view policy,
                      std::uint64_t runs = ~std::uint64_t{0}, sched::Duration budget = {}) {
  SearchPlan plan = *SearchPlan::parse(policy);
  plan.runs = runs;
  plan.budget = budget;
  Scenario scenario("a test", "", body);
  scenario.run = [](World& world) { return world.report() ? *world.report() : world.run(); };
  Capture capture;
  return plan.search(capture.watch(scenario), {});
}

TEST(Searches, see_every_order) {
  std::set<std::string> seen;
  const auto body = [&](World& world) {
    auto& order = world.make<std::string>();
    add_writers(world, order);
    world.run();
    seen.insert(order);
  };
  const SearchReport exhaustive = searched(body, "exhaustive");
  EXPECT_EQ(exhaustive.to_string(), "6 runs, 6 distinct traces; all schedules explored");
  EXPECT_EQ(seen.size(), 6U);
  seen.clear();
  EXPECT_EQ(searched(body, "delays:1").end, SearchEnd::deviations);
  EXPECT_EQ(seen.size(), 3U);
}

TEST(Searches, stop_at_their_bounds_after_a_run_at_least) {
  const auto body = [](World& world) { add_writers(world, world.make<std::string>()); };
  EXPECT_EQ(searched(body, "exhaustive", 4).end, SearchEnd::runs);
  const SearchReport timed = searched(body, "exhaustive", ~std::uint64_t{0}, 1ns);
  EXPECT_EQ(timed.end, SearchEnd::interrupted);
  EXPECT_EQ(timed.runs, 1U);
}

// An expectation fails in a task, in the body after the run, and while the world is destroyed.
sched::Task<> expect_first(std::string& order, char name) {
  EXPECT_TRUE(name != 'b' || !order.empty()) << "b is never the first";
  order += name;
  co_return;
}

TEST(Searches, stop_at_an_expectation_that_does_not_hold) {
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
    const SearchReport found = searched(body, "exhaustive");
    EXPECT_EQ(found.runs, runs);
    ASSERT_TRUE(found.failure);
    EXPECT_EQ(found.failure->schedule.deviations.front().at.site, simnet::Site::step);
  }
}

TEST(Searches, end_where_their_body_skips) {
  const SearchReport skipped =
      searched([](World& /*world*/) { GTEST_SKIP() << "not today"; }, "exhaustive");
  ASSERT_TRUE(skipped.failure);
  EXPECT_EQ(skipped.failure->report.failure()->what, "skipped: not today");
  EXPECT_EQ(skipped.runs, 1U);
}

TEST(Searches, try_each_fault) {
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
  const SearchReport found = searched(body, "faults:1");
  ASSERT_TRUE(found.failure);
  EXPECT_EQ(found.failure->schedule.deviations.size(), 1U);
  EXPECT_EQ(found.failure->schedule.deviations.front().at.site, simnet::Site::crash);
}

REHEARSE(Searches, are_policies_of_a_test, {.runs = 10, .policy = "exhaustive"}) {
  add_writers(world, world.make<std::string>());
}

}  // namespace
}  // namespace rehearsal::harness
