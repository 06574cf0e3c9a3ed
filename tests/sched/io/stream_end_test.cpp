// How a connection ends for its peer depends on how the stream's task ends.
#include <string>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"
#include "sched/sync/timeout.hpp"
#include "tests/sched/io/stream_test.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;
using simnet::ScriptedNetwork;

class EndOfStreamTest : public StreamTest {
 protected:
  static Task<> converse(TestStream stream, Duration how_long, bool fails = false) {
    co_await sleep_for(how_long);
    if (fails) {
      throw_error(std::errc::protocol_error, "the peer talks nonsense");
    }
    static_cast<void>(stream);
  }
  std::string outcome() {
    return std::string(record().closed ? "closed" : "") + (record().aborted ? "aborted" : "");
  }
};

TEST_F(EndOfStreamTest, is_clean_if_its_task_returned) {
  host_.spawn(converse(open(), 1ms));
  host_.run();
  EXPECT_EQ(outcome(), "closed");
}

TEST_F(EndOfStreamTest, is_an_abort_if_its_task_failed) {
  host_.spawn(converse(open(), 1ms, true));
  host_.run();
  EXPECT_EQ(outcome(), "aborted");
}

TEST_F(EndOfStreamTest, is_an_abort_where_a_local_stream_meets_an_exception) {
  host_.spawn([this]() -> Task<> {
    auto stream = open(Receives{std::errc::timed_out});
    co_await receive(stream, 10);
  });
  host_.run();
  EXPECT_EQ(outcome(), "aborted");
}

TEST_F(EndOfStreamTest, is_an_abort_if_its_task_was_cancelled) {
  auto handle = host_.spawn(converse(open(), 1h));
  host_.scheduler().round();
  handle.cancel();
  host_.run();
  EXPECT_EQ(outcome(), "aborted");
}

TEST_F(EndOfStreamTest, is_an_abort_if_its_task_ran_into_a_timeout) {
  const auto limited = [this]() -> Task<> { co_await with_timeout(1ms, converse(open(), 1h)); };
  EXPECT_EQ(run(failure_of(limited())), std::errc::timed_out);
  EXPECT_EQ(outcome(), "aborted");
}

TEST_F(EndOfStreamTest, is_an_abort_where_the_scheduler_is_destroyed_with_its_task) {
  {
    Host<ScriptedNetwork> short_lived(network_);
    network_.script(client, {});
    short_lived.spawn(converse(TestStream(short_lived.scheduler(), client, Endpoint()), 1h));
    short_lived.scheduler().round();
  }
  EXPECT_EQ(outcome(), "aborted");
}

TEST_F(EndOfStreamTest, is_an_abort_on_request_and_only_once) {
  auto stream = open();
  stream.abort();
  EXPECT_FALSE(stream.is_open());
  stream.close();
  EXPECT_EQ(outcome(), "aborted");
}

TEST_F(EndOfStreamTest, comes_from_the_holder_after_a_move) {
  auto stream = open();
  {
    const TestStream moved = std::move(stream);
    EXPECT_TRUE(moved.is_open());
    EXPECT_FALSE(stream.is_open());  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(outcome(), "");
  }
  EXPECT_EQ(outcome(), "closed");
}

}  // namespace
}  // namespace rehearsal::sched
