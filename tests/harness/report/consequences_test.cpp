#include "harness/report/consequences.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "simnet/scenario.hpp"

namespace rehearsal::harness {
namespace {

sched::Task<> choose_twice(sched::Host<simnet::SimulatedNetwork>& host) {
  const std::uint32_t first = host.choose("first", 2);
  co_await sched::yield();
  if (first == 0) {
    static_cast<void>(host.choose("second", 2));
  }
}

simnet::Scenario choosing() {
  return {"choosing", "Twelve tasks choose", [](simnet::World& world) {
            for (int i = 0; i < 12; ++i) {
              world.host("host").spawn("task-" + std::to_string(i), choose_twice);
            }
          }};
}

// The consequences of other first choices of these tasks.
std::string of(const std::vector<std::uint32_t>& tasks) {
  simnet::Schedule schedule{"choosing", 1, {}};
  for (const std::uint32_t task : tasks) {
    schedule.deviations.push_back({{simnet::Site::program, "host:first", task}, 1});
  }
  simnet::HistoryRecorder other;
  simnet::HistoryRecorder failing;
  const std::array<simnet::RunWatcher*, 1> one = {&other};
  const std::array<simnet::RunWatcher*, 1> two = {&failing};
  replay_scenario(choosing(), {"choosing", 1, {}}, one);
  EXPECT_TRUE(replay_scenario(choosing(), schedule, two).not_applied.empty());
  return consequences(failing.history(), other.history());
}

TEST(Consequences, of_nothing_are_nothing) { EXPECT_EQ(of({}), ""); }

TEST(Consequences, name_the_first_deed_of_each_task_and_that_of_the_default_run) {
  EXPECT_EQ(of({3, 5}),
            "  at 0.000 ms, host/task-3: choose = 1, instead of choose = 0\n"
            "  at 0.000 ms, host/task-5: choose = 1, instead of choose = 0\n");
}

TEST(Consequences, of_many_tasks_are_cut) {
  const std::string text = of({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  EXPECT_EQ(std::ranges::count(text, '\n'), 11) << text;
  EXPECT_TRUE(text.ends_with("\n  and 2 more tasks\n")) << text;
}

}  // namespace
}  // namespace rehearsal::harness
