#include "sched/base/small_vector.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace rehearsal::sched {
namespace {

using Numbers = SmallVector<int, 2>;

Numbers upto(int count) {
  Numbers numbers;
  for (int i = 0; i < count; ++i) {
    numbers.push_back(i);
  }
  return numbers;
}

std::vector<int> values(const Numbers& numbers) { return {numbers.begin(), numbers.end()}; }

TEST(SmallVector, keeps_its_values_as_it_grows_out_of_itself) {
  for (const int count : {0, 1, 2, 3, 8, 9, 100}) {
    const Numbers numbers = upto(count);
    ASSERT_EQ(numbers.size(), static_cast<std::size_t>(count));
    EXPECT_TRUE(count == 0 || numbers.back() == count - 1);
    for (int i = 0; i < count; ++i) {
      EXPECT_EQ(numbers[static_cast<std::size_t>(i)], i);
    }
  }
}

TEST(SmallVector, takes_a_value_of_its_own_as_it_grows) {
  Numbers numbers = upto(8);
  numbers.push_back(numbers.front());
  numbers.push_back(numbers[7]);
  EXPECT_EQ(values(numbers), (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 0, 7}));
}

TEST(SmallVector, swaps_whether_either_has_a_block_or_none) {
  for (const int left : {0, 2, 5}) {
    for (const int right : {0, 1, 9}) {
      Numbers a = upto(left);
      Numbers b = upto(right);
      a.swap(b);
      EXPECT_EQ(values(a), values(upto(right)));
      EXPECT_EQ(values(b), values(upto(left)));
      a.push_back(-1);
      b.push_back(-2);
      EXPECT_EQ(a.back(), -1);
      EXPECT_EQ(b.back(), -2);
    }
  }
}

TEST(SmallVector, is_moved_with_its_values) {
  Numbers from = upto(2);
  Numbers to(std::move(from));
  EXPECT_EQ(values(to), values(upto(2)));
  to = upto(20);
  EXPECT_EQ(values(to), values(upto(20)));
}

TEST(SmallVector, appends_and_clears) {
  Numbers numbers = upto(1);
  numbers.append(std::vector<int>{7, 8, 9});
  EXPECT_EQ(values(numbers), (std::vector<int>{0, 7, 8, 9}));
  numbers.pop_back();
  EXPECT_EQ(numbers.back(), 8);
  numbers.clear();
  EXPECT_TRUE(numbers.empty());
}

}  // namespace
}  // namespace rehearsal::sched
