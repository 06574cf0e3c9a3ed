#include "sched/sync/channel.hpp"

#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

class ChannelTest : public ScriptedTest {
 protected:
  Task<> send(Channel<std::string>& channel, std::string item) {
    std::string outcome = "sent " + item;
    try {
      co_await channel.send(item);
    } catch (const std::system_error& error) {
      EXPECT_EQ(error.code(), std::errc::broken_pipe);
      outcome = "could not send " + item;
    }
    log_.push_back(outcome);
  }
  Task<> receive(Channel<std::string>& channel, std::string name) {
    const auto item = co_await channel.recv();
    log_.push_back(name + " got " + item.value_or("the end"));
  }
  void send_all(Channel<std::string>& channel, std::initializer_list<const char*> items) {
    for (const char* item : items) {
      scheduler_.spawn(send(channel, item));
    }
    scheduler_.round();
  }
};

TEST_F(ChannelTest, holds_up_to_its_capacity_and_lets_senders_wait_beyond_it) {
  Channel<std::string> channel(2);
  send_all(channel, {"1", "2", "3"});
  EXPECT_EQ(log_, (Log{"sent 1", "sent 2"}));
  EXPECT_EQ(channel.size(), channel.capacity());
  run(receive(channel, "a"));
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"sent 1", "sent 2", "a got 1", "sent 3"}));
  EXPECT_EQ(channel.size(), 2U);
}

TEST_F(ChannelTest, gives_items_in_the_order_of_sending_to_receivers_in_the_order_of_coming) {
  Channel<std::string> channel(1);
  for (const char* name : {"a", "b", "c"}) {
    scheduler_.spawn(receive(channel, name));
  }
  scheduler_.round();
  send_all(channel, {"1", "2", "3"});
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"sent 1", "sent 2", "sent 3", "a got 1", "b got 2", "c got 3"}));
}

TEST_F(ChannelTest, serves_waiting_senders_in_the_order_in_which_they_came) {
  Channel<std::string> channel(1);
  send_all(channel, {"1", "2", "3"});
  log_.clear();
  for (const char* name : {"a", "b", "c"}) {
    run(receive(channel, name));
  }
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"a got 1", "sent 2", "b got 2", "sent 3", "c got 3"}));
}

TEST_F(ChannelTest, of_no_capacity_lets_a_sender_wait_until_a_receiver_takes_its_item) {
  Channel<std::string> channel(0);
  send_all(channel, {"1", "2"});
  EXPECT_EQ(log_, Log{});
  run(receive(channel, "a"));
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"a got 1", "sent 1"}));
  run(receive(channel, "b"));
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"a got 1", "sent 1", "b got 2", "sent 2"}));
}

TEST_F(ChannelTest, that_is_closed_still_returns_its_items_and_then_the_end) {
  Channel<std::string> channel(2);
  send_all(channel, {"1"});
  channel.close();
  channel.close();
  EXPECT_TRUE(channel.closed());
  run(receive(channel, "a"));
  run(receive(channel, "b"));
  EXPECT_EQ(log_, (Log{"sent 1", "a got 1", "b got the end"}));
}

TEST_F(ChannelTest, that_is_closed_takes_nothing_more) {
  Channel<std::string> channel(2);
  channel.close();
  run(send(channel, "1"));
  EXPECT_EQ(log_, Log{"could not send 1"});
}

TEST_F(ChannelTest, wakes_all_waiting_tasks_when_it_is_closed) {
  Channel<std::string> full(1);
  Channel<std::string> empty(1);
  send_all(full, {"1", "2"});
  scheduler_.spawn(receive(empty, "a"));
  scheduler_.round();
  full.close();
  empty.close();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"sent 1", "could not send 2", "a got the end"}));
  EXPECT_EQ(full.size(), 1U);
}

TEST_F(ChannelTest, carries_what_can_only_be_moved) {
  Channel<std::unique_ptr<int>> channel(1);
  scheduler_.spawn([&]() -> Task<> { co_await channel.send(std::make_unique<int>(7)); });
  run([&]() -> Task<> {
    const auto item = co_await channel.recv();
    EXPECT_EQ(**item, 7);
  });
}

TEST_F(ChannelTest, sends_nothing_where_a_sender_that_waits_is_cancelled) {
  Channel<std::string> channel(0);
  auto doomed = scheduler_.spawn(send(channel, "1"));
  send_all(channel, {"2"});
  doomed.cancel();
  run(receive(channel, "a"));
  EXPECT_EQ(log_, (Log{"a got 2"}));
  scheduler_.run();
}

