#include "sched/core/task_table.hpp"

#include <source_location>
#include <string>

#include <gtest/gtest.h>

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

TEST(TaskTable, has_a_line_for_each_task_and_as_wide_columns_as_they_need) {
  const std::source_location here = std::source_location::current();
  const std::string line = std::to_string(here.line());
  TaskInfo waiting;
  waiting.path = "server/session";
  waiting.state = TaskState::waiting;
  waiting.waits_on = "recv 5";
  waiting.since = Instant(1s);
  waiting.frames = {here, here};
  TaskInfo running;
  running.path = "other";
  running.state = TaskState::running;
  running.since = Instant(3500ms);
  running.frames = {here};
  TaskInfo ready;
  ready.path = "new";
  ready.since = Instant(3250ms);
  EXPECT_EQ(task_table({waiting, running, ready}, Instant(3500ms)),
            "3 tasks\n"
            "STATE           FOR  TASK            WAITS ON, AT\n"
            "waiting     2.500 s  server/session  recv 5, at task_table_test.cpp:" +
                line + " < task_table_test.cpp:" + line +
                "\n"
                "running     0.000 s  other           at task_table_test.cpp:" +
                line +
                "\n"
                "ready       0.250 s  new             \n");
}

TEST(TaskTable, of_one_task_is_as_wide_as_its_head) {
  TaskInfo done;
  done.path = "0";
  done.state = TaskState::done;
  EXPECT_EQ(task_table({done}, Instant(12s)),
            "1 task\n"
            "STATE           FOR  TASK  WAITS ON, AT\n"
            "done       12.000 s  0     \n");
}

}  // namespace
}  // namespace rehearsal::sched
