// The messages of a sweep's workers come through a pipe in pieces of any size.
#include "harness/process/wire.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "harness/process/child.hpp"

namespace rehearsal::harness {
namespace {

Tallied some_tally() {
  Tallied tallied;
  tallied.begin = 70;
  tallied.end = 77;
  tallied.tally.runs = 3;
  tallied.tally.failed = 1;
  tallied.tally.steps = 1'000;
  tallied.tally.time = sched::Duration(123'456'789);
  tallied.tally.digest = 0xfedcba9876543210;
  tallied.tally.faults["reset"] = {"reset", true, 30, 20, 10};
  tallied.tally.fired[index(simnet::Site::late)] = 5;
  tallied.tally.sometimes["retried"] = true;
  tallied.tally.sometimes["lost"] = false;
  return tallied;
}

std::vector<Message> through_a_pipe(const std::string& bytes, std::size_t piece) {
  MessageReader reader;
  std::vector<Message> messages;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.add(std::string_view(bytes).substr(at, piece));
    while (auto message = reader.next()) {
      messages.push_back(std::move(*message));
    }
  }
  return messages;
}

TEST(Wire, EveryMessageComesThroughWhole) {
  const std::string bytes =
      to_bytes(RunFailed{7, 0xabc, "deadlock", "what\nfailed"}) + to_bytes(some_tally()) +
      to_bytes(Deviates{{{simnet::Site::program, "a/b", 3}, 9}}) + to_bytes(Logs{"a line"}) +
      to_bytes(RunEnded{{}, 7, std::string(1, '\0')}) + to_bytes(Ends{});
  for (const std::size_t piece : {std::size_t{1}, std::size_t{13}, bytes.size()}) {
    SCOPED_TRACE(piece);
    const std::vector<Message> messages = through_a_pipe(bytes, piece);
    ASSERT_EQ(messages.size(), 6U);
    const auto& failure = std::get<RunFailed>(messages[0]);
    EXPECT_EQ(failure.seed, 7U);
    EXPECT_EQ(failure.digest, 0xabcU);
    EXPECT_EQ(failure.kind, "deadlock");
    EXPECT_EQ(failure.what, "what\nfailed");
    const auto& tallied = std::get<Tallied>(messages[1]);
    const Tallied sent = some_tally();
    EXPECT_EQ(tallied.begin, sent.begin);
    EXPECT_EQ(tallied.end, sent.end);
    EXPECT_EQ(tallied.tally.runs, sent.tally.runs);
    EXPECT_EQ(tallied.tally.failed, sent.tally.failed);
    EXPECT_EQ(tallied.tally.steps, sent.tally.steps);
    EXPECT_EQ(tallied.tally.time, sent.tally.time);
    EXPECT_EQ(tallied.tally.digest, sent.tally.digest);
    EXPECT_EQ(tallied.tally.fired, sent.tally.fired);
    EXPECT_EQ(tallied.tally.sometimes, sent.tally.sometimes);
    const simnet::FaultCount& fault = tallied.tally.faults.at("reset");
    EXPECT_EQ(fault.name, "reset");
    EXPECT_TRUE(fault.optional);
    EXPECT_EQ(fault.matched, 30U);
    EXPECT_EQ(fault.fired, 20U);
    EXPECT_EQ(fault.mattered, 10U);
    EXPECT_EQ(std::get<Deviates>(messages[2]).deviation.to_string(), "program/a/b/3=9");
    EXPECT_EQ(std::get<Logs>(messages[3]).line, "a line");
    const auto& ended = std::get<RunEnded>(messages[4]);
    EXPECT_FALSE(ended.outcome.failure);
    EXPECT_EQ(ended.status, 7U);
    EXPECT_EQ(ended.what, std::string(1, '\0'));
    EXPECT_TRUE(std::holds_alternative<Ends>(messages[5]));
  }
}

TEST(Wire, WhatIsAskedOfAnAttemptAndWhatCameOfItComeThroughWhole) {
  simnet::Outcome outcome;
  outcome.failure = {simnet::FailureKind::deadlock, "it waits", "a.cpp:3"};
  outcome.deviated = {{{simnet::Site::late, "a/b#0>", 3}, 9}, {{simnet::Site::run, "c", 0}, 1}};
  outcome.steps = 44;
  outcome.digest = 0xfeed;
  const simnet::Schedule schedule{"echo", 7, outcome.deviated};
  const std::vector<Message> messages =
      through_a_pipe(to_bytes(Tries{schedule, 12, 34}) + to_bytes(RunEnded{outcome, 6, "what"}), 7);
  ASSERT_EQ(messages.size(), 2U);
  const auto& tries = std::get<Tries>(messages[0]);
  EXPECT_EQ(tries.schedule, schedule);
  EXPECT_EQ(tries.from_step, 12U);
  EXPECT_EQ(tries.seed, 34U);
  const simnet::Outcome& tried = std::get<RunEnded>(messages[1]).outcome;
  EXPECT_EQ(tried.failure, outcome.failure);
  EXPECT_EQ(tried.deviated, outcome.deviated);
  EXPECT_EQ(tried.steps, 44U);
  EXPECT_EQ(tried.digest, 0xfeedU);
  EXPECT_EQ(std::get<RunEnded>(messages[1]).status, 6U);
  EXPECT_EQ(std::get<RunEnded>(messages[1]).what, "what");
}

TEST(Wire, HalfAMessageIsNone) {
  const std::string bytes = to_bytes(Logs{"a line"});
  EXPECT_TRUE(through_a_pipe(bytes.substr(0, bytes.size() - 1), 100).empty());
}

// Returns the bytes of a message of this kind, with this body.
std::string framed(std::size_t kind, const std::string& body) {
  std::string bytes;
  for (const std::size_t number : {kind, body.size()}) {
    bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  return bytes + body;
}

TEST(Wire, ADamagedMessageIsNoMessage) {
  const std::size_t ends = Message(Ends()).index();
  const std::size_t logs = Message(Logs()).index();
  const std::size_t deviates = Message(Deviates()).index();
  const std::size_t tallied = Message(Tallied()).index();
  const std::string zeros(8, '\0');
  const std::string whole_tally = to_bytes(some_tally()).substr(16);
  std::string swapped = whole_tally;
  swapped[swapped.find("lost")] = 'z';  // before "retried" in a map
  for (const std::string& bytes :
       {framed(std::variant_size_v<Message>, ""), framed(ends, ""), framed(ends, "\2"),
        framed(ends, std::string(2, '\0')), framed(logs, std::string(8, '\xff')),
        framed(logs, "\1" + zeros.substr(1)), framed(logs, zeros.substr(1)),
        framed(deviates, "\xff" + zeros + zeros), framed(tallied, swapped),
        framed(tallied, whole_tally.substr(0, whole_tally.size() - 1))}) {
    MessageReader reader;
    reader.add(to_bytes(Begins{7}) + bytes);
    EXPECT_FALSE(reader.damaged());
    EXPECT_TRUE(reader.next());
    EXPECT_FALSE(reader.next()) << testing::PrintToString(bytes);
    EXPECT_TRUE(reader.damaged()) << testing::PrintToString(bytes);
    reader.add(to_bytes(Begins{7}));
    EXPECT_FALSE(reader.next());
  }
}

// A crash may overwrite the descriptors of the child.
TEST(Child, ThatSendsADamagedMessageIsKilled) {
  const ChildEnd end = run_in_child(
      [](const Parent& parent) {
        parent.tell(Logs{"first"});
        const std::string rubbish(64, 'x');
        for (int descriptor = 3; descriptor < 64; ++descriptor) {
          ::send(descriptor, framed(999, rubbish).data(), rubbish.size() + 16, MSG_NOSIGNAL);
        }
        for (;;) {
          ::pause();
        }
      },
      [](const Message& message) { EXPECT_EQ(std::get<Logs>(message).line, "first"); });
  EXPECT_EQ(end.how, "it sent a damaged message");
}

}  // namespace
}  // namespace rehearsal::harness
