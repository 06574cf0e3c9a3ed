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

const std::vector<std::string> three_hosts = {"server", "idle", "client"};

// Three events of two hosts.
std::vector<simnet::NumberedEvent> few() {
  std::vector<simnet::NumberedEvent> events = {
      event(1, "client", simnet::Op::resume),
      event(2, "client", simnet::Op::send, "client/task#0>"),
      event(3, "server", simnet::Op::resume),
      event(4, "server", simnet::Op::recv, "client/task#0<"),
  };
  events[1].event.result = 7;
  events[1].event.bytes = "PUB x\n";
  return events;
}

EventRows rows_of(const std::vector<simnet::NumberedEvent>& events) {
  EventRows rows;
  for (const simnet::NumberedEvent& event : events) {
    rows.push_back(&event);
  }
  return rows;
}

TEST(Columns, StandInTheOrderOfTheHostsAndRowsInThatOfTheEvents) {
  const auto events = few();
  EXPECT_EQ(event_table(rows_of(events), three_hosts, 108),
            "              server                          idle                            client\n"
            "    0.001 ms                                                                  task >\n"
            "    0.002 ms                                                                   send "
            "task#0> = 7 \"PUB x\\n\"..~\n"
            "    0.003 ms  task >\n"
            "    0.004 ms   recv client/task#0<\n");
}

TEST(Columns, LeaveOutTheHostsThatDidNothingLately) {
  const auto events = few();
  EXPECT_EQ(event_table(rows_of(events), three_hosts, 56),
            "              server                client\n"
            "    0.001 ms                        task >\n"
            "    0.002 ms                         send task#0> = 7\n"
            "    0.003 ms  task >\n"
            "    0.004 ms   recv client/task#0<\n"
            "(no room for idle)\n");
}

TEST(Columns, ShowTheEndOfALongName) {
  std::vector<simnet::NumberedEvent> events = few();
  events.back().event.handle = "client/a/very/long/path/of/a/task#0<";
  const std::string text = event_table(rows_of(events), three_hosts, 56);
  EXPECT_NE(text.find("   recv ~/of/a/task#0<\n"), std::string::npos) << text;
}

TEST(Columns, NameTheTaskOfARowWhoseResumptionIsNotShown) {
  const auto events = few();
  EXPECT_EQ(event_table({&events[1], &events[3]}, three_hosts, 56),
            "              server                client\n"
            "                                    task :\n"
            "    0.002 ms                         send task#0> = 7\n"
            "         ...  (1 event)\n"
            "              task :\n"
            "    0.004 ms   recv client/task#0<\n"
            "(no room for idle)\n");
}

TEST(Columns, AreALineForEachEventWhereThereIsNoTerminal) {
  const auto events = few();
  EXPECT_EQ(
      event_table({&events[0], &events[1], &events[3]}, three_hosts, 0),
      "     1     0.000001000 s  client/task  resume\n"
      "     2     0.000002000 s  client/task  send client/task#0> = 7 \"PUB x\\n\"... (7 bytes)\n"
      "   ...  (1 event)\n"
      "     4     0.000004000 s  server/task  recv client/task#0<\n");
}

}  // namespace
}  // namespace rehearsal::harness
