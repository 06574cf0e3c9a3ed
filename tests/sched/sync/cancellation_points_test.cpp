// Cancellation may happen wherever a task can be suspended. Here each scenario is cancelled after
// every number of scheduler steps, and cut short by a timeout at every instant. Each time nothing
// may be left over: no task, frame, timer, watched socket, waiter, lock, permit or item.
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sched/sync/channel.hpp"
#include "sched/sync/condition.hpp"
#include "sched/sync/event.hpp"
#include "sched/sync/finally.hpp"
#include "sched/sync/sleep.hpp"
#include "sched/sync/supervisor.hpp"
#include "sched/sync/task_group.hpp"
#include "sched/sync/timeout.hpp"
#include "sched/sync/when.hpp"
#include "tests/sched/scripted_test.hpp"
#include "tests/sched/simple_tasks.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;
using simnet::ScriptedNetwork;

constexpr Descriptor listener_socket = 3;
constexpr Descriptor stream_of_client = 5;
constexpr Descriptor accepted_client = 6;

ScriptedNetwork scripted_network() {
  std::vector<simnet::ScriptedWait> waits;
  for (int i = 0; i < 8; ++i) {
    waits.push_back(finds({}));
    waits.push_back(finds({readable(stream_of_client), writable(stream_of_client)}));
  }
  ScriptedNetwork network(std::move(waits));
  simnet::ScriptedSocket stream;
  stream.receives = {would_block, "ab", would_block, "cd;", "e"};
  stream.sends = {1U, 0U, 1U, 0U};
  network.script(stream_of_client, stream);
  simnet::ScriptedSocket listener;
  listener.accepts = {std::errc::too_many_files_open, accepted_client};
  network.script(listener_socket, listener);
  network.script(accepted_client, {});
  return network;
}

// The objects that a victim and its partner share. Each task releases all that it takes.
struct Stage {
  ScriptedNetwork network = scripted_network();
  Mutex mutex;
  Condition condition{mutex};
  Semaphore semaphore{1};
  Event event;
  Channel<int> channel{1};
  Channel<int> rendezvous{0};
  int sent = 0;
  int received = 0;
  Host<ScriptedNetwork> host{network};
  Listener<ScriptedNetwork> listener = host.listen(Endpoint());
  Stream<ScriptedNetwork> stream{host.scheduler(), stream_of_client, Endpoint()};
};

using Part = Task<> (*)(Stage& stage);

Task<> no_partner(Stage& /*stage*/) { co_return; }

Task<> sleep_and_yield(Stage& /*stage*/) {
  co_await yield();
  co_await sleep_for(1ms);
  co_await yield();
  co_await sleep_until(at(3ms));
}

Task<> receive_and_send(Stage& stage) {
  std::array<std::byte, 2> buffer{};
  co_await stage.stream.recv_exactly(buffer);
  co_await stage.stream.send_all(bytes("pong"));
  co_await stage.stream.recv_until(";", 10);
  const std::size_t last = co_await stage.stream.recv(buffer);
  EXPECT_EQ(last, 1U);
}

Task<> wait_for_readiness(Stage& stage) {
  stage.host.scheduler().handles().not_yet(stage.stream.handle());
  co_await stage.host.scheduler().wait(stage.stream.handle(), Direction::recv);
  co_await stage.host.scheduler().wait(stage.stream.handle(), Direction::send);
}

Task<> accept_a_client(Stage& stage) {
  auto accepted = co_await stage.listener.accept();
  EXPECT_TRUE(accepted.has_value());
}

Task<> hold_everything(Stage& stage) {
  const auto lock = co_await stage.mutex.lock();
  const auto permit = co_await stage.semaphore.acquire();
  co_await sleep_for(1ms);
}
Task<> lock_and_acquire(Stage& stage) {
  const auto lock = co_await stage.mutex.lock();
  co_await sleep_for(1ms);
  const auto permit = co_await stage.semaphore.acquire();
  co_await yield();
}

