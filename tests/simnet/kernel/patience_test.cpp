// A connection that a partition stalled, and that recovered, is not given up later.
#include <array>
#include <cstddef>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

// A client asks the echo server at 0 s, at 1 s and, after much more than the retransmission limit
// of 924 s, at 3,000 s.
class Stalled : public testing::Test {
 protected:
  Stalled() {
    world_.host("server").spawn(echo_server);
    const sched::Endpoint to = world_.host("server").endpoint(7);
    world_.host("client").spawn([this, to](ProgramHost& host) -> Task<> {
      try {
        auto stream = co_await host.connect(to);
        for (const sched::Duration at : {0s, 1s, 3'000s}) {
          co_await sched::sleep_until(sched::Instant(at));
          std::array word{std::byte{'?'}};
          co_await stream.send_all(word);
          const std::size_t size = co_await stream.recv(word);
          answers_ += static_cast<int>(size);
        }
      } catch (const std::system_error& error) {
        error_ = error.code().message();
      }
    });
  }
  void expect_three_answers() {
    world_.run();
    EXPECT_EQ(answers_, 3);
    EXPECT_EQ(error_, "");
  }

  World world_;
  int answers_ = 0;
  std::string error_;
};

TEST_F(Stalled, by_a_partition_of_what_it_sends_is_not_given_up_after_it_healed) {
  world_.at(500ms).partition("client", "server");
  world_.at(10s).heal("client", "server");
  expect_three_answers();
}

// What the client sent arrives, and its acknowledgement does not leave.
TEST_F(Stalled, by_a_partition_of_its_acknowledgements_is_not_given_up_after_it_healed) {
  world_.at(1s + 50us).partition_one_way("server", "client");
  world_.at(10s).heal("client", "server");
  expect_three_answers();
}

}  // namespace
}  // namespace rehearsal::simnet
