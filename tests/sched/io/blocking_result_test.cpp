#include "sched/io/blocking_result.hpp"

#include <functional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

namespace rehearsal::sched {
namespace {

BlockingOutcome outcome_of_throwing(const std::function<void()>& throws) {
  try {
    throws();
  } catch (...) {
    return outcome_of(std::current_exception());
  }
  return {};
}

TEST(BlockingOutcome, of_a_system_error_is_thrown_again_with_its_code) {
  const BlockingOutcome outcome = outcome_of_throwing([] {
    throw std::system_error(std::make_error_code(std::errc::no_space_on_device), "write x");
  });
  EXPECT_EQ(outcome.error, std::errc::no_space_on_device);
  try {
    rethrow(outcome);
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::no_space_on_device);
    EXPECT_TRUE(std::string(error.what()).starts_with("write x")) << error.what();
  }
}

TEST(BlockingOutcome, of_another_exception_is_thrown_again_with_its_text) {
  const BlockingOutcome outcome =
      outcome_of_throwing([] { throw std::runtime_error("the disk is full"); });
  EXPECT_EQ(outcome.error, std::errc{});
  try {
    rethrow(outcome);
  } catch (const BlockingFailure& failure) {
    EXPECT_STREQ(failure.what(), "the disk is full");
  }
}

TEST(BlockingOutcome, of_what_is_no_exception_of_the_library_says_so) {
  const BlockingOutcome outcome = outcome_of_throwing([] { throw 7; });
  EXPECT_EQ(outcome.what, "an exception not derived from std::exception");
  EXPECT_THROW(rethrow(outcome), BlockingFailure);
}

template <class T>
void expect_read_back(const T& value) {
  EXPECT_EQ(BlockingValue<T>::get(BlockingValue<T>::put(value)), value);
}

TEST(BlockingValue, is_read_back_from_its_bytes) {
  expect_read_back(-7);
  expect_read_back(std::errc::no_space_on_device);
  expect_read_back(std::string());
  expect_read_back(std::string("text"));
  expect_read_back(std::vector<std::uint16_t>{1, 2, 65535});
}

TEST(BlockingValue, is_none_if_the_bytes_have_another_size) {
  const std::vector<std::byte> five(5);
  EXPECT_FALSE(BlockingValue<std::uint32_t>::get(five));
  EXPECT_FALSE(BlockingValue<std::uint64_t>::get(five));
  EXPECT_FALSE(BlockingValue<std::vector<std::uint16_t>>::get(five));
}

}  // namespace
}  // namespace rehearsal::sched
