// A group does not end before its children, whichever task spawns them and however they end. A
// supervisor runs no more children at once than its limit.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/core/scheduler.hpp"
#include "sched/sync/sleep.hpp"
#include "sched/sync/supervisor.hpp"
#include "sched/sync/task_group.hpp"
#include "simnet/scripted_source.hpp"

namespace rehearsal::fairness {
namespace {

using sched::Task;
using Scheduler = sched::Scheduler<simnet::ScriptedSource>;

struct ChildFailure : std::runtime_error {
  explicit ChildFailure(int which) : std::runtime_error("child"), number(which) {}
  int number;
};

// A child of a group. A task other than the one that joins spawns it after some turns, and it takes
// some turns itself.
struct Plan {
  int spawned_after = 0;
  int turns = 0;
  bool fails = false;
};

void showValue(const Plan& plan, std::ostream& out) {
  out << "spawned after " << plan.spawned_after << ", " << plan.turns << " turns"
      << (plan.fails ? ", fails" : "");
}

rc::Gen<Plan> a_plan(bool may_fail) {
  namespace gen = rc::gen;
  // The size is fixed at 100: the width of a range depends on it.
  return gen::resize(100, gen::build<Plan>(gen::set(&Plan::spawned_after, gen::inRange(0, 5)),
                                           gen::set(&Plan::turns, gen::inRange(0, 4)),
                                           gen::set(&Plan::fails, may_fail ? gen::arbitrary<bool>()
                                                                           : gen::just(false))));
}

// State that the tasks of one case share.
struct Shared {
  sched::TaskGroup* open = nullptr;
  std::size_t running = 0;
  std::vector<int> failed = {};
  bool ran_after_failure = false;
};

class Running {
 public:
  explicit Running(std::size_t& count) : count_(count) { ++count_; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() { --count_; }

 private:
  std::size_t& count_;
};

Task<> child(Shared& shared, Plan plan, int number) {
  const Running running(shared.running);
  for (int turn = 0; turn < plan.turns; ++turn) {
    co_await sched::yield();
    shared.ran_after_failure = shared.ran_after_failure || !shared.failed.empty();
  }
  if (plan.fails) {
    shared.failed.push_back(number);
    throw ChildFailure(number);
  }
}

Task<> spawn_late(Shared& shared, Plan plan, int number) {
  for (int turn = 0; turn < plan.spawned_after; ++turn) {
    co_await sched::yield();
  }
  if (shared.open != nullptr) {
    shared.open->spawn(child(shared, plan, number));
  }
}

// How many children were left when the join ended, and which failure it threw.
struct Joined {
  std::size_t left = 0;
  std::optional<int> failure = {};
};

Task<> open_and_join(Scheduler& scheduler, Shared& shared, int turns,
                     std::optional<Joined>& joined) {
  sched::TaskGroup group(scheduler);
  shared.open = &group;
  Joined result;
  for (int turn = 0; turn < turns; ++turn) {
    co_await sched::yield();
  }
  try {
    co_await group.join();
  } catch (const ChildFailure& failure) {
    result.failure = failure.number;
  }
  shared.open = nullptr;
  result.left = group.size();
  joined = result;
}

RC_GTEST_PROP(Groups, a_join_ends_when_no_child_is_left_and_a_failure_cancels_the_rest, ()) {
  const bool may_fail = *rc::gen::arbitrary<bool>();
  const auto plans = *rc::gen::resize(5, rc::gen::container<std::vector<Plan>>(a_plan(may_fail)));
  // From before the first spawn until after the last.
  const int joined_after = *rc::gen::inRange(0, 8);
  const auto delays =
      *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange<std::uint32_t>(0, 4));
  simnet::ScriptedSource source({}, delays);
  Shared shared;
  std::optional<Joined> joined;
  Scheduler scheduler(source);
  scheduler.spawn(open_and_join(scheduler, shared, joined_after, joined));
  for (std::size_t i = 0; i < plans.size(); ++i) {
    scheduler.spawn(spawn_late(shared, plans[i], static_cast<int>(i)));
  }

  RC_ASSERT(scheduler.run() == sched::RunEnd::done);

  RC_ASSERT(joined.has_value());
  RC_ASSERT(joined->left == 0U);
  RC_ASSERT(shared.running == 0U);
  RC_ASSERT(!shared.ran_after_failure);
  if (shared.failed.empty()) {
    RC_ASSERT(!joined->failure.has_value());
  } else {
    RC_ASSERT(joined->failure == shared.failed.front());
  }
}

Task<> supervised(std::size_t& running, std::size_t& most, int turns) {
  const Running one(running);
  most = std::max(most, running);
  for (int turn = 0; turn < turns; ++turn) {
    co_await sched::yield();
  }
  if (turns % 2 == 1) {
    throw ChildFailure(turns);
  }
}

Task<> supervise(Scheduler& scheduler, std::size_t limit, const std::vector<int>& turns,
                 std::size_t& most, bool& served_all) {
  std::size_t running = 0;
  sched::SupervisorOptions options;
  options.limit = limit;
  sched::Supervisor children(scheduler, options);
  for (const int count : turns) {
    co_await children.room();
    children.spawn(supervised(running, most, count));
  }
  co_await children.join();
  const auto odd = static_cast<std::uint64_t>(
      std::ranges::count_if(turns, [](int count) { return count % 2 == 1; }));
  served_all = running == 0 && children.finished() == turns.size() && children.failed() == odd;
}

RC_GTEST_PROP(Groups, a_supervisor_runs_all_its_children_and_no_more_at_once_than_its_limit, ()) {
  const auto limit = *rc::gen::inRange<std::size_t>(1, 5);
  const auto turns = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 8));
  simnet::ScriptedSource source;
  std::size_t most = 0;
  bool served_all = false;
  Scheduler scheduler(source);
  scheduler.spawn(supervise(scheduler, limit, turns, most, served_all));

  RC_ASSERT(scheduler.run() == sched::RunEnd::done);

  RC_ASSERT(served_all);
  RC_ASSERT(most <= limit);
}

}  // namespace
}  // namespace rehearsal::fairness
