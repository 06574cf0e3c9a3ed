#include "sched/io/blocking.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

#include "tests/sched/answering_network.hpp"

namespace rehearsal::sched {
namespace {

class BlockingTest : public AnsweringTest {
 protected:
  // Does what the work's thread does at its end.
  void finish_the_work() {
    network_.work();
    host_.scheduler().handles().report(readable(AnsweringNetwork::special));
  }
};

TEST_F(BlockingTest, returns_the_result_of_the_work_and_lets_others_run_meanwhile) {
  const auto work = [] { return std::make_unique<int>(7); };
  auto handle = host_.spawn([&]() -> Task<int> {
    const auto result = co_await host_.run_blocking(work);
    co_return *result;
  });
  host_.spawn([this]() -> Task<> {
    log_.push_back("another task");
    co_return;
  });
  EXPECT_EQ(host_.run(), RunEnd::quiescent);
  EXPECT_EQ(log_, Log{"another task"});
  finish_the_work();
  EXPECT_EQ(host_.run(), RunEnd::done);
  EXPECT_EQ(handle.take(), 7);
  EXPECT_TRUE(network_.record(AnsweringNetwork::special).closed);
}

TEST_F(BlockingTest, throws_what_the_work_throws) {
  auto handle =
      host_.spawn(host_.run_blocking([] { throw std::runtime_error("the disk is full"); }));
  host_.run();
  finish_the_work();
  host_.run();
  EXPECT_THROW(handle.take(), std::runtime_error);
}

TEST_F(BlockingTest, continues_to_wait_if_it_is_woken_before_the_work_is_done) {
  auto handle = host_.spawn(host_.run_blocking([] { return 7; }));
  host_.run();
  host_.scheduler().handles().report(readable(AnsweringNetwork::special));
  EXPECT_EQ(host_.run(), RunEnd::quiescent);
  finish_the_work();
  host_.run();
  EXPECT_EQ(handle.take(), 7);
}

TEST_F(BlockingTest, lets_the_work_of_a_cancelled_caller_continue_with_what_it_owns) {
  const auto shared = std::make_shared<int>(0);
  auto handle = host_.spawn(host_.run_blocking([shared] { *shared = 7; }));
  host_.run();
  handle.cancel();
  EXPECT_EQ(host_.run(), RunEnd::done);
  EXPECT_TRUE(network_.watched().empty());
  network_.work();
  EXPECT_EQ(*shared, 7);
  network_.work = nullptr;
  EXPECT_EQ(shared.use_count(), 1);
}

TEST_F(BlockingTest, throws_where_the_host_can_start_no_more_work) {
  network_.can_start_work = false;
  EXPECT_EQ(run(failure_of(host_.run_blocking([] {}))), std::errc::resource_unavailable_try_again);
}

}  // namespace
}  // namespace rehearsal::sched
