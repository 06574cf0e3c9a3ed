#include "simnet/network/event_queue.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/whole_range.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Instant;

Instant at(std::int64_t nanoseconds) { return Instant(std::chrono::nanoseconds(nanoseconds)); }

std::vector<std::uint32_t> order_of(EventQueue& queue) {
  std::vector<std::uint32_t> hosts;
  while (!queue.empty()) {
    hosts.push_back(queue.soon(0).host);
    queue.set(hosts.back(), sched::never);
  }
  return hosts;
}

TEST(EventQueue, is_in_order_of_instant_and_then_of_number) {
  EventQueue queue;
  for (int i = 0; i < 4; ++i) {
    queue.add();
  }
  queue.set(3, at(5));
  queue.set(1, at(7));
  queue.set(2, at(5));
  EXPECT_EQ(queue.soon_count(), 3U);
  EXPECT_EQ(queue.soon(1).host, 3U);
  EXPECT_EQ(order_of(queue), (std::vector<std::uint32_t>{2, 3, 1}));
}

TEST(EventQueue, is_lowered_only_to_what_comes_before) {
  EventQueue queue;
  queue.add();
  queue.lower(0, at(9));
  queue.lower(0, at(12));
  EXPECT_EQ(queue.soon(0).at, at(9));
  queue.lower(0, at(4));
  EXPECT_EQ(queue.soon(0).at, at(4));
}

// Compares the queue with the simplest equivalent implementation.
class Compared {
 public:
  explicit Compared(std::uint32_t hosts) {
    for (std::uint32_t host = 0; host < hosts; ++host) {
      queue_.add();
    }
  }
  void set(std::uint32_t host, Instant when) {
    queue_.set(host, when);
    due_[host] = when;
  }
  void lower(std::uint32_t host, Instant when) {
    queue_.lower(host, when);
    Instant& known = due_.emplace(host, when).first->second;
    known = std::min(known, when);
  }
  // Runs the first host, which is then due again after `later`, or never.
  void turn(std::int64_t later) {
    if (!queue_.empty()) {
      const EventQueue::Entry first = queue_.top();
      set(first.host, later < 100 ? sched::never : first.at + std::chrono::nanoseconds(later));
    }
  }
  void compare() {
    std::erase_if(due_, [](const auto& one) { return one.second == sched::never; });
    std::vector<std::pair<Instant, std::uint32_t>> expected;
    for (const auto& [number, instant] : due_) {
      expected.emplace_back(instant, number);
    }
    std::ranges::sort(expected);
    RC_ASSERT(queue_.empty() == expected.empty());
    RC_ASSERT(queue_.soon_count() >= std::min(expected.size(), EventQueue::least_soon));
    RC_ASSERT(queue_.soon_count() <= expected.size());
    for (std::size_t ahead = 0; ahead < queue_.soon_count(); ++ahead) {
      RC_ASSERT(queue_.soon(ahead).at == expected[ahead].first);
      RC_ASSERT(queue_.soon(ahead).host == expected[ahead].second);
    }
    std::vector<std::uint32_t> tied;
    for (const auto& [instant, number] : expected) {
      if (instant == expected.front().first) {
        tied.push_back(number);
      }
    }
    RC_ASSERT(expected.empty() || queue_.tied() == tied);
  }

 private:
  EventQueue queue_;
  std::map<std::uint32_t, Instant> due_;
};

using Steps = std::vector<std::pair<std::uint32_t, std::int64_t>>;

Steps any_steps(std::size_t count, std::uint32_t hosts, std::int64_t most) {
  return *rc::gen::container<Steps>(count,
                                    rc::gen::pair(whole_range<std::uint32_t>(0, hosts + hosts / 3),
                                                  whole_range<std::int64_t>(0, most)));
}

void take(Compared& compared, std::uint32_t host, std::uint32_t hosts, std::int64_t when) {
  if (host >= hosts) {
    compared.turn(when);
  } else if (when % 3 == 0) {
    compared.set(host, at(when));
  } else {
    compared.lower(host, at(when));
  }
}

RC_GTEST_PROP(EventQueue, of_some_hosts_returns_the_next_as_an_ordered_set_does, ()) {
  constexpr std::uint32_t hosts = 60;
  Compared compared(hosts);
  for (const auto& [host, when] : any_steps(400, hosts, 300)) {
    take(compared, host, hosts, when);
    compared.compare();
  }
}

// More hosts than the row holds.
RC_GTEST_PROP(EventQueue, of_many_hosts_returns_the_next_as_an_ordered_set_does, ()) {
  constexpr std::uint32_t hosts = 400;
  Compared compared(hosts);
  for (std::uint32_t host = 0; host < hosts; ++host) {
    compared.set(host, at(*whole_range<std::int64_t>(0, 300)));
  }
  for (const auto& [host, when] : any_steps(400, hosts, 300)) {
    take(compared, host, hosts, when);
    compared.compare();
  }
}

// More hosts than the heap holds: hosts that are due soon are kept separately.
RC_GTEST_PROP(EventQueue, of_very_many_hosts_returns_the_next_as_an_ordered_set_does, ()) {
  constexpr std::uint32_t hosts = 900;
  const auto most = *rc::gen::element<std::int64_t>(400, 100'000);
  Compared compared(hosts);
  for (std::uint32_t host = 0; host < hosts; ++host) {
    compared.set(host, at(*whole_range<std::int64_t>(0, most)));
  }
  for (int round = 0; round < 4; ++round) {
    for (const auto& [host, when] : any_steps(100, hosts, most)) {
      take(compared, host, hosts, when);
    }
    compared.compare();
    for (std::uint32_t turn = 0; turn < hosts / 2; ++turn) {
      compared.turn(*whole_range<std::int64_t>(0, most));
    }
    compared.compare();
  }
}

}  // namespace
}  // namespace rehearsal::simnet
