// When a stream waits, and when it yields although it need not wait.
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"
#include "tests/sched/io/stream_test.hpp"

namespace rehearsal::sched {
namespace {

using simnet::ScriptedNetwork;

// After a receive that filled less than its buffer the next one waits without a call, unless the
// socket shows a state that a short receive does not clear.
class ShortReceiveTest : public StreamTest {
 protected:
  // Returns how many pieces are received before the task waits, with a buffer of 3 bytes.
  std::size_t received_before_it_waits(std::vector<std::string> pieces, Readiness shown) {
    auto stream = open(Receives(pieces.begin(), pieces.end()));
    host_.scheduler().handles().report({client, shown});
    auto receiver = host_.spawn([&]() -> Task<> {
      for (;;) {
        co_await receive(stream, 3);
      }
    });
    host_.run();
    return log_.size();
  }
};

TEST_F(ShortReceiveTest, waits_before_the_next_call) {
  EXPECT_EQ(received_before_it_waits({"ab", "cd"}, Readiness::recv), 1U);
}
TEST_F(ShortReceiveTest, does_not_wait_after_a_full_one) {
  EXPECT_EQ(received_before_it_waits({"abc", "de", "fg"}, Readiness::recv), 2U);
}
TEST_F(ShortReceiveTest, does_not_wait_once_the_peer_has_hung_up) {
  EXPECT_EQ(received_before_it_waits({"ab", "cd", "ef"}, Readiness::hang_up), 3U);
}
TEST_F(ShortReceiveTest, does_not_wait_once_the_socket_shows_an_error) {
  EXPECT_EQ(received_before_it_waits({"ab", "cd", "ef"}, Readiness::error), 3U);
}
TEST_F(ShortReceiveTest, does_not_wait_while_urgent_data_may_have_cut_it_short) {
  EXPECT_EQ(received_before_it_waits({"ab", "cd"}, Readiness::recv | Readiness::urgent), 2U);
}

TEST_F(ShortReceiveTest, waits_again_once_a_call_has_shown_that_the_urgent_data_is_gone) {
  network_ = ScriptedNetwork({finds({readable(client)})});
  auto stream = open(Receives{"ab", would_block, "cd", "ef"});
  host_.scheduler().handles().report({client, Readiness::urgent | Readiness::recv});
  host_.spawn([&]() -> Task<> {
    for (;;) {
      co_await receive(stream, 3);
    }
  });
  EXPECT_EQ(host_.run(), RunEnd::quiescent);
  EXPECT_EQ(log_, (Log{"ab", "cd"}));
}

// A task of a greedy stream and a modest one that only yields, and the order in which they act.
class GreedyStreamTest : public StreamTest {
 protected:
  static SchedulerOptions operations(std::uint32_t count) {
    SchedulerOptions options;
    options.operations_per_resumption = count;
    return options;
  }
  Task<> be_modest(int times) {
    for (int i = 0; i < times; ++i) {
      log_.push_back("modest");
      co_await yield();
    }
  }

  // Returns a stream on a host that allows two operations per resumption.
  TestStream open_frugal(Receives receives, Sends sends = {}) {
    script(std::move(receives), std::move(sends));
    return {frugal_.scheduler(), client, Endpoint()};
  }

  Host<ScriptedNetwork> frugal_{network_, operations(2)};
};

TEST_F(GreedyStreamTest, yields_when_its_receives_have_used_up_their_budget) {
  auto stream = open_frugal(Receives{"1", "2", "3", "4", "5", ""});
  frugal_.spawn([&]() -> Task<> {
    for (int i = 0; i < 5; ++i) {
      co_await receive(stream, 1);
    }
  });
  frugal_.spawn(be_modest(2));
  EXPECT_EQ(frugal_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"1", "2", "modest", "3", "4", "modest", "5"}));
}

TEST_F(GreedyStreamTest, yields_within_one_send_of_many_parts) {
  auto stream = open_frugal(Receives{}, Sends(5, 1U));
  frugal_.spawn(send_all(stream, "abcde"));
  frugal_.spawn([&]() -> Task<> {
    for (int i = 0; i < 3; ++i) {
      log_.push_back(record().sent);
      co_await yield();
    }
  });
  EXPECT_EQ(frugal_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"ab", "abcd", "sent 5", "abcde"}));
}

TEST_F(GreedyStreamTest, yields_also_if_it_is_served_from_data_received_before) {
  auto stream = open_frugal(Receives{"1;2;3;4;5;"});
  frugal_.spawn([&]() -> Task<> {
    for (int i = 0; i < 5; ++i) {
      co_await receive_until(stream, ";");
    }
  });
  frugal_.spawn(be_modest(2));
  EXPECT_EQ(frugal_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"1;", "2;", "modest", "3;", "4;", "modest", "5;"}));
}

TEST_F(GreedyStreamTest, has_a_budget_of_one_operation_at_least) {
  EXPECT_DEATH(Host<ScriptedNetwork>(network_, operations(0)), "at least one operation");
}

}  // namespace
}  // namespace rehearsal::sched
