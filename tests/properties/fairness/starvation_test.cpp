// Tasks that are always ready do not keep the scheduler from its sockets: the source is asked once
// a round, and every task that it reports runs in the round that follows.
#include <cstddef>
#include <map>
#include <set>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/sync/sleep.hpp"
#include "tests/properties/fairness/model/generators.hpp"
#include "tests/properties/fairness/model/run.hpp"

namespace rehearsal::fairness {
namespace {

constexpr int rounds = 12;

// A program in which `spinners` tasks yield `rounds` times; the others wait for a socket each.
Program spinners_and_waiters(std::size_t spinners, const std::vector<Step>& waits) {
  Program program;
  program.tasks.assign(spinners, Steps(rounds, Step{}));
  for (const Step& wait : waits) {
    program.tasks.push_back({wait});
  }
  return program;
}

rc::Gen<std::vector<Step>> one_wait_for_some_sides() {
  namespace gen = rc::gen;
  constexpr std::size_t sides = std::size_t{2} * things_of_a_kind;
  return gen::map(gen::container<std::vector<bool>>(sides, gen::arbitrary<bool>()),
                  [](const std::vector<bool>& chosen) {
                    std::vector<Step> waits;
                    for (std::uint32_t i = 0; i < chosen.size(); ++i) {
                      if (chosen[i]) {
                        const auto action = i % 2 == 0 ? Action::wait_recv : Action::wait_send;
                        waits.push_back({.action = action, .which = i / 2});
                      }
                    }
                    return waits;
                  });
}

template <class AnyRun>
void source_is_asked_once_a_round() {
  const auto spinners = *rc::gen::inRange<std::size_t>(1, 12);
  const auto waits = *one_wait_for_some_sides();
  const auto script = *script_without_delays();
  const Program program = spinners_and_waiters(spinners, waits);
  AnyRun run(script, program);
  run.finish();

  std::map<int, int> turns;  // of each spinner
  int polls = 0;
  for (const Entry& entry : run.log().entries()) {
    if (entry.kind == Kind::polled && polls < rounds) {
      ++polls;
      for (std::size_t spinner = 0; spinner < spinners; ++spinner) {
        RC_ASSERT(turns[static_cast<int>(spinner)] == polls);
      }
    } else if (entry.kind == Kind::resumed) {
      ++turns[entry.task];
    }
  }
  RC_ASSERT(polls == rounds);
}

RC_GTEST_PROP(Starvation, the_source_is_asked_once_a_round_however_many_tasks_always_yield, ()) {
  source_is_asked_once_a_round<PlainRun>();
}

RC_GTEST_PROP(Starvation, so_it_is_where_the_source_may_hold_tasks_back, ()) {
  source_is_asked_once_a_round<HoldingRun>();
}

bool wakes(const Entry& report, const Step& wait) {
  using enum sched::Readiness;
  const auto side = wait.action == Action::wait_recv ? recv : send;
  return report.which == wait.which &&
         any(static_cast<sched::Readiness>(report.value), side | hang_up | error);
}

RC_GTEST_PROP(Starvation, a_reported_waiter_goes_on_before_the_source_is_asked_again, ()) {
  const auto spinners = *rc::gen::inRange<std::size_t>(0, 12);
  const auto waits = *one_wait_for_some_sides();
  const auto script = *script_without_delays();
  const Program program = spinners_and_waiters(spinners, waits);
  PlainRun run(script, program);
  run.finish();

  std::map<int, Step> waiting;
  std::set<int> found;  // by the current poll
  std::set<int> woken;  // by the latest poll
  for (const Entry& entry : run.log().entries()) {
    const auto number = static_cast<std::size_t>(entry.task);
    const bool waiter = entry.task != nobody && number >= spinners;
    if (entry.kind == Kind::suspended && waiter) {
      waiting[entry.task] = waits[number - spinners];
    } else if (entry.kind == Kind::reported) {
      for (const auto& [task, wait] : waiting) {
        if (wakes(entry, wait)) {
          found.insert(task);
        }
      }
      std::erase_if(waiting, [&](const auto& it) { return found.count(it.first) != 0; });
    } else if (entry.kind == Kind::polled) {
      RC_ASSERT(woken.empty());
      woken.swap(found);
    } else if (entry.kind == Kind::resumed && waiter) {
      RC_ASSERT(waiting.count(entry.task) == 0U);
      woken.erase(entry.task);
    }
  }
  RC_ASSERT(woken.empty());
}

}  // namespace
}  // namespace rehearsal::fairness
