// How long a ready task is passed over: by the tasks that were ready before it, and by as many
// later ones as the source held it back by. A task becomes "ready" when the source is asked how
// long to hold it back.
#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/properties/fairness/model/generators.hpp"
#include "tests/properties/fairness/model/run.hpp"

namespace rehearsal::fairness {
namespace {

bool is_end(Kind kind) {
  return kind == Kind::returned || kind == Kind::failed || kind == Kind::cancelled;
}

// One stay in the ready queue, from the log.
struct Stay {
  std::int64_t bound;       // how many others may go first
  std::int64_t passed = 0;  // how many have
};

RC_GTEST_PROP(Bound, a_ready_task_is_passed_by_those_ready_before_it_and_its_delay_at_most, ()) {
  const auto program = *any_program();
  const auto script = *any_script();
  HoldingRun run(script, program);
  run.finish();

  std::map<int, Stay> ready;
  for (const Entry& entry : run.log().entries()) {
    if (entry.kind == Kind::arrived) {
      const auto before = static_cast<std::int64_t>(ready.size());
      const bool added = ready.emplace(entry.task, Stay{before + entry.value}).second;
      RC_ASSERT(added);
    } else if (entry.kind == Kind::resumed) {
      RC_ASSERT(ready.erase(entry.task) == 1U);
      for (auto& [task, stay] : ready) {
        ++stay.passed;
        RC_ASSERT(stay.passed <= stay.bound);
      }
    } else if (is_end(entry.kind)) {
      ready.erase(entry.task);
    }
  }
  RC_ASSERT(ready.empty());
}

RC_GTEST_PROP(Bound, without_delays_tasks_go_in_the_order_in_which_they_became_ready, ()) {
  const auto program = *any_program();
  const auto script = *script_without_delays();
  HoldingRun run(script, program);
  run.finish();

  std::vector<int> ready;
  for (const Entry& entry : run.log().entries()) {
    if (entry.kind == Kind::arrived) {
      ready.push_back(entry.task);
    } else if (entry.kind == Kind::resumed) {
      RC_ASSERT(!ready.empty());
      RC_ASSERT(ready.front() == entry.task);
      ready.erase(ready.begin());
    } else if (is_end(entry.kind)) {
      std::erase(ready, entry.task);
    }
  }
}

// Limits the number of rounds: if a task became ready twice, the run would not end.
RC_GTEST_PROP(Bound, tasks_that_yield_go_once_each_in_every_round, ()) {
  const auto tasks = *rc::gen::inRange<std::size_t>(1, 12);
  const auto yields = *rc::gen::inRange<std::size_t>(1, 8);
  const auto script = *script_without_delays();
  Program program;
  program.tasks.assign(tasks, Steps(yields, Step{}));
  PlainRun run(script, program);
  for (std::size_t round = 1; round <= yields + 1; ++round) {
    RC_ASSERT(run.scheduler().round() == tasks);
    RC_ASSERT(run.log().count(Kind::resumed) == round * tasks);
  }
  RC_ASSERT(run.log().count(Kind::returned) == tasks);
  RC_ASSERT(run.scheduler().ready_count() == 0U);
}

RC_GTEST_PROP(Bound, a_source_that_never_holds_back_gives_the_run_of_one_whose_delays_are_zero,
              ()) {
  const auto program = *any_program();
  const auto script = *script_without_delays();
  PlainRun plain(script, program);
  HoldingRun holding(script, program);

  RC_ASSERT(plain.finish() == holding.finish());

  std::vector<Entry> expected = holding.log().entries();
  std::erase_if(expected, [](const Entry& entry) { return entry.kind == Kind::arrived; });
  RC_ASSERT(plain.log().entries() == expected);
}

RC_GTEST_PROP(Bound, the_source_makes_no_choice_for_a_task_that_is_done, ()) {
  const auto program = *any_program();
  const auto script = *any_script();
  HoldingRun run(script, program);
  run.finish();

  std::set<int> done;
  for (const Entry& entry : run.log().entries()) {
    if (is_end(entry.kind)) {
      done.insert(entry.task);
    }
    RC_ASSERT(entry.kind != Kind::arrived || !done.contains(entry.task));
  }
}

}  // namespace
}  // namespace rehearsal::fairness