Task<> wait_to_be_notified(Stage& stage) {
  auto lock = co_await stage.mutex.lock();
  co_await stage.condition.wait(lock);
}
Task<> notify_under_the_lock(Stage& stage) {
  co_await sleep_for(1ms);
  const auto lock = co_await stage.mutex.lock();
  stage.condition.notify_one();
  co_await sleep_for(1ms);
}

Task<> wait_for_an_event(Stage& stage) { co_await stage.event.wait(); }
Task<> set_the_event(Stage& stage) {
  co_await sleep_for(1ms);
  stage.event.set();
}

Task<> receive_items(Stage& stage) {
  for (int i = 0; i < 3; ++i) {
    const auto item = co_await stage.channel.recv();
    EXPECT_TRUE(item.has_value());
    ++stage.received;
    co_await yield();
  }
}
Task<> send_items(Stage& stage) {
  for (int i = 0; i < 3; ++i) {
    co_await stage.channel.send(i);
    ++stage.sent;
    co_await sleep_for(1ms);
  }
}

Task<> send_to_a_rendezvous(Stage& stage) {
  co_await stage.rendezvous.send(1);
  co_await stage.rendezvous.send(2);
}
Task<> receive_at_a_rendezvous(Stage& stage) {
  co_await sleep_for(1ms);
  const auto first = co_await stage.rendezvous.recv();
  co_await sleep_for(1ms);
  const auto second = co_await stage.rendezvous.recv();
  EXPECT_EQ(first.value() + second.value(), 3);
}

Task<> open_groups(Stage& stage) {
  TaskGroup outer(stage.host);
  outer.spawn(nap());
  outer.spawn([&stage]() -> Task<> {
    TaskGroup inner(stage.host);
    inner.spawn(nap(2ms));
    inner.spawn(wait_for_an_event(stage));
    co_await inner.join();
  });
  co_await outer.join();
}

Task<> supervise(Stage& stage) {
  SupervisorOptions options;
  options.limit = 1;
  Supervisor sessions(stage.host, options);
  for (int i = 0; i < 3; ++i) {
    co_await sessions.room();
    sessions.spawn(nap());
  }
  co_await sessions.join();
}

Task<> run_several_at_once(Stage& stage) {
  co_await when_all(nap(1ms), wait_for_an_event(stage), nap(2ms));
  co_await when_any(nap(1ms), nap(1h), nap(1ms));
}

Task<> await_operations_at_once(Stage& stage) {
  co_await with_timeout(5ms, stage.event.wait());
  {
    const auto [lock, permit] =
        co_await when_all(with_timeout(1s, stage.mutex.lock()), stage.semaphore.acquire());
    EXPECT_TRUE(lock.held() && permit.held());
  }
  auto worker = stage.host.spawn("worker", nap(2ms));
  co_await when_any(worker.join(), sleep_for(1ms), yield(), stage.channel.recv());
  std::array<std::byte, 2> buffer{};
  co_await when_any(stage.stream.recv(buffer), sleep_for(1ms));
}

Task<> run_within_limits(Stage& /*stage*/) {
  co_await with_timeout(2ms, nap());
  const auto limited = []() -> Task<> { co_await with_timeout(1ms, nap(1h)); };
  const auto error = co_await failure_of(limited());
  EXPECT_EQ(error, std::errc::timed_out);
}

Task<> clean_up_at_the_end(Stage& stage) {
  const auto clean_up = [&stage]() -> Task<> {
    const auto lock = co_await stage.mutex.lock();
    co_await sleep_for(1ms);
  };
  co_await finally(nap(), clean_up, 1s);
}

Task<> join_another(Stage& stage) {
  auto worker = stage.host.spawn("worker", nap(2ms));
  co_await worker.ended();
  co_await worker.join();
}

struct Scenario {
  const char* name;
  Part victim;
  Part partner = no_partner;
};
void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.name; }