TEST_F(ChannelTest, sends_all_where_a_sender_is_cancelled_whose_item_was_taken) {
  Channel<std::string> channel(0);
  auto sender = scheduler_.spawn(send(channel, "1"));
  scheduler_.round();
  scheduler_.spawn([&]() -> Task<> {
    const auto item = co_await channel.recv();
    sender.cancel();
    log_.push_back("got " + item.value());
  });
  scheduler_.run();
  EXPECT_EQ(log_, Log{"got 1"});
  EXPECT_TRUE(sender.task().cancelled());
}

TEST_F(ChannelTest, gets_the_item_of_a_cancelled_receiver_back_in_front) {
  Channel<std::string> channel(2);
  auto doomed = scheduler_.spawn(receive(channel, "doomed"));
  scheduler_.round();
  send_all(channel, {"1", "2"});
  scheduler_.spawn(send(channel, "3"));
  EXPECT_EQ(channel.size(), 1U);
  doomed.cancel();
  run(receive(channel, "a"));
  run(receive(channel, "b"));
  EXPECT_EQ(log_, (Log{"sent 1", "sent 2", "a got 1", "sent 3", "b got 2"}));
}

TEST_F(ChannelTest, gives_the_item_of_a_cancelled_receiver_to_the_next_one) {
  Channel<std::string> channel(0);
  auto doomed = scheduler_.spawn(receive(channel, "doomed"));
  scheduler_.spawn(receive(channel, "next"));
  scheduler_.round();
  send_all(channel, {"1"});
  doomed.cancel();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"sent 1", "next got 1"}));
}

TEST_F(ChannelTest, keeps_the_order_of_items_that_come_back_from_several_receivers) {
  Channel<std::string> channel(2);
  auto first = scheduler_.spawn(receive(channel, "first"));
  auto second = scheduler_.spawn(receive(channel, "second"));
  scheduler_.round();
  scheduler_.spawn([&]() -> Task<> {
    co_await channel.send("1");
    co_await channel.send("2");
    co_await channel.send("3");
    first.cancel();
    second.cancel();
  });
  scheduler_.run();
  for (const char* name : {"a", "b", "c"}) {
    run(receive(channel, name));
  }
  EXPECT_EQ(log_, (Log{"a got 1", "b got 2", "c got 3"}));
}

TEST_F(ChannelTest, tries_to_send_while_there_is_room) {
  Channel<std::unique_ptr<int>> channel(1);
  auto item = std::make_unique<int>(1);
  EXPECT_EQ(channel.try_send(std::move(item)), ChannelStatus::success);
  EXPECT_EQ(item, nullptr);
  item = std::make_unique<int>(2);
  EXPECT_EQ(channel.try_send(std::move(item)), ChannelStatus::full);
  EXPECT_EQ(*item, 2) << "an item that is not sent is not moved";
  channel.close();
  EXPECT_EQ(channel.try_send(std::move(item)), ChannelStatus::closed);
  EXPECT_EQ(*item, 2);
}

TEST_F(ChannelTest, tries_to_receive_what_is_there) {
  Channel<std::string> channel(2);
  std::string item = "unchanged";
  EXPECT_EQ(channel.try_recv(item), ChannelStatus::empty);
  const std::string word = "a";
  EXPECT_EQ(channel.try_send(word), ChannelStatus::success);
  channel.close();
  EXPECT_EQ(item, "unchanged");
  EXPECT_EQ(channel.try_recv(item), ChannelStatus::success);
  EXPECT_EQ(item, "a");
  EXPECT_EQ(channel.try_recv(item), ChannelStatus::closed);
}

TEST_F(ChannelTest, hands_an_item_that_is_tried_to_the_first_that_waits) {
  Channel<std::string> channel(0);
  EXPECT_EQ(channel.try_send("nobody"), ChannelStatus::full);
  scheduler_.spawn(receive(channel, "first"));
  scheduler_.spawn(receive(channel, "second"));
  scheduler_.round();
  EXPECT_EQ(channel.try_send("a"), ChannelStatus::success);
  EXPECT_EQ(channel.try_send("b"), ChannelStatus::success);
  EXPECT_EQ(channel.try_send("c"), ChannelStatus::full);
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"first got a", "second got b"}));
}

TEST_F(ChannelTest, lets_no_try_pass_a_sender_that_waits) {
  Channel<std::string> channel(1);
  send_all(channel, {"a", "b"});
  EXPECT_EQ(channel.try_send("c"), ChannelStatus::full);
  std::string item;
  EXPECT_EQ(channel.try_recv(item), ChannelStatus::success);
  EXPECT_EQ(item, "a");
  EXPECT_EQ(channel.try_send("c"), ChannelStatus::full) << "the waiting sender has the room";
  EXPECT_EQ(channel.try_recv(item), ChannelStatus::success);
  EXPECT_EQ(item, "b");
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"sent a", "sent b"}));
}

}  // namespace
}  // namespace rehearsal::sched
