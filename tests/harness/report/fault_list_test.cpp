#include "harness/report/fault_list.hpp"

#include <algorithm>
#include <chrono>

#include <gtest/gtest.h>

#include "simnet/network/link.hpp"

namespace rehearsal::harness {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using simnet::LinkState;
using simnet::Op;

simnet::NumberedEvent change(std::uint64_t number, const std::string& host, Op op) {
  simnet::NumberedEvent one;
  one.number = number;
  one.event.t = sched::Instant(2ms);
  one.event.host = host;
  one.event.op = op;
  return one;
}

simnet::FaultEvent link(std::uint64_t number, const std::string& from, const std::string& to,
                        LinkState state) {
  simnet::FaultEvent fault;
  fault.event = change(number, from, Op::link);
  fault.event.event.handle = to;
  fault.event.event.result = static_cast<std::uint64_t>(state);
  return fault;
}

TEST(FaultList, SaysWhatTheHostDid) {
  simnet::Diagnostics evidence;
  simnet::FaultEvent crash;
  crash.event = change(9, "db", Op::crash);
  crash.before = change(7, "db", Op::send);
  crash.before->event.t = sched::Instant(1'500us);
  crash.before->event.task = "db/serve";
  crash.before->event.handle = "client/0#0<";
  crash.before->event.result = 3;
  crash.before->event.bytes = "ok\n";
  crash.before->event.at = "db.cpp:12";
  evidence.faults.push_back(crash);
  crash.event = change(10, "db", Op::restart);
  evidence.faults.push_back(crash);
  EXPECT_EQ(fault_list(evidence),
            "  at 2.000 ms, db crashed (db/serve: send client/0#0< = 3 \"ok\\n\" at db.cpp:12, "
            "500 us before)\n"
            "  at 2.000 ms, db restarted\n");
}

TEST(FaultList, SaysOncePerPairThatItsLinksAreCut) {
  simnet::Diagnostics evidence;
  evidence.faults = {link(1, "a", "b", LinkState::cut),  link(2, "b", "a", LinkState::cut),
                     link(3, "a", "c", LinkState::cut),  link(4, "c", "b", LinkState::held),
                     link(5, "a", "b", LinkState::open), link(6, "b", "a", LinkState::open)};
  EXPECT_EQ(fault_list(evidence),
            "  at 2.000 ms, a and b were cut off from each other\n"
            "  at 2.000 ms, the link from a to c was cut\n"
            "  at 2.000 ms, what c sends to b was held back from then on\n"
            "  at 2.000 ms, the links between a and b were healed\n");
}

TEST(FaultList, HasRulesAndFaultsOfCallsInTheOrderOfTime) {
  simnet::Diagnostics evidence;
  simnet::FaultEvent refused;
  refused.event = change(2, "client", Op::connect);
  refused.event.event.task = "client/talk";
  refused.event.event.error = "ECONNREFUSED";
  refused.rule = "refuse";
  evidence.faults.push_back(refused);
  evidence.history.add(change(1, "client", Op::recv));
  simnet::AppliedDeviation reset;
  reset.deviation = {{simnet::Site::reset, "client/0#0>", 0}, 1};
  reset.at = sched::Instant(1ms);
  evidence.deviations.push_back(reset);
  simnet::AppliedDeviation late = reset;
  late.deviation.at.site = simnet::Site::late;
  evidence.deviations.push_back(late);
  simnet::AppliedDeviation lookup = reset;
  lookup.deviation = {{simnet::Site::lookup, "client:db", 0}, 1};
  evidence.deviations.push_back(lookup);
  EXPECT_EQ(fault_list(evidence),
            "  at 1.000 ms, client/0#0> was reset\n"
            "  at 1.000 ms, the name resolution client:db failed with ENXIO\n"
            "  at 2.000 ms, the fault rule refuse applied to client/talk: connect ECONNREFUSED\n");
}

TEST(FaultList, IsBounded) {
  simnet::Diagnostics evidence;
  EXPECT_EQ(fault_list(evidence), "");
  for (std::uint64_t number = 1; number <= 100; ++number) {
    evidence.faults.emplace_back();
    evidence.faults.back().event = change(number, "db", Op::pause);
  }
  const std::string text = fault_list(evidence);
  EXPECT_EQ(std::ranges::count(text, '\n'), 41);
  EXPECT_TRUE(text.ends_with("  and 60 more\n")) << text;
}

}  // namespace
}  // namespace rehearsal::harness
