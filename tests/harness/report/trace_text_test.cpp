#include "harness/report/trace_text.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sched/sync/supervisor.hpp"
#include "simnet/scenario.hpp"
#include "simnet/trace/diagnostics.hpp"

namespace rehearsal::harness {
namespace {

sched::Task<> fail() {
  co_await sched::yield();
  throw std::runtime_error("no room\nfor two");
}

sched::Task<> supervise(auto& host) {
  sched::Supervisor children(host);
  children.spawn("child", fail());
  co_await children.join();
}

simnet::Scenario scenario() {
  return {"isolated", "A child fails, and its supervisor continues", [](simnet::World& world) {
            world.host("server").spawn("serve", [](auto& host) { return supervise(host); });
          }};
}

simnet::RunResult replayed(std::vector<simnet::RunWatcher*> watchers) {
  return simnet::replay_scenario(scenario(), {"isolated", 1, {}}, watchers);
}

TEST(TraceText, an_isolated_failure_shows_what_was_thrown) {
  simnet::DiagnosticsCollector gatherer({});
  ASSERT_TRUE(replayed({&gatherer}).report.ok());
  std::string failed;
  for (const simnet::NumberedEvent& event : gatherer.evidence().hosts.at(0).last) {
    if (event.event.op == simnet::Op::failed) {
      failed += event_line(event.number, event.event);
    }
  }
  EXPECT_NE(failed.find("server/serve/child  failed: no room"), std::string::npos) << failed;
  EXPECT_EQ(failed.find("two"), std::string::npos) << "one line";
}

TEST(TraceText, what_was_thrown_is_not_in_the_digest) {
  simnet::DiagnosticsCollector gatherer({});
  EXPECT_EQ(replayed({&gatherer}).report.digest, replayed({}).report.digest);
}

}  // namespace
}  // namespace rehearsal::harness
