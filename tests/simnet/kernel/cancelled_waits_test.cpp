// Cancelling a wait for another task loses nothing. Each operation is cancelled at every instant of
// its run and in every order with the other tasks of that instant, and then repeated. Each item,
// permit, notification and result comes once.
#include <algorithm>
#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "sched/sync/channel.hpp"
#include "sched/sync/condition.hpp"
#include "sched/sync/semaphore.hpp"
#include "tests/simnet/kernel/cancelled.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

class CancelledWait : public Cancelled {};

struct Meeting {
  explicit Meeting(std::size_t capacity) : items(capacity) {}

  sched::Channel<char> items;
  sched::Semaphore permits{1};
  sched::Mutex mutex;
  sched::Condition changed{mutex};
  int tickets = 0;
};

Task<> take_items(Meeting& meeting, CutWorld& shared) {
  while (shared.got.size() < shared.expected.size()) {
    const auto item = co_await meeting.items.recv();
    shared.got += *item;
    co_await sched::yield();
  }
}
Task<> give_items(Meeting& meeting, const std::string& all) {
  for (const char item : all) {
    co_await meeting.items.send(item);
    co_await sched::sleep_for(1us);
  }
}
void add_receiver(const Shared& shared, std::size_t capacity) {
  shared->expected = "abcde";
  shared->world.host("taker").spawn([shared, capacity](ProgramHost& host) -> Task<> {
    Meeting meeting(capacity);
    auto giver = host.spawn("giver", give_items(meeting, shared->expected));
    const auto make = [&] { return take_items(meeting, *shared); };
    co_await cut_short(host, shared->cut, make, shared->ended);
    co_await giver.join();
  });
}

// A cancelled send may or may not have sent its item. An item comes at most once, and exactly once
// if its send completed.
Task<> give_numbered(Meeting& meeting, char& next, std::string& sent) {
  while (next <= 'e') {
    const char item = next++;
    co_await meeting.items.send(item);
    sent += item;
  }
}
void add_sender(const Shared& shared, std::size_t capacity) {
  shared->world.host("taker").spawn([shared, capacity](ProgramHost& host) -> Task<> {
    Meeting meeting(capacity);
    char next = 'a';
    std::string sent;
    auto taker = host.spawn("taker", [&]() -> Task<> {
      for (;;) {
        co_await sched::sleep_for(1us);
        const auto item = co_await meeting.items.recv();
        if (!item) {
          co_return;
        }
        shared->got += *item;
      }
    });
    const auto make = [&] { return give_numbered(meeting, next, sent); };
    co_await cut_short(host, shared->cut, make, shared->ended);
    meeting.items.close();
    co_await taker.join();
    for (const char item : std::string("abcde")) {
      const auto came = std::ranges::count(shared->got, item);
      EXPECT_LE(came, 1) << item;
      EXPECT_GE(came, std::ranges::count(sent, item)) << item;
    }
    EXPECT_TRUE(std::ranges::is_sorted(shared->got)) << shared->got;
    shared->expected = shared->got;
  });
}

Task<> hold(Meeting& meeting, CutWorld& shared) {
  const auto permit = co_await meeting.permits.acquire();
  const auto lock = co_await meeting.mutex.lock();
  co_await sched::sleep_for(2us);
  shared.got += 'h';
}
void add_permits(const Shared& shared) {
  shared->world.host("taker").spawn([shared](ProgramHost& host) -> Task<> {
    Meeting meeting(1);
    auto before = host.spawn("before", hold(meeting, *shared));
    const auto make = [&] { return hold(meeting, *shared); };
    co_await cut_short(host, shared->cut, make, shared->ended);
    co_await before.join();
    EXPECT_EQ(meeting.permits.free(), 1U);
    EXPECT_FALSE(meeting.mutex.is_locked());
    shared->expected = "hh";
  });
}

// Each ticket has one notification: if it goes to a cancelled task, another task gets it.
Task<> take_ticket(Meeting& meeting, CutWorld& shared) {
  auto lock = co_await meeting.mutex.lock();
  while (meeting.tickets == 0) {
    co_await meeting.changed.wait(lock);
  }
  --meeting.tickets;
  shared.got += 't';
}
void add_condition(const Shared& shared) {
  shared->expected = "tt";
  shared->world.host("taker").spawn([shared](ProgramHost& host) -> Task<> {
    Meeting meeting(1);
    host.spawn("notifies", [&]() -> Task<> {
      for (int i = 0; i < 2; ++i) {
        co_await sched::sleep_for(3us);
        const auto lock = co_await meeting.mutex.lock();
        ++meeting.tickets;
        meeting.changed.notify_one();
        co_await sched::sleep_for(1us);
      }
    });
    const auto make = [&] { return take_ticket(meeting, *shared); };
    auto other = host.spawn("other", [&]() -> Task<> {
      co_await sched::sleep_for(1us);
      co_await take_ticket(meeting, *shared);
    });
    co_await cut_short(host, shared->cut, make, shared->ended);
    co_await other.join();
  });
}

// The result stays with the task until another task has taken it.
Task<> join_it(sched::JoinHandle<int>& child, CutWorld& shared) {
  const int result = co_await child.join();
  shared.got = std::to_string(result);
}
void add_join(const Shared& shared) {
  shared->expected = "7";
  shared->world.host("taker").spawn([shared](ProgramHost& host) -> Task<> {
    auto child = host.spawn("child", []() -> Task<int> {
      co_await sched::sleep_for(3us);
      co_return 7;
    });
    const auto make = [&] { return join_it(child, *shared); };
    co_await cut_short(host, shared->cut, make, shared->ended);
  });
}

TEST_P(CancelledWait, at_every_instant_loses_nothing) { at_every_instant(); }
TEST_P(CancelledWait, in_any_run_loses_nothing) { in_any_run(); }

INSTANTIATE_TEST_SUITE_P(
    Operations, CancelledWait,
    ::testing::Values(
        CutCase{"channel_recv", [](const Shared& shared) { add_receiver(shared, 1); }},
        CutCase{"rendezvous_recv", [](const Shared& shared) { add_receiver(shared, 0); }},
        CutCase{"channel_send", [](const Shared& shared) { add_sender(shared, 1); }},
        CutCase{"rendezvous_send", [](const Shared& shared) { add_sender(shared, 0); }},
        CutCase{"permits", add_permits}, CutCase{"condition", add_condition},
        CutCase{"join", add_join}),
    [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace rehearsal::simnet
