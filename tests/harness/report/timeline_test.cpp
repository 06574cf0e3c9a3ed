#include "harness/report/timeline.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace rehearsal::harness {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

simnet::NumberedEvent event(std::uint64_t number, const std::string& host, simnet::Op op,
                            const std::string& handle = {}) {
  simnet::NumberedEvent one;
  one.number = number;
  one.event.t = sched::Instant(std::chrono::microseconds(number));
  one.event.host = host;
  one.event.task = host + "/task";
  one.event.op = op;
  one.event.handle = handle;
  return one;
}

std::vector<simnet::HostDiagnostics> three_hosts() {
  std::vector<simnet::HostDiagnostics> hosts(3);
  hosts[0].name = "server";
  hosts[0].last = {event(2, "server", simnet::Op::resume),
                   event(3, "server", simnet::Op::recv, "client/task#0<")};
  hosts[1].name = "idle";
  hosts[2].name = "client";
  hosts[2].last = {event(1, "client", simnet::Op::send, "client/task#0>")};
  hosts[2].last.back().event.result = 7;
  return hosts;
}

TEST(Columns, StandInTheOrderOfTheHostsAndRowsInThatOfTheEvents) {
  EXPECT_EQ(last_events(three_hosts(), 84),
            "              server                  idle                    client\n"
            "    0.001 ms                                                   send task#0> = 7\n"
            "    0.002 ms  task >\n"
            "    0.003 ms   recv client/task#0<\n");
}

TEST(Columns, LeaveOutTheHostsThatDidNothingLately) {
  EXPECT_EQ(last_events(three_hosts(), 56),
            "              server                client\n"
            "    0.001 ms                         send task#0> = 7\n"
            "    0.002 ms  task >\n"
            "    0.003 ms   recv client/task#0<\n"
            "(no room for idle)\n");
}

TEST(Columns, ShowTheEndOfALongName) {
  std::vector<simnet::HostDiagnostics> hosts = three_hosts();
  hosts[0].last.back().event.handle = "client/a/very/long/path/of/a/task#0<";
  const std::string text = last_events(hosts, 56);
  EXPECT_NE(text.find("   recv ~/of/a/task#0<\n"), std::string::npos) << text;
}

TEST(Columns, AreALineForEachEventWhereThereIsNoTerminal) {
  EXPECT_EQ(last_events(three_hosts(), 0),
            "     1     0.000001000 s  client/task  send client/task#0> = 7\n"
            "     2     0.000002000 s  server/task  resume\n"
            "     3     0.000003000 s  server/task  recv client/task#0<\n");
}

}  // namespace
}  // namespace rehearsal::harness
