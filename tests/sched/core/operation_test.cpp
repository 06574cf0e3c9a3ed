// Each awaitable of the library can be passed to with_timeout, when_all and when_any as it is.
#include "sched/core/operation.hpp"

#include <array>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>

#include "sched/sync/channel.hpp"
#include "sched/sync/condition.hpp"
#include "sched/sync/event.hpp"
#include "sched/sync/mutex.hpp"
#include "sched/sync/supervisor.hpp"
#include "sched/sync/when.hpp"
#include "tests/sched/scripted_test.hpp"
#include "tests/sched/simple_tasks.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;
using Net = simnet::ScriptedNetwork;

template <class... As>
constexpr bool all_awaitable = (Awaitable<As> && ...);

static_assert(
    all_awaitable<Task<>, Task<int>, Sleep, Yield, Timeout<int>, Event::Wait, Semaphore::Acquire,
                  Channel<int>::Send, Channel<int>::Receive, Channel<std::unique_ptr<int>>::Send,
                  JoinHandle<>::Join, JoinHandle<int>::End, Scheduler<Net>::ReadinessWait>);
static_assert(all_awaitable<Stream<Net>::Recv, Stream<Net>::RecvExactly, Stream<Net>::RecvUntil,
                            Stream<Net>::Peek, Stream<Net>::Send>);
static_assert(!Awaitable<int> && !Awaitable<JoinHandle<>> && !Awaitable<Event>);

class OperationTest : public ScriptedHostTest {};

TEST_F(OperationTest, of_each_kind_ends_when_its_time_is_over) {
  Event event;
  Semaphore semaphore(0);
  Mutex mutex;
  Channel<int> channel(0);
  const auto locked = mutex.try_lock();
  auto sleeper = host_.spawn(sleep_for_ever());
  const auto every_kind = [&]() -> Task<> {
    for (int kind = 0; kind < 8; ++kind) {
      std::error_code code;
      try {
        switch (kind) {
          case 0:
            co_await with_timeout(1ms, event.wait());
            break;
          case 1:
            co_await with_timeout(1ms, semaphore.acquire());
            break;
          case 2:
            co_await with_timeout(1ms, mutex.lock());
            break;
          case 3:
            co_await with_timeout(1ms, channel.send(7));
            break;
          case 4:
            co_await with_timeout(1ms, channel.recv());
            break;
          case 5:
            co_await with_timeout(1ms, sleep_for(1h));
            break;
          case 6:
            co_await with_timeout(1ms, sleeper.join());
            break;
          default:
            co_await with_timeout(1ms, with_timeout(1h, sleep_until(never)));
            break;
        }
      } catch (const std::system_error& error) {
        code = error.code();
      }
      EXPECT_EQ(code, std::errc::timed_out) << "kind " << kind;
    }
  };
  run(every_kind());
  EXPECT_EQ(host_.now(), at(8ms));
  EXPECT_EQ(host_.scheduler().timers().size(), 1U);  // the sleeper's own
  sleeper.cancel();
  host_.run();
}

TEST_F(OperationTest, returns_its_result_through_all_and_any) {
  Mutex mutex;
  Channel<std::unique_ptr<int>> channel(1);
  auto seven = host_.spawn([]() -> Task<int> { co_return 7; });
  const auto body = [&]() -> Task<int> {
    auto [lock, sent, joined, slept] = co_await when_all(
        mutex.lock(), channel.send(std::make_unique<int>(5)), seven.join(), sleep_for(1ms));
    EXPECT_TRUE(lock.held());
    auto [item, never_set] = co_await when_any(channel.recv(), sleep_for(1h));
    EXPECT_FALSE(never_set.has_value());
    co_return joined + **item.value();
  };
  EXPECT_EQ(run(body()), 12);
  EXPECT_FALSE(mutex.is_locked());
}

TEST_F(OperationTest, that_another_one_beats_loses_no_item_and_no_permit) {
  Channel<int> channel(1);
  Semaphore semaphore(1);
  auto taken = semaphore.try_acquire();
  auto both = host_.spawn(when_any(channel.recv(), semaphore.acquire()));
  host_.spawn([&]() -> Task<> {
    co_await sleep_for(1ms);
    co_await channel.send(3);
    taken.release();
  });
  host_.run();
  const auto [item, permit] = both.take();
  EXPECT_EQ(item.value(), 3);
  EXPECT_EQ(semaphore.free(), permit.has_value() ? 0U : 1U);
}

TEST_F(OperationTest, may_return_a_reference) {
  int counter = 0;
  const auto refer = [&]() -> Task<int&> { co_return counter; };
  const auto body = [&]() -> Task<> {
    auto [here] = co_await when_all(refer());
    ++here;
    auto [first, second] = co_await when_any(refer(), sleep_for(1h));
    ++first->get();
    ++co_await with_timeout(1s, refer());
  };
  run(body());
  EXPECT_EQ(counter, 3);
}

TEST_F(OperationTest, of_a_socket_keeps_what_it_has_received) {
  simnet::ScriptedSocket socket;
  socket.receives = {"hel", "lo\n"};
  network_ = Net({takes(1ms), finds({readable(5)})});
  network_.script(5, socket);
  Stream<Net> stream(host_.scheduler(), 5, Endpoint());
  const auto body = [&]() -> Task<std::string> {
    std::error_code code;
    try {
      co_await with_timeout(1ms, stream.recv_until("\n", 100));
    } catch (const std::system_error& error) {
      code = error.code();
    }
    EXPECT_EQ(code, std::errc::timed_out);
    auto [line, late] = co_await when_any(stream.recv_until("\n", 100), sleep_for(1h));
    co_return line.value();
  };
  EXPECT_EQ(run(body()), "hello\n");
}

// A report shows where the program waits, not where the library does.
TEST_F(OperationTest, waits_at_the_line_of_its_caller) {
  Event event;
  unsigned line = 0;
  auto handle = host_.spawn([&]() -> Task<> {
    line = __LINE__ + 1;
    co_await with_timeout(1ms, event.wait());
  });
  host_.scheduler().round();
  EXPECT_EQ(handle.task().waits_on(), "event");
  EXPECT_EQ(handle.task().where().line(), line);
  EXPECT_EQ(handle.task().frames().back().line(), line);
  auto child = host_.spawn(as_task(event.wait()));
  host_.scheduler().round();
  EXPECT_NE(child.task().where().line(), 0U) << "no caller, so the line in the library";
  event.set();
  host_.run();
}

}  // namespace
}  // namespace rehearsal::sched
