// The limits of a TCP connection and of IPv6 datagrams, to the byte and the instant.
#include <array>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "simnet/kernel/kernel.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Descriptor;
using sched::Readiness;
using sched::Task;

TEST(TcpLimits, a_third_of_the_send_buffer_must_be_free_for_a_report) {
  Fabric fabric{Choices(Policy::nominal())};
  HostOptions options;
  options.send_buffer = 3'000;
  Kernel kernel(fabric, "host", options);
  ASSERT_TRUE(kernel.listen({"127.0.0.1", 7}, {}).ok());
  const Descriptor client = kernel.connect({"127.0.0.1", 7}).value().descriptor;
  while (kernel.timers().next() != sched::never) {
    kernel.begin_round(kernel.timers().next());
    kernel.work(kernel.at());
  }
  const std::vector<std::byte> bytes(2'000);
  const auto send = [&](std::size_t size) {
    const std::array<sched::ConstBytes, 1> pieces = {sched::ConstBytes(bytes).first(size)};
    EXPECT_EQ(kernel.send(client, pieces).value(), size);
    return sched::any(kernel.probe(client).value(), Readiness::send);
  };
  EXPECT_TRUE(send(2'000));
  EXPECT_FALSE(send(1));
  kernel.end_process();
}

TEST(TcpLimits, datagrams_are_as_long_as_their_header_allows) {
  Fabric fabric{Choices(Policy::nominal())};
  Kernel kernel(fabric, "host", {});
  const std::vector<std::byte> bytes(70'000);
  const auto send = [&](const sched::Endpoint& at, std::size_t size) {
    const Descriptor socket = kernel.bind(at, {}).value();
    const std::errc error =
        kernel.send_to(socket, sched::ConstBytes(bytes).first(size), at.with_port(9)).error();
    kernel.close(socket);
    return error;
  };
  EXPECT_EQ(send({"127.0.0.1", 0}, 65'507), std::errc{});
  EXPECT_EQ(send({"127.0.0.1", 0}, 65'508), std::errc::message_size);
  EXPECT_EQ(send({"::1", 0}, 65'527), std::errc{});
  EXPECT_EQ(send({"::1", 0}, 65'528), std::errc::message_size);
}

// SYN, SYN-ACK and ACK have no bytes, so the rate of the link does not delay them.
TEST(TcpLimits, a_handshake_takes_no_time_of_the_rate_of_a_link) {
  WorldOptions options;
  options.link.latency = 1ms;
  options.link.bytes_per_second = 1;
  World world(Policy::nominal(), options);
  sched::Duration connected{};
  sched::Duration accepted{};
  world.host("server").spawn([&accepted](ProgramHost& host) -> Task<> {
    auto listener = host.listen({"0.0.0.0", 7});
    auto client = co_await listener.accept();
    accepted = host.now().time_since_epoch();
  });
  world.host("client").spawn([&connected](ProgramHost& host) -> Task<> {
    auto stream = co_await host.connect({"10.0.0.1", 7});
    connected = host.now().time_since_epoch();
    co_await sched::sleep_for(1s);
  });
  world.run_for(10s);
  EXPECT_EQ(connected / 1ms, 2);
  EXPECT_EQ(accepted / 1ms, 3);
}

// What a client of an echo server needs for one message, with a rule.
sched::Duration time_with(const FaultRule& rule) {
  WorldOptions options;
  options.link.latency = 1ms;
  World world(Policy::nominal(), options);
  world.faults().add(rule);
  add_echo(world, 1, 1);
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
  return world.now().time_since_epoch();
}

TEST(TcpRules, that_drop_a_segment_delay_it_by_its_retransmission) {
  const sched::Duration usual =
      time_with(FaultRule("none", Operation::segment, Verdict::drop()).nth(100).may_stay_away());
  const sched::Duration dropped =
      time_with(FaultRule("lost", Operation::segment, Verdict::drop()).nth(1));
  EXPECT_EQ((dropped - usual) / 1ms, 200);
}

TEST(TcpRules, that_let_a_receive_block_let_it_continue) {
  for (const Operation on : {Operation::recv, Operation::send}) {
    const FaultRule rule = FaultRule("blocks", on, Verdict::fail(sched::would_block)).nth(1);
    EXPECT_LT(time_with(rule), 1s);
  }
}

}  // namespace
}  // namespace rehearsal::simnet
