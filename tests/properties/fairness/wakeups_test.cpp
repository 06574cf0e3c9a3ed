// No wake-up is lost and none is doubled, whatever a task waits for.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/sync/condition.hpp"
#include "sched/sync/sleep.hpp"
#include "tests/properties/fairness/model/generators.hpp"
#include "tests/properties/fairness/model/run.hpp"
#include "tests/properties/fairness/model/settled.hpp"

namespace rehearsal::fairness {
namespace {

RC_GTEST_PROP(WakeUps, a_task_is_resumed_only_when_what_it_waits_for_has_come, ()) {
  const auto program = *program_of(modelled());
  const auto script = *any_script();
  HoldingRun run(script, program);
  run.finish();

  std::map<int, int> turns;
  const std::vector<Entry>& entries = run.log().entries();
  for (std::size_t i = 0; i + 1 < entries.size(); ++i) {
    if (entries[i].kind == Kind::resumed && turns[entries[i].task]++ > 0) {
      RC_ASSERT(entries[i + 1].kind == Kind::ends);
      RC_ASSERT(entries[i + 1].task == entries[i].task);
    }
  }
}

// A task's wait for one direction of a socket; sides are identified by (which, action).
using SocketSide = std::pair<std::uint32_t, Action>;

std::vector<SocketSide> sides_of(const Entry& report) {
  using enum sched::Readiness;
  const auto what = static_cast<sched::Readiness>(report.value);
  std::vector<SocketSide> sides;
  if (any(what, recv | hang_up | error)) {
    sides.emplace_back(report.which, Action::wait_recv);
  }
  if (any(what, send | hang_up | error)) {
    sides.emplace_back(report.which, Action::wait_send);
  }
  return sides;
}

RC_GTEST_PROP(WakeUps, a_report_wakes_its_waiter_and_is_used_up_once, ()) {
  using enum Action;
  const Vocabulary vocabulary{.simple = {yield, sleep, wait_recv, wait_recv, wait_send, wait_send}};
  const auto program = *program_of(vocabulary);
  const auto script = *any_script();
  HoldingRun run(script, program);
  run.finish();

  std::map<SocketSide, bool> reported;  // since the last wait that succeeded
  std::map<int, SocketSide> inside;
  for (const Entry& entry : run.log().entries()) {
    const SocketSide side{entry.which, entry.action};
    if (entry.kind == Kind::reported) {
      for (const SocketSide& shown : sides_of(entry)) {
        reported[shown] = true;
      }
    } else if (entry.action != wait_recv && entry.action != wait_send) {
      continue;
    } else if (entry.kind == Kind::begins) {
      inside[entry.task] = side;
    } else if (entry.kind == Kind::ends) {
      inside.erase(entry.task);
      if (entry.value == well) {
        const bool was_reported = std::exchange(reported[side], false);
        RC_ASSERT(was_reported);
      }
    }
  }
  for (const auto& [task, side] : inside) {
    RC_ASSERT(!reported[side]);
  }
}

RC_GTEST_PROP(WakeUps, an_event_wakes_each_that_waits_for_it_once_and_in_order, ()) {
  Vocabulary vocabulary = around_event(0);
  std::erase(vocabulary.simple, Action::cancel);
  vocabulary.with_bodies = {Action::spawn};
  const auto program = *program_of(vocabulary);
  const auto script = *script_without_delays();
  HoldingRun run(script, program);
  run.finish();

  bool is_set = false;
  std::vector<int> waiting;
  std::vector<int> woken;
  for (const Entry& entry : run.log().entries()) {
    const bool waits = entry.action == Action::wait_event;
    if (entry.kind == Kind::begins && waits && !is_set) {
      waiting.push_back(entry.task);
    } else if (entry.kind == Kind::ends && waits && std::ranges::count(woken, entry.task) != 0) {
      RC_ASSERT(entry.task == woken.front());
      woken.erase(woken.begin());
    } else if (entry.kind == Kind::ends && entry.action == Action::set_event) {
      is_set = true;
      woken.insert(woken.end(), waiting.begin(), waiting.end());
      waiting.clear();
    } else if (entry.kind == Kind::ends && entry.action == Action::clear_event) {
      is_set = false;
    }
  }
  RC_ASSERT(woken.empty());
}

RC_GTEST_PROP(WakeUps, permits_are_handed_out_first_come_first_served, ()) {
  const auto which = *any_thing();
  Vocabulary vocabulary = around_semaphore(which);
  std::erase(vocabulary.simple, Action::cancel);
  vocabulary.with_bodies = {Action::spawn};
  const auto program = *program_of(vocabulary);
  const auto script = *script_without_delays();
  HoldingRun run(script, program);
  run.finish();

  std::set<int> asks;
  std::vector<int> waiting;
  for (const Entry& entry : run.log().entries()) {
    if (entry.action == Action::acquire && entry.kind == Kind::begins) {
      asks.insert(entry.task);
    } else if (entry.kind == Kind::suspended && asks.erase(entry.task) != 0) {
      waiting.push_back(entry.task);
    } else if (entry.action == Action::acquire && entry.kind == Kind::ends) {
      // A task that did not wait found a free permit, so every earlier task has its permit.
      if (asks.erase(entry.task) == 0) {
        RC_ASSERT(waiting.front() == entry.task);
        waiting.erase(waiting.begin());
      }
    }
  }
  RC_ASSERT(unsettled(run) == "");
}

// The log entries of channel `which`.
struct Traffic {
  std::vector<std::int64_t> sent;  // by a send that succeeded
  std::vector<std::int64_t> received;
  std::int64_t begun = 0;  // sends, numbered in this order
};

Traffic traffic_of(const Log& log, std::uint32_t which) {
  Traffic traffic;
  std::map<int, std::int64_t> sending;
  for (const Entry& entry : log.entries()) {
    if (entry.which != which) {
      continue;
    }
    if (entry.action == Action::send && entry.kind == Kind::begins) {
      sending[entry.task] = traffic.begun++;
    } else if (entry.action == Action::send && entry.kind == Kind::ends && entry.value == well) {
      traffic.sent.push_back(sending[entry.task]);
    } else if (entry.action == Action::recv && entry.kind == Kind::ends && entry.value >= 0) {
      traffic.received.push_back(entry.value);
    }
  }
  return traffic;
}

sched::Task<> take_all(sched::Channel<std::int64_t>& channel, std::vector<std::int64_t>& taken) {
  channel.close();
  for (;;) {
    const auto item = co_await channel.recv();
    if (!item) {
      co_return;
    }
    taken.push_back(*item);
  }
}

RC_GTEST_PROP(WakeUps, every_item_that_was_sent_is_received_once_or_still_in_the_channel, ()) {
  const auto which = *any_thing();
  const auto program = *program_of(around_channel(which));
  const auto script = *any_script();
  HoldingRun run(script, program);
  run.finish();
  RC_ASSERT(unsettled(run) == "");
  const Traffic traffic = traffic_of(run.log(), which);
  std::vector<std::int64_t> left;
  for (auto& task : run.stage().tasks()) {
    task.cancel();
  }
  run.scheduler().spawn(take_all(run.stage().channel(which), left));
  run.finish();

  std::vector<std::int64_t> arrived = traffic.received;
  arrived.insert(arrived.end(), left.begin(), left.end());
  std::ranges::sort(arrived);
  RC_ASSERT(std::ranges::adjacent_find(arrived) == arrived.end());
  RC_ASSERT(std::ranges::is_sorted(left));
  for (const std::int64_t item : traffic.sent) {
    RC_ASSERT(std::ranges::binary_search(arrived, item));
  }
}

RC_GTEST_PROP(WakeUps, a_receiver_whose_time_runs_out_still_gets_all_items_once_and_in_order, ()) {
  using enum Action;
  const auto which = *any_thing();
  const Vocabulary receiver{.simple = {yield, recv, recv},
                            .with_bodies = {timeout, timeout},
                            .depth = 1,
                            .which = rc::gen::just(which)};
  const Vocabulary senders{.simple = {yield, sleep, send, send}, .which = rc::gen::just(which)};
  auto program = *program_of(senders);
  program.tasks.push_back(*body_of(receiver));
  const auto script = *any_script();
  HoldingRun run(script, program);
  run.finish();

  const Traffic traffic = traffic_of(run.log(), which);
  std::vector<std::int64_t> in_order(traffic.received.size());
  std::iota(in_order.begin(), in_order.end(), 0);
  RC_ASSERT(traffic.received == in_order);
}

sched::Task<> receive_one(sched::Channel<std::int64_t>& channel,
                          std::vector<std::int64_t>& received) {
  const auto item = co_await channel.recv();
  if (item) {
    received.push_back(*item);
  }
}

sched::Task<> send_and_cancel(sched::Channel<std::int64_t>& channel, std::int64_t items,
                              std::deque<sched::JoinHandle<>>& receivers,
                              const std::vector<std::size_t>& victims) {
  for (std::int64_t item = 0; item < items; ++item) {
    co_await channel.send(item);
  }
  channel.close();
  for (const std::size_t victim : victims) {
    receivers[victim].cancel();
  }
}

RC_GTEST_PROP(WakeUps, items_that_cancelled_receivers_give_back_are_received_later_in_order, ()) {
  const auto count = *rc::gen::inRange<std::size_t>(1, 7);
  const auto items = *rc::gen::inRange<std::int64_t>(0, static_cast<std::int64_t>(count) + 1);
  const auto victims =
      *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, count));
  sched::Channel<std::int64_t> channel(0);
  std::vector<std::int64_t> received;
  simnet::ScriptedSource source;
  sched::Scheduler<simnet::ScriptedSource> scheduler(source);
  std::deque<sched::JoinHandle<>> receivers;
  for (std::size_t i = 0; i < count; ++i) {
    receivers.push_back(scheduler.spawn(receive_one(channel, received)));
  }
  scheduler.spawn(send_and_cancel(channel, items, receivers, victims));
  scheduler.run();

