#include "sched/core/ready_queue.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sched/scripted_test.hpp"
#include "tests/sched/simple_tasks.hpp"

namespace rehearsal::sched {
namespace {

class ReadyQueueTest : public ScriptedTest {
 protected:
  static constexpr std::size_t most = 8;

  // Returns the order in which tasks with these delays leave; each is named by its arrival.
  std::vector<std::size_t> order(const std::vector<std::uint32_t>& delays) {
    ReadyQueue queue;
    for (std::size_t i = 0; i < delays.size(); ++i) {
      queue.push(*tasks_.at(i), delays[i]);
    }
    std::vector<std::size_t> order;
    while (queue.size() != 0) {
      order.push_back(arrival_of(queue.pop()));
    }
    return order;
  }
  TaskRecord& task(std::size_t arrival) { return *tasks_.at(arrival); }
  std::size_t arrival_of(const TaskRecord& task) {
    return static_cast<std::size_t>(std::ranges::find(tasks_, &task) - tasks_.begin());
  }

 private:
  std::vector<TaskRecord*> tasks_ = [this] {
    std::vector<TaskRecord*> tasks;
    for (std::size_t i = 0; i < most; ++i) {
      tasks.push_back(&scheduler_.start(nullptr, nullptr, "", nothing()));
    }
    return tasks;
  }();
};

using Order = std::vector<std::size_t>;

TEST_F(ReadyQueueTest, is_first_come_first_served_without_delays) {
  EXPECT_EQ(order({0, 0, 0, 0}), (Order{0, 1, 2, 3}));
}

TEST_F(ReadyQueueTest, keeps_the_order_of_those_that_are_left) {
  const std::vector<std::uint32_t> delays = {3, 9, 1, 8, 2, 7, 4, 0};
  for (std::uint32_t leaving = 0; leaving < 1U << delays.size(); ++leaving) {
    const auto leaves = [leaving](std::size_t arrival) { return (leaving >> arrival & 1U) != 0; };
    Order left = order(delays);
    std::erase_if(left, leaves);
    ReadyQueue queue;
    for (std::size_t i = 0; i < delays.size(); ++i) {
      queue.push(task(i), delays[i]);
    }
    queue.keep_if([&](const TaskRecord& one) { return !leaves(arrival_of(one)); });
    Order found;
    while (queue.size() != 0) {
      found.push_back(arrival_of(queue.pop()));
    }
    EXPECT_EQ(found, left);
  }
}

TEST_F(ReadyQueueTest, lets_exactly_v_later_arrivals_pass_a_task_held_back_by_v) {
  EXPECT_EQ(order({1, 0, 0, 0}), (Order{1, 0, 2, 3}));
  EXPECT_EQ(order({2, 0, 0, 0}), (Order{1, 2, 0, 3}));
  EXPECT_EQ(order({0, 2, 0, 0}), (Order{0, 2, 3, 1}));
  EXPECT_EQ(order({9, 0, 0, 0}), (Order{1, 2, 3, 0}));
}

TEST_F(ReadyQueueTest, counts_arrivals_while_the_queue_runs) {
  ReadyQueue queue;
  queue.push(task(0), 2);
  queue.push(task(1), 0);
  EXPECT_EQ(arrival_of(queue.pop()), 1U);
  queue.push(task(2), 0);
  queue.push(task(3), 0);
  EXPECT_EQ(arrival_of(queue.pop()), 2U);
  EXPECT_EQ(arrival_of(queue.pop()), 0U);
  EXPECT_EQ(arrival_of(queue.pop()), 3U);
}

// Every way to hold back six tasks by 0 to 3 each. At most as many later arrivals pass a task as it
// is held back by, and exactly that many if those are not held back themselves.
TEST_F(ReadyQueueTest, never_passes_a_task_over_by_more_than_its_own_delay) {
  constexpr std::size_t count = 6;
  for (unsigned combination = 0; combination < 4096; ++combination) {
    std::vector<std::uint32_t> delays;
    for (std::size_t i = 0; i < count; ++i) {
      delays.push_back(combination >> (2 * i) & 3U);
    }
    const Order found = order(delays);
    for (std::size_t i = 0; i < count; ++i) {
      const auto own_turn = std::ranges::find(found, i);
      const auto passed =
          std::count_if(found.begin(), own_turn, [i](std::size_t other) { return other > i; });
      const std::size_t reach = std::min<std::size_t>(delays[i], count - 1 - i);
      const bool others_are_nominal =
          std::all_of(delays.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                      delays.begin() + static_cast<std::ptrdiff_t>(i + 1 + reach),
                      [](auto v) { return v == 0; });
      EXPECT_LE(passed, delays[i]);
      EXPECT_TRUE(!others_are_nominal || passed == static_cast<std::ptrdiff_t>(reach))
          << "combination " << combination << ", task " << i;
    }
  }
}

}  // namespace
}  // namespace rehearsal::sched
