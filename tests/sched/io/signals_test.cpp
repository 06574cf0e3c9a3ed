#include "sched/io/signals.hpp"

#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sched/answering_network.hpp"

namespace rehearsal::sched {
namespace {

using SignalsTest = AnsweringTest;

TEST_F(SignalsTest, come_one_by_one_to_the_task_that_waits_for_them) {
  network_ = AnsweringNetwork({finds({readable(AnsweringNetwork::special)})});
  network_.signal_numbers = {SIGTERM, would_block, SIGUSR1};
  auto signals = host_.signals({SIGTERM, SIGUSR1});
  EXPECT_EQ(network_.awaited_signals, (std::vector{SIGTERM, SIGUSR1}));
  run([&]() -> Task<> {
    const int first = co_await signals.next();
    const int second = co_await signals.next();
    EXPECT_EQ(first, SIGTERM);
    EXPECT_EQ(second, SIGUSR1);
  });
  EXPECT_EQ(network_.waits_left(), 0U);
}

TEST_F(SignalsTest, have_their_default_effect_again_when_they_are_gone) {
  {
    const auto signals = host_.signals({SIGTERM});
  }
  EXPECT_TRUE(network_.record(AnsweringNetwork::special).closed);
}

}  // namespace
}  // namespace rehearsal::sched
