#include "sched/core/task_record.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "sched/sync/event.hpp"
#include "sched/sync/sleep.hpp"
#include "sched/sync/task_group.hpp"
#include "tests/sched/scripted_test.hpp"
#include "tests/sched/simple_tasks.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;
using TaskRecordTest = ScriptedTest;

// With the smallest frame, a suspended task takes less than 250 bytes of the heap.
static_assert(sizeof(TaskRecord) <= 120);

TEST_F(TaskRecordTest, has_the_path_of_its_parent_and_the_name_it_was_given) {
  scheduler_.spawn("server", [this]() -> Task<> {
    auto child = scheduler_.spawn("session", nothing());
    EXPECT_EQ(child.task().path(), "server/session");
    co_return;
  });
  scheduler_.run();
}

TEST_F(TaskRecordTest, without_a_name_has_its_ordinal_among_the_unnamed) {
  auto first = scheduler_.spawn(nothing());
  auto named = scheduler_.spawn("named", nothing());
  auto second = scheduler_.spawn(nothing());
  EXPECT_EQ(first.task().path(), "0");
  EXPECT_EQ(second.task().path(), "1");
  run([this]() -> Task<> {
    auto child = scheduler_.spawn(nothing());
    EXPECT_EQ(child.task().path(), "test/0");
    co_return;
  });
}

// FNV-1a with 64 bits.
std::uint64_t hash(std::string_view text) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  }
  return hash;
}

TEST_F(TaskRecordTest, has_the_hash_of_its_path_as_its_key) {
  run([this]() -> Task<> {
    auto named = scheduler_.spawn("session", nothing());
    auto numbered = scheduler_.spawn(nothing());
    EXPECT_EQ(named.task().key(), hash("test/session"));
    EXPECT_EQ(numbered.task().key(), hash("test/0"));
    co_return;
  });
}

TEST_F(TaskRecordTest, says_what_state_the_task_is_in_and_since_when) {
  Event event;
  auto handle = scheduler_.spawn([&]() -> Task<> {
    TaskRecord& self = co_await this_task();
    EXPECT_EQ(self.state(), TaskState::running);
    co_await sleep_for(3ms);
    co_await event.wait();
  });
  const TaskRecord& task = handle.task();
  EXPECT_EQ(task.state(), TaskState::ready);
  scheduler_.round();
  EXPECT_EQ(task.state(), TaskState::waiting);
  EXPECT_EQ(task.waits_on(), "sleep");
  EXPECT_EQ(task.since(), at(0ms));
  scheduler_.run();
  EXPECT_EQ(task.waits_on(), "event");
  EXPECT_EQ(task.since(), at(3ms));
  scheduler_.run_until(at(9ms));
  event.set();
  EXPECT_EQ(task.state(), TaskState::ready);
  EXPECT_EQ(task.waits_on(), "");
  EXPECT_EQ(task.since(), at(9ms));
  scheduler_.run();
  EXPECT_EQ(task.state(), TaskState::done);
  EXPECT_FALSE(task.failed());
  EXPECT_FALSE(task.cancelled());
}

constexpr unsigned inner_line = __LINE__ + 1;
Task<> inner() { co_await sleep_until(never); }
constexpr unsigned outer_line = __LINE__ + 1;
Task<> outer() { co_await inner(); }

TEST_F(TaskRecordTest, reports_at_which_co_await_each_of_its_frames_is) {
  auto handle = scheduler_.spawn(outer());
  scheduler_.round();
  const auto frames = handle.task().frames();
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].line(), inner_line);
  EXPECT_EQ(frames[1].line(), outer_line);
  EXPECT_TRUE(std::string_view(frames[0].file_name()).ends_with("task_record_test.cpp"));
  EXPECT_EQ(handle.task().where().line(), inner_line);
}

TEST_F(TaskRecordTest, outlives_the_frames_of_its_task) {
  auto handle = scheduler_.spawn("gone", outer());
  scheduler_.round();
  handle.cancel();
  scheduler_.run();
  EXPECT_EQ(handle.task().path(), "gone");
  EXPECT_EQ(handle.task().state(), TaskState::done);
  EXPECT_TRUE(handle.task().cancelled());
  EXPECT_TRUE(handle.task().frames().empty());
}

// Each task is the parent of the next, and has ended before the next starts.
Task<> descend(Executor& executor, int generations, std::string& last_path) {
  TaskRecord& self = co_await this_task();
  if (generations == 0) {
    last_path = self.path();
    co_return;
  }
  executor.start(nullptr, &self, "a", descend(executor, generations - 1, last_path));
}

TEST_F(TaskRecordTest, keeps_its_path_when_all_its_ancestors_are_gone) {
  constexpr std::size_t generations = 100'000;
  std::string path;
  scheduler_.spawn("a", descend(scheduler_, generations, path));
  scheduler_.run();
  EXPECT_EQ(path.size(), 2 * generations + 1);
}

}  // namespace
}  // namespace rehearsal::sched
