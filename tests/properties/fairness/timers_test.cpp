// Timers fire in the order of (deadline, setting), never early, and at the first poll that is
// not too early.
#include "sched/core/timers.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <ostream>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/properties/fairness/model/generators.hpp"
#include "tests/properties/fairness/model/run.hpp"

namespace rehearsal::fairness {
namespace {

class NotedTimer final : public sched::Timer {
 public:
  NotedTimer(std::size_t number, std::vector<std::size_t>& fired)
      : number_(number), fired_(fired) {}

 private:
  void fire() override { fired_.push_back(number_); }

  std::size_t number_;
  std::vector<std::size_t>& fired_;
};

// Sets, unsets or fires timers; `number` is a deadline, a timer's index or an instant.
struct TimerMove {
  enum class What : std::uint8_t { set, unset, fire } what;
  std::size_t number;
};

void showValue(const TimerMove& move, std::ostream& out) {
  constexpr std::array names{"set ", "unset ", "fire "};
  out << names.at(static_cast<std::size_t>(move.what)) << move.number;
}

rc::Gen<std::vector<TimerMove>> timer_moves() {
  namespace gen = rc::gen;
  const auto move = [](TimerMove::What what, std::size_t below) {
    return gen::map(gen::inRange<std::size_t>(0, below),
                    [what](std::size_t number) { return TimerMove{what, number}; });
  };
  // Few and early instants, so that the heap gets deep.
  return gen::container<std::vector<TimerMove>>(
      gen::weightedOneOf<TimerMove>({{6, move(TimerMove::What::set, 60)},
                                     {4, move(TimerMove::What::unset, 100)},
                                     {1, move(TimerMove::What::fire, 60)}}));
}

sched::Instant instant(std::size_t nanoseconds) {
  return sched::Instant(sched::Duration(static_cast<std::int64_t>(nanoseconds)));
}

RC_GTEST_PROP(Timers, fire_as_a_sorted_list_of_deadline_and_sequence_does, ()) {
  const auto drawn = *timer_moves();
  std::vector<std::size_t> fired;
  std::vector<std::size_t> expected;
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> pending;  // (deadline, number): number
  std::deque<NotedTimer> all;
  sched::Timers timers;
  for (const TimerMove& move : drawn) {
    if (move.what == TimerMove::What::set) {
      pending[{move.number, all.size()}] = all.size();
      timers.set(all.emplace_back(all.size(), fired), instant(move.number));
    } else if (move.what == TimerMove::What::unset && !all.empty()) {
      const std::size_t number = move.number % all.size();
      all[number].unset();
      std::erase_if(pending, [&](const auto& timer) { return timer.second == number; });
    } else if (move.what == TimerMove::What::fire) {
      timers.fire_due(instant(move.number));
      while (!pending.empty() && pending.begin()->first.first <= move.number) {
        expected.push_back(pending.begin()->second);
        pending.erase(pending.begin());
      }
    }
    RC_ASSERT(fired == expected);
    RC_ASSERT(timers.size() == pending.size());
    const auto next = pending.empty() ? sched::never : instant(pending.begin()->first.first);
    RC_ASSERT(timers.next() == next);
  }
}

// A sleep as the log shows it, from its start to its end.
struct Slept {
  std::int64_t deadline;
  std::size_t sequence;
  std::int64_t ended_at;
  std::size_t polls_in_time;  // polls since then, at or after the deadline

  [[nodiscard]] auto order() const { return std::tuple(deadline, sequence); }
};

// Returns all sleeps that have ended, in the order of their ends.
std::vector<Slept> sleeps_of(const Log& log) {
  std::map<int, Slept> under_way;
  std::vector<Slept> ended;
  std::size_t sequence = 0;
  for (const Entry& entry : log.entries()) {
    if (entry.kind == Kind::polled) {
      for (auto& [task, slept] : under_way) {
        slept.polls_in_time += entry.at >= slept.deadline ? 1 : 0;
      }
    } else if (entry.kind == Kind::begins) {
      under_way.erase(entry.task);
      if (entry.action == Action::sleep) {
        under_way[entry.task] = {entry.at + entry.value, sequence++, 0, 0};
      }
    } else if (entry.kind == Kind::ends && entry.action == Action::sleep) {
      under_way[entry.task].ended_at = entry.at;
      ended.push_back(under_way[entry.task]);
      under_way.erase(entry.task);
    }
  }
  return ended;
}

RC_GTEST_PROP(Timers, nobody_wakes_early, ()) {
  const auto program = *program_of(around_timers());
  const auto script = *any_script();
  HoldingRun run(script, program);
  run.finish();

  for (const Slept& slept : sleeps_of(run.log())) {
    RC_ASSERT(slept.ended_at >= slept.deadline);
    RC_ASSERT(slept.polls_in_time >= 1U);
  }
}

RC_GTEST_PROP(Timers, without_delays_sleepers_wake_in_order_right_after_the_first_poll_in_time,
              ()) {
  const auto program = *program_of(around_timers());
  const auto script = *script_without_delays();
  HoldingRun run(script, program);
  run.finish();

  const std::vector<Slept> sleeps = sleeps_of(run.log());
  for (const Slept& slept : sleeps) {
    RC_ASSERT(slept.polls_in_time == 1U);
  }
  for (std::size_t i = 1; i < sleeps.size(); ++i) {
    if (sleeps[i - 1].ended_at == sleeps[i].ended_at) {
      RC_ASSERT(sleeps[i - 1].order() < sleeps[i].order());
    }
  }
}

RC_GTEST_PROP(Timers, no_time_runs_out_early, ()) {
  Vocabulary vocabulary = around_timers();
  vocabulary.depth = 1;  // a task is in at most one timeout at a time
  const auto program = *program_of(vocabulary);
  const auto script = *any_script();
  HoldingRun run(script, program);
  run.finish();

  std::map<int, std::int64_t> deadlines;
  for (const Entry& entry : run.log().entries()) {
    if (entry.kind == Kind::begins && entry.action == Action::timeout) {
      deadlines[entry.task] = entry.at + entry.value;
    } else if (entry.kind == Kind::ends && entry.action == Action::timeout) {
      RC_ASSERT(entry.value == well || entry.at >= deadlines[entry.task]);
    }
  }
}

}  // namespace
}  // namespace rehearsal::fairness
