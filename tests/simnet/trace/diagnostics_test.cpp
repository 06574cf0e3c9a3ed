#include "simnet/trace/diagnostics.hpp"

#include <array>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simnet/search/racy_bank.hpp"

namespace rehearsal::simnet {
namespace {

using testing::ElementsAre;

sched::Task<> turn(int times) {
  for (int i = 0; i < times; ++i) {
    co_await sched::yield();
  }
}

// Three tasks of one host, each of which takes two turns.
Scenario turns() {
  return {"turns", "", [](World& world) {
            for (const char* name : {"a", "b", "c"}) {
              world.host("host").spawn(
                  name, [](sched::Host<SimulatedNetwork>& /*host*/) { return turn(2); });
            }
          }};
}

Diagnostics evidence_of(const Scenario& scenario, const std::vector<Deviation>& deviations) {
  DiagnosticsCollector gatherer({});
  const std::array<RunWatcher*, 1> watchers = {&gatherer};
  replay_scenario(scenario, {scenario.name, 3, deviations}, watchers);
  return gatherer.evidence();
}

TEST(Diagnostics, names_the_tasks_that_went_before_one_that_was_held_back) {
  const Diagnostics evidence = evidence_of(turns(), {{{Site::run, "host/a", 1}, 2}});
  ASSERT_EQ(evidence.deviations.size(), 1U);
  EXPECT_THAT(evidence.deviations.front().went_first, ElementsAre("host/b", "host/c"));
  const Diagnostics by_one = evidence_of(turns(), {{{Site::run, "host/b", 1}, 1}});
  EXPECT_THAT(by_one.deviations.front().went_first, ElementsAre("host/c"));
}

TEST(Diagnostics, shows_sockets_and_tasks_as_they_stood) {
  const Diagnostics evidence =
      evidence_of(racy_bank(2, 5), {{{Site::late, "client-0/deposit#0>", 3}, 1'300}});
  ASSERT_EQ(evidence.hosts.size(), 3U);
  const HostDiagnostics& bank = evidence.hosts.front();
  EXPECT_EQ(bank.name, "bank");
  ASSERT_EQ(bank.sockets.size(), 3U);
  EXPECT_EQ(bank.sockets[0].state, "LISTEN");
  EXPECT_EQ(bank.sockets[1].state, "ESTAB");
  EXPECT_EQ(bank.sockets[1].name, "client-0/deposit#0<");
  EXPECT_EQ(bank.sockets[1].local, "10.0.0.1:7");
  EXPECT_EQ(bank.sockets[1].send_queue, 1U);  // the answer, not acknowledged
  EXPECT_EQ(bank.tasks.size(), 3U);
  EXPECT_EQ(evidence.parameters.at("clients"), 2U);
  EXPECT_EQ(std::prev(evidence.history.end())->number, evidence.events);
  EXPECT_EQ(evidence.failing_step->step, evidence.steps);
}

TEST(Diagnostics, may_be_had_before_the_end) {
  DiagnosticsCollector::Options options;
  options.until_event = 5;
  std::vector<std::uint64_t> told;
  options.then = [&](const Diagnostics& evidence) { told.push_back(evidence.events); };
  DiagnosticsCollector gatherer(options);
  const std::array<RunWatcher*, 1> watchers = {&gatherer};
  replay_scenario(turns(), {"turns", 3, {}}, watchers);
  EXPECT_THAT(told, ElementsAre(5U));
}

}  // namespace
}  // namespace rehearsal::simnet