  const std::size_t survivors = count - std::set(victims.begin(), victims.end()).size();
  RC_ASSERT(received.size() == std::min(survivors, static_cast<std::size_t>(items)));
  std::vector<std::int64_t> left;
  scheduler.spawn(take_all(channel, left));
  scheduler.run();

  RC_ASSERT(std::ranges::is_sorted(left));
  received.insert(received.end(), left.begin(), left.end());
  std::ranges::sort(received);
  std::vector<std::int64_t> all(static_cast<std::size_t>(items));
  std::iota(all.begin(), all.end(), 0);
  RC_ASSERT(received == all);
}

// A store; tasks wait for its stock under a mutex.
struct Store {
  sched::Mutex mutex;
  sched::Condition changed{mutex};
  std::size_t stock = 0;
  std::size_t taken = 0;
};

sched::Task<> take_one(Store& store) {
  auto lock = co_await store.mutex.lock();
  while (store.stock == 0) {
    co_await store.changed.wait(lock);
  }
  --store.stock;
  ++store.taken;
}

// Holds the mutex while it fills the store and cancels takers, which may wait for the
// mutex by then.
sched::Task<> fill_and_cancel(Store& store, std::size_t stock, int turns,
                              std::deque<sched::JoinHandle<>>& takers,
                              const std::vector<std::size_t>& victims) {
  auto lock = co_await store.mutex.lock();
  for (std::size_t i = 0; i < stock; ++i) {
    ++store.stock;
    store.changed.notify_one();
  }
  for (int turn = 0; turn < turns; ++turn) {
    co_await sched::yield();
  }
  for (const std::size_t victim : victims) {
    takers[victim].cancel();
  }
}

RC_GTEST_PROP(WakeUps, a_notification_that_its_task_does_not_live_to_use_goes_to_the_next, ()) {
  const auto count = *rc::gen::inRange<std::size_t>(1, 7);
  const auto stock = *rc::gen::inRange<std::size_t>(0, count + 1);
  const auto turns = *rc::gen::inRange(0, 3);
  const auto victims =
      *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, count));
  Store store;
  simnet::ScriptedSource source;
  sched::Scheduler<simnet::ScriptedSource> scheduler(source);
  std::deque<sched::JoinHandle<>> takers;
  for (std::size_t i = 0; i < count; ++i) {
    takers.push_back(scheduler.spawn(take_one(store)));
  }
  scheduler.spawn(fill_and_cancel(store, stock, turns, takers, victims));
  scheduler.run();

  const std::size_t survivors = count - std::set(victims.begin(), victims.end()).size();
  RC_ASSERT(store.taken == std::min(survivors, stock));
}

}  // namespace
}  // namespace rehearsal::fairness
