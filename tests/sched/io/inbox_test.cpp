#include "sched/io/inbox.hpp"

#include <string>
#include <string_view>
#include <system_error>

#include <gtest/gtest.h>

#include "tests/sched/answering_network.hpp"

namespace rehearsal::sched {
namespace {

using InboxTest = AnsweringTest;

Message message(std::string_view text) {
  const ConstBytes content = bytes(text);
  return {content.begin(), content.end()};
}

TEST_F(InboxTest, gives_messages_in_the_order_of_posting_and_waits_for_more) {
  network_ = AnsweringNetwork({finds({readable(AnsweringNetwork::special)})});
  network_.messages = {message("one"), message(""), would_block, message("two")};
  auto inbox = host_.inbox("orders");
  run([&]() -> Task<> {
    for (int i = 0; i < 3; ++i) {
      const Message next = co_await inbox.recv();
      log_.push_back(text(next));
    }
  });
  EXPECT_EQ(log_, (Log{"one", "", "two"}));
}

TEST_F(InboxTest, wakes_the_waiting_task_with_an_error_when_it_is_closed) {
  auto inbox = host_.inbox("orders");
  auto receiver = host_.spawn(failure_of(inbox.recv()));
  host_.run();
  inbox.close();
  host_.run();
  EXPECT_EQ(receiver.take(), std::errc::operation_canceled);
}

}  // namespace
}  // namespace rehearsal::sched
