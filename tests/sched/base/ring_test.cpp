#include "sched/base/ring.hpp"

#include <deque>
#include <memory>

#include <gtest/gtest.h>

namespace rehearsal::sched {
namespace {

TEST(Ring, is_empty_at_first) {
  const Ring<int> ring;
  EXPECT_TRUE(ring.empty());
  EXPECT_EQ(ring.size(), 0U);
}

// The size goes up and down, so that the ring wraps around and grows at every offset.
TEST(Ring, gives_back_in_the_order_of_arrival_however_it_grows_and_wraps) {
  Ring<int> ring;
  std::deque<int> model;
  int next = 0;
  for (int wave = 1; wave <= 100; ++wave) {
    for (int i = 0; i < wave; ++i) {
      ring.push(next);
      model.push_back(next++);
    }
    for (int i = 0; i < wave * 2 / 3; ++i) {
      EXPECT_EQ(ring.pop(), model.front());
      model.pop_front();
    }
    EXPECT_EQ(ring.size(), model.size());
  }
  while (!model.empty()) {
    EXPECT_EQ(ring.pop(), model.front());
    model.pop_front();
  }
  EXPECT_TRUE(ring.empty());
}

TEST(Ring, shows_what_is_ahead_of_the_front) {
  Ring<int> ring;
  for (int i = 0; i < 20; ++i) {
    ring.push(i);
  }
  static_cast<void>(ring.pop());
  EXPECT_EQ(ring.peek(0), 1);
  EXPECT_EQ(ring.peek(18), 19);
}

TEST(Ring, holds_what_can_only_be_moved) {
  Ring<std::unique_ptr<int>> ring;
  for (int i = 0; i < 20; ++i) {
    ring.push(std::make_unique<int>(i));
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(*ring.pop(), i);
  }
}

}  // namespace
}  // namespace rehearsal::sched
