// What the teaching scheduler gets wrong about tasks and waits, and what happens here instead.
// Connections are tested in connections_test.cpp.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/core/scheduler.hpp"
#include "sched/sync/sleep.hpp"
#include "simnet/scripted_source.hpp"

namespace rehearsal::fairness {
namespace {

using sched::Direction;
using sched::Readiness;
using sched::Task;
using simnet::ScriptedSource;
using Scheduler = sched::Scheduler<ScriptedSource>;

// How each wait ended: with no error, or with which one.
using Outcomes = std::vector<std::errc>;

template <class S>
Task<> wait_once(sched::Scheduler<S>& scheduler, sched::Handle handle, Direction way,
                 std::errc& outcome) {
  try {
    co_await scheduler.wait(handle, way);
    outcome = {};
  } catch (const std::system_error& error) {
    outcome = static_cast<std::errc>(error.code().value());
  }
}

constexpr auto still_waiting = std::errc::operation_in_progress;

rc::Gen<Direction> a_direction() {
  return rc::gen::map(rc::gen::arbitrary<bool>(),
                      [](bool recv) { return recv ? Direction::recv : Direction::send; });
}

Readiness readiness(Direction way) {
  return way == Direction::recv ? Readiness::recv : Readiness::send;
}

RC_GTEST_PROP(TeachingProgram, the_second_waiter_for_a_socket_gets_an_error_and_the_first_wakes,
              ()) {
  const auto ways = *rc::gen::nonEmpty(rc::gen::container<std::vector<Direction>>(a_direction()));
  ScriptedSource source({{{{3, Readiness::recv | Readiness::send}}, {}}});
  Scheduler scheduler(source);
  const sched::Handle handle = scheduler.handles().open(3, Readiness::none);
  Outcomes outcomes(ways.size(), still_waiting);
  for (std::size_t i = 0; i < ways.size(); ++i) {
    scheduler.spawn(wait_once(scheduler, handle, ways[i], outcomes[i]));
  }

  RC_ASSERT(scheduler.run() == sched::RunEnd::done);

  for (std::size_t i = 0; i < ways.size(); ++i) {
    const bool first = std::count(ways.begin(), ways.begin() + static_cast<long>(i), ways[i]) == 0;
    RC_ASSERT(outcomes[i] == (first ? std::errc{} : std::errc::device_or_resource_busy));
  }
}

// Stops if it would have to run more than `most` times, and records that.
Task<> always_runnable(const std::errc& outcome, std::size_t most, bool& gave_up) {
  for (std::size_t turns = 0; outcome == still_waiting; ++turns) {
    if (turns == most) {
      gave_up = true;
      co_return;
    }
    co_await sched::yield();
  }
}

RC_GTEST_PROP(TeachingProgram, a_task_that_is_always_runnable_does_not_starve_a_connection, ()) {
  const auto idle_waits = *rc::gen::inRange<std::size_t>(0, 20);
  const auto spinners = *rc::gen::inRange(1, 10);
  std::vector<simnet::ScriptedWait> waits(idle_waits);
  waits.push_back({{{3, Readiness::recv}}, {}});
  ScriptedSource source(waits);
  Scheduler scheduler(source);
  const sched::Handle handle = scheduler.handles().open(3, Readiness::none);
  std::errc outcome = still_waiting;
  // One turn before each poll, the last of which reports, and one before the waiter's own.
  const std::size_t most_turns = waits.size() + 1;
  bool starved = false;
  for (int i = 0; i < spinners; ++i) {
    scheduler.spawn(always_runnable(outcome, most_turns, starved));
  }
  scheduler.spawn(wait_once(scheduler, handle, Direction::recv, outcome));

  const sched::RunEnd end = scheduler.run();

  if (starved) {
    RC_FAIL("the connection starved: a task that is always runnable had " +
            std::to_string(most_turns) + " turns before it went on, and the source was asked " +
            std::to_string(source.waits_done()) + " times in all");
  }
  RC_ASSERT(end == sched::RunEnd::done);
  RC_ASSERT(outcome == std::errc{});
  RC_ASSERT(source.waits_done() == idle_waits + 1 || source.waits_done() == idle_waits + 2);
}

Task<int> count_to(int turns, bool fails) {
  for (int i = 0; i < turns; ++i) {
    co_await sched::yield();
  }
  if (fails) {
    throw std::runtime_error("task " + std::to_string(turns));
  }
  co_return turns;
}

Task<> join_and_note(sched::JoinHandle<int>& handle, std::string& end) {
  try {
    const int turns = co_await handle.join();
    end = std::to_string(turns);
  } catch (const std::runtime_error& failure) {
    end = failure.what();
  }
}

RC_GTEST_PROP(TeachingProgram, an_exception_ends_its_task_and_reaches_who_joins_it_and_no_other,
              ()) {
  const auto fails = *rc::gen::container<std::vector<bool>>(rc::gen::arbitrary<bool>());
  ScriptedSource source;
  Scheduler scheduler(source);
  std::vector<sched::JoinHandle<int>> handles;
  std::vector<std::string> ends(fails.size());
  for (std::size_t i = 0; i < fails.size(); ++i) {
    handles.push_back(scheduler.spawn(count_to(static_cast<int>(i), fails[i])));
  }
  for (std::size_t i = 0; i < fails.size(); ++i) {
    scheduler.spawn(join_and_note(handles[i], ends[i]));
  }

  RC_ASSERT(scheduler.run() == sched::RunEnd::done);

  for (std::size_t i = 0; i < fails.size(); ++i) {
    RC_ASSERT(ends[i] == (fails[i] ? "task " : "") + std::to_string(i));
  }
  const auto failed = static_cast<std::uint64_t>(std::ranges::count(fails, true));
  RC_ASSERT(scheduler.failures() == failed);
}

RC_GTEST_PROP(TeachingProgram, a_closed_socket_ends_its_waits_and_its_number_starts_anew, ()) {
  const auto way = *a_direction();
  const auto reopenings = *rc::gen::inRange<std::size_t>(1, 6);
  ScriptedSource source({{}, {{{3, readiness(way)}}, {}}});
  Scheduler scheduler(source);
  std::vector<sched::Handle> handles;
  Outcomes outcomes(reopenings + 1, still_waiting);
  for (std::size_t i = 0; i <= reopenings; ++i) {
    handles.push_back(scheduler.handles().open(3, Readiness::none));
    scheduler.spawn(wait_once(scheduler, handles[i], way, outcomes[i]));
    scheduler.round();
    if (i < reopenings) {
      scheduler.handles().close(handles[i]);
    }
  }
  Outcomes stale(reopenings, still_waiting);
  for (std::size_t i = 0; i < reopenings; ++i) {
    scheduler.spawn(wait_once(scheduler, handles[i], way, stale[i]));
  }

  RC_ASSERT(scheduler.run() == sched::RunEnd::done);

  for (std::size_t i = 0; i < reopenings; ++i) {
    RC_ASSERT(outcomes[i] == std::errc::operation_canceled);
    RC_ASSERT(stale[i] == std::errc::bad_file_descriptor);
  }
  RC_ASSERT(outcomes.back() == std::errc{});
  RC_ASSERT(source.watched().empty());
}

// A source that cannot hold descriptors from `limit` on, like select().
class LimitedSource : public ScriptedSource {
 public:
  LimitedSource(sched::Descriptor limit, std::vector<simnet::ScriptedWait> waits)
      : ScriptedSource(std::move(waits)), limit_(limit) {}
  sched::Result<> watch(sched::Descriptor descriptor, Direction way) {
    if (descriptor >= limit_) {
      return std::errc::value_too_large;
    }
    return ScriptedSource::watch(descriptor, way);
  }

 private:
  sched::Descriptor limit_;
};

RC_GTEST_PROP(TeachingProgram, a_descriptor_the_source_refuses_is_an_error_and_others_are_served,
              ()) {
  const auto limit = *rc::gen::inRange(0, 10);
  const auto count = *rc::gen::inRange<std::size_t>(1, 10);
  std::vector<sched::Ready> all;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back({static_cast<int>(i), Readiness::recv});
  }
  LimitedSource source(limit, {{all, {}}});
  sched::Scheduler<LimitedSource> scheduler(source);
  Outcomes outcomes(count, still_waiting);
  for (std::size_t i = 0; i < count; ++i) {
    const auto handle = scheduler.handles().open(static_cast<int>(i), Readiness::none);
    scheduler.spawn(wait_once(scheduler, handle, Direction::recv, outcomes[i]));
  }

  RC_ASSERT(scheduler.run() == sched::RunEnd::done);

  for (std::size_t i = 0; i < count; ++i) {
    const bool refused = static_cast<int>(i) >= limit;
    RC_ASSERT(outcomes[i] == (refused ? std::errc::value_too_large : std::errc{}));
  }
}

}  // namespace
}  // namespace rehearsal::fairness
