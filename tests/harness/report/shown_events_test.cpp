#include "harness/report/shown_events.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace rehearsal::harness {
namespace {

using simnet::Op;

// A run in which `client` sends on its connection at each tenth event, and `other` does the rest.
simnet::Diagnostics run_of(std::uint64_t events) {
  simnet::Diagnostics evidence;
  for (std::uint64_t number = 1; number <= events; ++number) {
    simnet::NumberedEvent one;
    one.number = number;
    const bool sends = number % 10 == 0;
    one.event.host = sends ? "client" : "other";
    one.event.task = one.event.host + "/talk";
    one.event.op = sends ? Op::send : Op::random;
    one.event.handle = sends ? "client/talk#0>" : "";
    evidence.history.add(std::move(one));
  }
  return evidence;
}

void deviate(simnet::Diagnostics& evidence, std::uint64_t event) {
  simnet::AppliedDeviation applied;
  applied.deviation = {{simnet::Site::late, "client/talk#0>", 1}, 7};
  applied.event = event - 1;
  applied.host = "client";
  evidence.deviations.push_back(applied);
}

std::vector<std::uint64_t> numbers(const EventRows& rows) {
  std::vector<std::uint64_t> all;
  for (const simnet::NumberedEvent* row : rows) {
    all.push_back(row->number);
  }
  return all;
}

bool contains(const EventRows& rows, std::uint64_t number) {
  return std::ranges::find(rows, number, &simnet::NumberedEvent::number) != rows.end();
}

void set(simnet::Diagnostics& evidence, std::uint64_t number, const std::string& task, Op op,
         const std::string& handle) {
  simnet::NumberedEvent one = *evidence.history.find(number);
  one.event.task = task;
  one.event.host = task.substr(0, task.find('/'));
  one.event.op = op;
  one.event.handle = handle;
  one.event.result = 5;
  simnet::History changed;
  for (const simnet::NumberedEvent& old : evidence.history) {
    changed.add(old.number == number ? one : old);
  }
  evidence.history = std::move(changed);
}

// "server" sends to "client" what follows from what it received from "other".
TEST(ShownEvents, AreTheWayToTheFailedCheck) {
  simnet::Diagnostics evidence = run_of(1'000);
  set(evidence, 511, "server/a", Op::recv, "other/talk#0<");
  set(evidence, 523, "server/b", Op::recv, "client/talk#0<");
  set(evidence, 534, "server/b", Op::send, "client/talk#0<");
  set(evidence, 645, "client/talk", Op::recv, "client/talk#0>");
  set(evidence, 656, "client/talk", Op::log, "");
  evidence.failing_step = *evidence.history.find(1'000);
  const EventRows rows = shown_events(evidence, {});
  for (const std::uint64_t number : {511U, 523U, 534U, 645U, 656U}) {
    EXPECT_TRUE(contains(rows, number)) << number;
  }
}

TEST(ShownEvents, AreThoseOfTheConnectionAroundADeviation) {
  simnet::Diagnostics evidence = run_of(1'000);
  deviate(evidence, 500);
  const EventRows rows = shown_events(evidence, {});
  for (const std::uint64_t number : {480U, 490U, 500U, 510U, 520U, 1'000U}) {
    EXPECT_TRUE(contains(rows, number)) << number;
  }
  for (const std::uint64_t number : {470U, 501U, 530U}) {
    EXPECT_FALSE(contains(rows, number)) << number;
  }
}

TEST(ShownEvents, AreInOrderAndEachIsShownOnce) {
  simnet::Diagnostics evidence = run_of(1'000);
  deviate(evidence, 990);
  const std::vector<std::uint64_t> all = numbers(shown_events(evidence, {990, 1'000, 7}));
  EXPECT_TRUE(std::ranges::is_sorted(all));
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
  EXPECT_EQ(all.front(), 7U) << "what a deviation hit";
}

TEST(ShownEvents, AreAsManyAsTheyMayBe) {
  simnet::Diagnostics evidence = run_of(1'000);
  EXPECT_LE(shown_events(evidence, {}).size(), 30U);
  for (std::size_t count = 1; count <= 50; ++count) {
    deviate(evidence, count * 20);
    const std::size_t most = std::min<std::size_t>(62, 30 + (count - 1) * 8);
    EXPECT_LE(shown_events(evidence, {}).size(), most) << count;
  }
  EXPECT_TRUE(contains(shown_events(evidence, {}), 1'000)) << "the failed check is always there";
}

TEST(ShownEvents, HaveThePointOfNoReturnAndWhatItsTaskDidThen) {
  simnet::Diagnostics evidence = run_of(1'000);
  evidence.point_of_no_return = *evidence.history.find(301);
  const EventRows rows = shown_events(evidence, {});
  EXPECT_TRUE(contains(rows, 301));
  EXPECT_TRUE(contains(rows, 304));
  EXPECT_FALSE(contains(rows, 305));
}

}  // namespace
}  // namespace rehearsal::harness
