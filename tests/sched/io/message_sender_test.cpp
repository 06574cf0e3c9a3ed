#include "sched/io/message_sender.hpp"

#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"
#include "sched/sync/timeout.hpp"
#include "tests/sched/io/stream_test.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;
using simnet::ScriptedNetwork;
using Sender = MessageSender<TestStream>;

class MessageSenderTest : public StreamTest {
 protected:
  // Opens the stream. Its socket becomes writable again 1 ms after each send that would block.
  TestStream& open_slow(Sends sends) {
    std::vector<simnet::ScriptedWait> waits;
    for (int i = 0; i < 20; ++i) {
      waits.push_back(finds({}));
      waits.push_back({{writable(client)}, 1ms});
    }
    network_ = ScriptedNetwork(std::move(waits));
    stream_ = std::make_unique<TestStream>(open({}, std::move(sends)));
    return *stream_;
  }
  Task<> send(Sender& sender, std::string message) {
    std::string outcome = "sent " + message;
    try {
      co_await sender.send(message);
    } catch (const std::system_error& error) {
      outcome = message + ": " + error.code().message();
    }
    log_.push_back(outcome);
  }

  std::unique_ptr<TestStream> stream_;
};

TEST_F(MessageSenderTest, sends_whole_messages_in_the_order_of_the_calls) {
  Sender sender(open_slow({2U, 0U, 1U, 0U, 2U, 0U}));
  for (const char* message : {"first.", "second.", "third."}) {
    host_.spawn(send(sender, message));
  }
  host_.run();
  EXPECT_EQ(record().sent, "first.second.third.");
  EXPECT_EQ(log_, (Log{"sent first.", "sent second.", "sent third."}));
}

TEST_F(MessageSenderTest, lets_a_sender_wait_until_its_message_is_sent) {
  Sender sender(open_slow({1U, 0U}));
  host_.spawn(send(sender, "slow."));
  host_.spawn(send(sender, "next."));
  host_.scheduler().round();
  host_.scheduler().round();
  EXPECT_EQ(record().sent, "s");
  EXPECT_EQ(log_, Log{});
  host_.run();
  EXPECT_EQ(log_, (Log{"sent slow.", "sent next."}));
}

TEST_F(MessageSenderTest, sends_the_rest_of_a_message_whose_sender_is_cancelled) {
  Sender sender(open_slow({3U, 0U}));
  auto cancelled = host_.spawn(send(sender, "cancelled."));
  host_.spawn(send(sender, "next."));
  host_.scheduler().round();
  host_.scheduler().round();
  EXPECT_EQ(record().sent, "can");
  cancelled.cancel();
  host_.run();
  EXPECT_EQ(record().sent, "cancelled.next.");
  EXPECT_EQ(log_, Log{"sent next."});
}

TEST_F(MessageSenderTest, sends_nothing_of_a_message_that_is_cancelled_before_its_turn) {
  Sender sender(open_slow({3U, 0U}));
  host_.spawn(send(sender, "first."));
  auto cancelled = host_.spawn(send(sender, "cancelled."));
  host_.spawn(send(sender, "third."));
  host_.scheduler().round();
  host_.scheduler().round();
  cancelled.cancel();
  host_.run();
  EXPECT_EQ(record().sent, "first.third.");
}

TEST_F(MessageSenderTest, fails_each_message_from_the_one_on_that_failed) {
  Sender sender(open_slow({2U, 0U, std::errc::connection_reset}));
  host_.spawn(send(sender, "first"));
  host_.spawn(send(sender, "second"));
  host_.run();
  host_.spawn(send(sender, "third"));
  host_.run();
  const std::string reset = std::make_error_code(std::errc::connection_reset).message();
  EXPECT_EQ(record().sent, "fi");
  EXPECT_EQ(log_, (Log{"first: " + reset, "second: " + reset, "third: " + reset}));
}

TEST_F(MessageSenderTest, drains_before_the_end) {
  Sender sender(open_slow({3U, 0U}));
  const auto body = [&]() -> Task<> {
    try {
      co_await with_timeout(0ms, sender.send("a message."));
    } catch (const std::system_error&) {
      log_.push_back("timed out after " + record().sent);
    }
    co_await sender.drain();
    stream_->shutdown_send();
  };
  run(body());
  EXPECT_EQ(log_, Log{"timed out after a m"});
  EXPECT_EQ(record().sent, "a message.");
  EXPECT_TRUE(record().finished_sending);
}

TEST_F(MessageSenderTest, resets_the_stream_if_it_ends_within_a_message) {
  TestStream& stream = open_slow({3U, 0U});
  auto sender = std::make_unique<Sender>(stream);
  auto cancelled = host_.spawn(send(*sender, "a message."));
  host_.scheduler().round();
  host_.scheduler().round();
  cancelled.cancel();
  host_.scheduler().round();
  sender.reset();
  EXPECT_EQ(record().sent, "a m");
  EXPECT_TRUE(record().aborted);
}

TEST_F(MessageSenderTest, leaves_the_stream_open_if_all_is_sent) {
  {
    Sender sender(open_slow({}));
    run(send(sender, "all."));
    const auto bytes = [&]() -> Task<> {
      const std::vector<std::byte> two(2, std::byte{'x'});
      co_await sender.send(two);
    };
    run(bytes());
  }
  EXPECT_EQ(record().sent, "all.xx");
  EXPECT_TRUE(stream_->is_open());
}

}  // namespace
}  // namespace rehearsal::sched
