// Cancellation at every possible suspension: nothing is left over, and no other task is disturbed.
//
// cancel() takes effect between two resumptions. So a task that cancels another just before that
// suspends for the k-th time does so after exactly that resumption, for every k that a run has.
#include <cstddef>
#include <map>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/core/frame_allocator.hpp"
#include "tests/properties/fairness/model/generators.hpp"
#include "tests/properties/fairness/model/run.hpp"
#include "tests/properties/fairness/model/settled.hpp"

namespace rehearsal::fairness {
namespace {

// Maximum rounds and polls before a run counts as endless.
constexpr int enough = 10000;

// Runs to the end, and calls `between` after each round and each poll; stops if it returns true.
template <class AnyRun, class Between>
void run_and_look(AnyRun& run, Between&& between) {
  auto& scheduler = run.scheduler();
  for (int i = 0; i < enough; ++i) {
    scheduler.round();
    const bool stop_after_round = between();
    if (stop_after_round || scheduler.task_count() == 0) {
      return;
    }
    const bool busy = scheduler.ready_count() != 0;
    const sched::Wake wake = scheduler.poll(busy ? scheduler.now() : sched::never);
    const bool stop_after_poll = between();
    if (stop_after_poll || (wake == sched::Wake::quiescent && scheduler.ready_count() == 0)) {
      return;
    }
  }
  RC_FAIL("the run does not end");
}

template <class AnyRun>
void run_and_stay_settled(AnyRun& run) {
  run_and_look(run, [&run] {
    RC_ASSERT(unsettled(run) == "");
    return false;
  });
}

std::size_t ends_of_tasks(const Log& log) {
  return log.count(Kind::returned) + log.count(Kind::failed) + log.count(Kind::cancelled);
}

std::size_t suspensions_of(const Program& program, const Script& script) {
  HoldingRun run(script, program);
  std::size_t count = 0;
  run.stage().before_each_step([&count] { ++count; });
  run.finish();
  return count;
}

void a_cancelled_task_leaves_nothing_behind(Vocabulary vocabulary) {
  vocabulary.most_tasks = 5;
  vocabulary.most_steps = 6;
  const auto program = *program_of(vocabulary);
  const auto script = *any_script();
  const auto victim = *rc::gen::inRange<std::size_t>(0, 8);
  const std::size_t suspensions = suspensions_of(program, script);

  for (std::size_t k = 0; k < suspensions; ++k) {
    HoldingRun run(script, program);
    auto& tasks = run.stage().tasks();
    run.stage().before_each_step([&, suspension = std::size_t{0}]() mutable {
      if (suspension++ == k) {
        tasks[victim % tasks.size()].cancel();
      }
    });

    run_and_stay_settled(run);

    RC_ASSERT(run.stage().clean_ups_begun() == run.stage().clean_ups_owed());
  }
}

RC_GTEST_PROP(Cancellation, at_any_suspension_leaves_no_wait_timer_or_permit_behind, ()) {
  a_cancelled_task_leaves_nothing_behind(everything());
}

RC_GTEST_PROP(Cancellation, of_one_that_waits_for_a_socket_leaves_it_to_the_others, ()) {
  a_cancelled_task_leaves_nothing_behind(around_socket(*any_thing()));
}

RC_GTEST_PROP(Cancellation, of_one_that_has_or_wants_a_permit_leaves_it_to_the_others, ()) {
  a_cancelled_task_leaves_nothing_behind(around_semaphore(*any_thing()));
}

RC_GTEST_PROP(Cancellation, of_one_that_owes_a_clean_up_starts_it, ()) {
  a_cancelled_task_leaves_nothing_behind(around_clean_ups());
}

RC_GTEST_PROP(Cancellation, of_one_that_sleeps_or_has_a_time_limit_leaves_no_timer, ()) {
  a_cancelled_task_leaves_nothing_behind(around_timers());
}

RC_GTEST_PROP(Cancellation, once_every_task_is_cancelled_nothing_is_left_at_all, ()) {
  const auto program = *any_program();
  const auto script = *any_script();
  const auto rounds = *rc::gen::inRange(0, 12);
  const std::ptrdiff_t frames = sched::frames_in_use();
  {
    HoldingRun run(script, program);
    run_and_look(run, [left = rounds]() mutable { return left-- == 0; });

    for (auto& task : run.stage().tasks()) {
      task.cancel();
    }
    run_and_stay_settled(run);

    RC_ASSERT(run.scheduler().task_count() == 0U);
    RC_ASSERT(run.scheduler().timers().size() == 0U);
    RC_ASSERT(run.source().watched().empty());
    for (std::uint32_t which = 0; which < things_of_a_kind; ++which) {
      RC_ASSERT(run.stage().semaphore(which).free() == permits_of.at(which));
    }
    RC_ASSERT(!run.stage().mutex_is_locked());
  }
  RC_ASSERT(sched::frames_in_use() == frames);
}

RC_GTEST_PROP(Cancellation, a_scheduler_may_be_destroyed_after_any_round_and_any_poll, ()) {
  const auto program = *any_program();
  const auto script = *any_script();
  const std::ptrdiff_t frames = sched::frames_in_use();
  bool at_the_end = false;

  for (int boundaries = 0; !at_the_end; ++boundaries) {
    HoldingRun run(script, program);
    int left = boundaries;
    run_and_look(run, [&left] { return left-- == 0; });
    at_the_end = left >= 0;

    run.destroy_scheduler();

    RC_ASSERT(run.source().watched().empty());
    RC_ASSERT(run.log().count(Kind::spawned) == ends_of_tasks(run.log()));
    for (std::uint32_t which = 0; which < things_of_a_kind; ++which) {
      RC_ASSERT(run.stage().semaphore(which).free() == permits_of.at(which));
    }
  }
  RC_ASSERT(sched::frames_in_use() == frames);
}

// The log entries of some tasks and their descendants, renumbered.
std::vector<Entry> entries_of(const Log& log, int first_root, std::size_t roots) {
  std::map<int, int> numbers;
  std::vector<Entry> of_them;
  bool one_of_them_runs = false;
  for (Entry entry : log.entries()) {
    const bool is_root =
        entry.task >= first_root && entry.task < first_root + static_cast<int>(roots);
    if (entry.kind == Kind::spawned && (is_root || one_of_them_runs)) {
      numbers.emplace(entry.task, static_cast<int>(numbers.size()));
    }
    const bool theirs = numbers.contains(entry.task);
    if (entry.kind == Kind::resumed) {
      one_of_them_runs = theirs;
    }
    if (theirs && entry.kind != Kind::arrived) {
      entry.task = numbers[entry.task];
      of_them.push_back(entry);
    }
  }
  return of_them;
}

// Without sockets, because others use up their script, and without clean-ups, which no task spawns.
Vocabulary on_their_own() {
  Vocabulary vocabulary = everything();
  for (const Action action : {Action::wait_recv, Action::wait_send, Action::reopen}) {
    std::erase(vocabulary.simple, action);
  }
  std::erase(vocabulary.with_bodies, Action::clean_up);
  vocabulary.most_tasks = 5;
  return vocabulary;
}

RC_GTEST_PROP(Cancellation, those_that_share_nothing_with_a_cancelled_task_do_as_ever, ()) {
  const auto disturbed = *program_of(on_their_own());
  const auto program = *program_of(on_their_own());
  const auto victim = *rc::gen::inRange<std::size_t>(0, 8);
  const auto suspension = *rc::gen::inRange<int>(0, 30);
  const Script no_script;
  HoldingRun alone(no_script, program);
  alone.finish();

  HoldingRun run(no_script);
  Stage& others = run.start(disturbed);
  run.start(program);
  others.before_each_step([&, left = suspension]() mutable {
    if (left-- == 0) {
      others.tasks()[victim % others.tasks().size()].cancel();
    }
  });
  run.finish();

  const auto first_root = static_cast<int>(disturbed.tasks.size());
  RC_ASSERT(entries_of(run.log(), first_root, program.tasks.size()) ==
            entries_of(alone.log(), 0, program.tasks.size()));
}

}  // namespace
}  // namespace rehearsal::fairness
