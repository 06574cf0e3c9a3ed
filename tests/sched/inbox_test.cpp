#include "sched/inbox.hpp"

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
  network = AnsweringNetwork({finds({readable(AnsweringNetwork::special)})});
  network.messages = {message("one"), message(""), would_block, message("two")};
  auto inbox = host.inbox("orders");
  run([&]() -> Task<> {
    for (int i = 0; i < 3; ++i) {
      const Message next = co_await inbox.recv();
      log.push_back(text(next));
    }
  });
  EXPECT_EQ(log, (Log{"one", "", "two"}));
}

TEST_F(InboxTest, wakes_whoever_waits_with_an_error_when_it_is_closed) {
  auto inbox = host.inbox("orders");
  auto receiver = host.spawn(failure_of(inbox.recv()));
  host.run();
  inbox.close();
  host.run();
  EXPECT_EQ(receiver.take(), std::errc::operation_canceled);
}

}  // namespace
}  // namespace rehearsal::sched
