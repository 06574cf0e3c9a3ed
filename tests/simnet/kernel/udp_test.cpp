// Datagrams that fit exactly, and datagrams to a host whose power fails.
#include <array>
#include <cstddef>
#include <string>
#include <system_error>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simnet/kernel/kernel.hpp"
#include "simnet/kernel/socket_info.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;
using testing::ElementsAre;

constexpr sched::Duration latency = 100ms;

// A server that receives datagrams at port 9, `since` after it starts, and notes their sizes.
class Datagrams : public testing::Test {
 protected:
  static WorldOptions options() {
    WorldOptions options;
    options.link.latency = latency;
    return options;
  }
  void add_server(const HostOptions& options, sched::Duration since) {
    world_.host("server", options).daemon().spawn([this, since](ProgramHost& host) -> Task<> {
      auto socket = host.bind({"0.0.0.0", 9});
      co_await sched::sleep_for(since);
      std::vector<std::byte> into(1000);
      for (;;) {
        const sched::Received received = co_await socket.recv_from(into);
        sizes_.push_back(received.full_size);
      }
    });
  }
  // Sends datagrams of these sizes, `apart` from each other, and notes the errors.
  void add_client(std::vector<std::size_t> sizes, sched::Duration apart) {
    const sched::Endpoint to = world_.host("server").endpoint(9);
    world_.host("client").spawn([this, sizes, apart, to](ProgramHost& host) -> Task<> {
      auto socket = host.bind({"0.0.0.0", 0});
      socket.set_peer(to);
      for (const std::size_t size : sizes) {
        try {
          co_await socket.send(pattern(size, 1));
        } catch (const std::system_error& error) {
          errors_.push_back(error.code().message());
        }
        co_await sched::sleep_for(apart);
      }
    });
  }

  World world_{Policy::nominal(), options()};
  std::vector<std::size_t> sizes_;
  std::vector<std::string> errors_;
};

TEST_F(Datagrams, fill_the_buffer_to_its_last_byte) {
  HostOptions small;
  small.datagram_buffer = 100;
  add_server(small, 1s);
  add_client({60, 41, 40, 1}, 1ms);
  world_.run_for(2s);
  EXPECT_THAT(sizes_, ElementsAre(60U, 40U));
}

TEST_F(Datagrams, that_wait_are_counted_where_a_report_shows_the_socket) {
  add_server({}, 1s);
  add_client({60, 40}, 1ms);
  world_.run_for(500ms);
  const std::vector<SocketInfo> sockets = world_.host("server").kernel().sockets();
  ASSERT_EQ(sockets.size(), 1U);
  EXPECT_EQ(sockets.front().kind, "udp");
  EXPECT_EQ(sockets.front().recv_queue, 100U);
  EXPECT_EQ(sockets.front().local, "0.0.0.0:9");
}

TEST_F(Datagrams, are_copied_as_often_as_a_rule_says) {
  world_.faults().add(FaultRule("copies", Operation::datagram, Verdict::duplicate(2)).nth(2));
  add_server({}, 0s);
  add_client({1, 2, 3}, 1ms);
  world_.run_for(1s);
  EXPECT_THAT(sizes_, ElementsAre(1U, 2U, 2U, 2U, 3U));
}

TEST_F(Datagrams, to_a_host_without_power_are_lost_and_not_refused) {
  add_server({}, 0s);
  add_client({1, 2, 3, 4}, 1s);
  world_.at(500ms).power_off("server");
  world_.at(2500ms).restart("server");
  world_.run_for(5s);
  EXPECT_THAT(sizes_, ElementsAre(1U, 4U));
  EXPECT_THAT(errors_, ElementsAre());
}

TEST_F(Datagrams, on_their_way_to_a_host_are_lost_if_its_power_fails) {
  add_server({}, 0s);
  add_client({1, 2, 3}, 40ms);  // which arrive after 100, 140 and 180 ms
  world_.at(60ms).power_off("server");
  world_.at(70ms).restart("server");
  world_.run_for(1s);
  EXPECT_THAT(sizes_, ElementsAre(3U));
  EXPECT_THAT(errors_, ElementsAre());
}

}  // namespace
}  // namespace rehearsal::simnet
