#include "simnet/agenda.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace rehearsal::simnet {
namespace {

using sched::Instant;

Instant at(std::int64_t nanoseconds) { return Instant(std::chrono::nanoseconds(nanoseconds)); }

std::vector<std::uint32_t> order_of(Agenda& agenda) {
  std::vector<std::uint32_t> hosts;
  while (!agenda.empty()) {
    hosts.push_back(agenda.soon(0).host);
    agenda.set(hosts.back(), sched::never);
  }
  return hosts;
}

TEST(Agenda, is_in_order_of_instant_and_then_of_number) {
  Agenda agenda;
  for (int i = 0; i < 4; ++i) {
    agenda.add();
  }
  agenda.set(3, at(5));
  agenda.set(1, at(7));
  agenda.set(2, at(5));
  EXPECT_EQ(agenda.soon_count(), 3U);
  EXPECT_EQ(agenda.soon(1).host, 3U);
  EXPECT_EQ(order_of(agenda), (std::vector<std::uint32_t>{2, 3, 1}));
}

TEST(Agenda, is_lowered_only_to_what_comes_before) {
  Agenda agenda;
  agenda.add();
  agenda.lower(0, at(9));
  agenda.lower(0, at(12));
  EXPECT_EQ(agenda.soon(0).at, at(9));
  agenda.lower(0, at(4));
  EXPECT_EQ(agenda.soon(0).at, at(4));
}

// Beside the simplest thing that does the same, with more hosts than the ring holds.
RC_GTEST_PROP(Agenda, of_many_hosts_gives_the_next_as_an_ordered_set_does, ()) {
  constexpr std::uint32_t hosts = 150;
  Agenda agenda;
  std::map<std::uint32_t, Instant> due;
  for (std::uint32_t host = 0; host < hosts; ++host) {
    agenda.add();
  }
  const auto steps = *rc::gen::container<std::vector<std::pair<std::uint32_t, std::int64_t>>>(
      400, rc::gen::pair(rc::gen::inRange<std::uint32_t>(0, hosts + 50),
                         rc::gen::inRange<std::int64_t>(0, 300)));
  for (const auto& [host, when] : steps) {
    if (host >= hosts) {  // the first has its turn, and is due again later or not at all
      if (!due.empty()) {
        const std::uint32_t first = agenda.soon(0).host;
        const Instant next =
            when < 100 ? sched::never : agenda.soon(0).at + std::chrono::nanoseconds(when);
        agenda.set(first, next);
        due[first] = next;
      }
    } else if (when % 3 == 0) {
      agenda.set(host, at(when));
      due[host] = at(when);
    } else {
      agenda.lower(host, at(when));
      const auto known = due.emplace(host, at(when)).first;
      known->second = std::min(known->second, at(when));
    }
    std::erase_if(due, [](const auto& one) { return one.second == sched::never; });
    std::vector<std::pair<Instant, std::uint32_t>> expected;
    for (const auto& [number, instant] : due) {
      expected.emplace_back(instant, number);
    }
    std::ranges::sort(expected);
    RC_ASSERT(agenda.empty() == expected.empty());
    RC_ASSERT(agenda.soon_count() == std::min<std::size_t>(expected.size(), Agenda::ring_size));
    for (std::size_t ahead = 0; ahead < agenda.soon_count(); ++ahead) {
      RC_ASSERT(agenda.soon(ahead).at == expected[ahead].first);
      RC_ASSERT(agenda.soon(ahead).host == expected[ahead].second);
    }
  }
}

}  // namespace
}  // namespace rehearsal::simnet