class CancellationPoints : public ::testing::TestWithParam<Scenario> {
 protected:
  // A round and a poll take turns.
  static void step(Scheduler<ScriptedNetwork>& scheduler, std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) {
      if (i % 2 == 0) {
        scheduler.round();
      } else {
        scheduler.poll(scheduler.ready_count() != 0 ? scheduler.now() : never);
      }
    }
  }
  // Ends what is left of the partner, which may have waited for its victim.
  static void expect_nothing_left(Stage& stage, JoinHandle<>& partner) {
    stage.host.run();
    partner.cancel();
    EXPECT_EQ(stage.host.run(), RunEnd::done);
    EXPECT_EQ(stage.host.scheduler().timers().size(), 0U);
    EXPECT_TRUE(stage.network.watched().empty());
    EXPECT_EQ(stage.semaphore.free(), 1U);
    EXPECT_FALSE(stage.mutex.is_locked());
    EXPECT_EQ(stage.sent, stage.received + static_cast<int>(stage.channel.size()));
  }
};

TEST_P(CancellationPoints, leave_nothing_behind_when_a_task_is_cancelled) {
  bool ended = false;
  for (std::size_t steps = 0; !ended; ++steps) {
    ASSERT_LT(steps, 200U) << "the scenario does not end by itself";
    SCOPED_TRACE("cancelled after " + std::to_string(steps) + " steps");
    const NoFrameIsLeft no_frame_is_left;
    Stage stage;
    auto partner = stage.host.spawn("partner", GetParam().partner(stage));
    auto victim = stage.host.spawn("victim", GetParam().victim(stage));
    step(stage.host.scheduler(), steps);
    ended = victim.done();
    victim.cancel();
    expect_nothing_left(stage, partner);
    EXPECT_EQ(victim.task().cancelled(), !ended);
    EXPECT_FALSE(victim.task().failed());
  }
}

TEST_P(CancellationPoints, leave_nothing_behind_when_a_timeout_cuts_a_task_short) {
  bool ended = false;
  for (Duration limit = 0us; !ended; limit += 250us) {
    ASSERT_LT(limit, 1s) << "the scenario does not end by itself";
    SCOPED_TRACE("cut short after " + std::to_string(limit.count()) + " ns");
    const NoFrameIsLeft no_frame_is_left;
    Stage stage;
    auto partner = stage.host.spawn("partner", GetParam().partner(stage));
    const auto limited = [&]() -> Task<> {
      co_await with_timeout(limit, GetParam().victim(stage));
      ended = true;
    };
    stage.host.spawn("victim", limited);
    expect_nothing_left(stage, partner);
    EXPECT_EQ(stage.host.scheduler().failures(), ended ? 0U : 1U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Scenarios, CancellationPoints,
    ::testing::Values(
        Scenario{"sleep_and_yield", sleep_and_yield},
        Scenario{"receive_and_send", receive_and_send},
        Scenario{"wait_for_readiness", wait_for_readiness},
        Scenario{"accept_a_client", accept_a_client},
        Scenario{"lock_and_acquire", lock_and_acquire, hold_everything},
        Scenario{"wait_to_be_notified", wait_to_be_notified, notify_under_the_lock},
        Scenario{"wait_for_an_event", wait_for_an_event, set_the_event},
        Scenario{"receive_items", receive_items, send_items},
        Scenario{"send_items", send_items, receive_items},
        Scenario{"send_to_a_rendezvous", send_to_a_rendezvous, receive_at_a_rendezvous},
        Scenario{"receive_at_a_rendezvous", receive_at_a_rendezvous, send_to_a_rendezvous},
        Scenario{"open_groups", open_groups, set_the_event}, Scenario{"supervise", supervise},
        Scenario{"run_several_at_once", run_several_at_once, set_the_event},
        Scenario{"await_operations_at_once", await_operations_at_once, set_the_event},
        Scenario{"run_within_limits", run_within_limits},
        Scenario{"clean_up_at_the_end", clean_up_at_the_end},
        Scenario{"join_another", join_another}),
    [](const auto& scenario) { return std::string(scenario.param.name); });

}  // namespace
}  // namespace rehearsal::sched
