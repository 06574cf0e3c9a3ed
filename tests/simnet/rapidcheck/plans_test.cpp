#include "simnet/rapidcheck/plans.hpp"

#include <chrono>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "simnet/rapidcheck/client_program.hpp"
#include "simnet/rapidcheck/property_runs.hpp"
#include "tests/simnet/rapidcheck/key_value.hpp"

namespace rehearsal::simnet {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

rc::detail::TestParams params(int cases) {
  rc::detail::TestParams params;
  params.seed = 2718281828;
  params.maxSuccess = cases;
  return params;
}

// Returns the counterexample that rapidcheck shrinks to, or an empty string if there is none.
template <class Property>
std::string counterexample(const Property& property) {
  const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata(), params(200));
  return result.template is<rc::detail::FailureResult>()
             ? result.template get<rc::detail::FailureResult>().counterExample.at(0).second
             : std::string();
}

TEST(WorldPlan, shrinks_towards_no_fault) {
  EXPECT_EQ(counterexample([] {
              const WorldPlan plan = *world_plans({"a", "b"});
              RC_ASSERT(plan.faults.empty());
            }),
            "links: [], faults: [pause a at 0 ms for 0 ms]");
  EXPECT_EQ(counterexample([] {
              const WorldPlan plan = *world_plans({"a", "b"});
              RC_ASSERT(plan.links.empty());
            }),
            "links: [a -> b: 100 us], faults: []");
  EXPECT_EQ(counterexample([] {
              const WorldPlan plan = *world_plans({"a", "b"});
              for (const PlannedFault& fault : plan.faults) {
                RC_ASSERT(fault.kind != PlannedFault::Kind::partition || fault.lasts < 700ms);
              }
            }),
            "links: [], faults: [partition a, b at 0 ms for 700 ms]");
}

TEST(WorldPlan, has_each_pair_of_hosts_once_and_no_host_twice_in_a_fault) {
  EXPECT_EQ(counterexample([] {
              const WorldPlan plan = *world_plans({"a", "b", "c"});
              std::set<std::pair<std::string, std::string>> pairs;
              for (const PlannedLink& link : plan.links) {
                RC_ASSERT(link.from != link.to);
                RC_ASSERT(pairs.emplace(link.from, link.to).second);
              }
              for (const PlannedFault& fault : plan.faults) {
                RC_ASSERT(fault.host != fault.other);
              }
            }),
            "");
}

TEST(WorldPlan, that_is_mild_breaks_no_connection) {
  FaultKinds mild;
  mild.breaks_connections = false;
  EXPECT_EQ(counterexample([&] {
              for (const PlannedFault& fault : *rc::gen::container<std::vector<PlannedFault>>(
                       planned_faults({"a", "b"}, mild))) {
                RC_ASSERT(fault.kind != PlannedFault::Kind::kill);
                RC_ASSERT(fault.kind != PlannedFault::Kind::power_off);
                RC_ASSERT(fault.kind != PlannedFault::Kind::refuse);
                RC_ASSERT(fault.kind != PlannedFault::Kind::reset);
              }
            }),
            "");
}

TEST(ClientProgram, shrinks_towards_no_step) {
  EXPECT_EQ(counterexample([] {
              const ClientProgram program = *client_programs();
              for (const ClientStep& step : program) {
                RC_ASSERT(step.bytes.size() < 3U);
              }
            }),
            "[send \"aaa\"]");
}

// A server that knows nothing of these clients, in a world in which anything may fail for a while.
TEST(WorldPlan, and_client_programs_leave_a_sound_server_alone) {
  PropertyOptions options;
  options.runs = 3;
  PropertyRuns runs(options);
  const auto property = [&runs] {
    const WorldPlan plan = *world_plans({"server", "client-0", "client-1"});
    const ClientProgram first = *client_programs();
    const ClientProgram second = *client_programs();
    runs.check([&](World& world) {
      plan.apply(world);
      world.host("server").spawn(
          [](auto& host) { return key_value_server(host, KeyValueBug::none); });
      for (const auto& [name, program] :
           {std::pair{"client-0", first}, std::pair{"client-1", second}}) {
        auto& log = world.make<ClientLog>();
        world.host(name).spawn([&log, program](sched::Host<SimulatedNetwork>& host) {
          return perform(host, {"server", 6379}, program, log);
        });
      }
    });
  };
  const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata(), params(100));
  EXPECT_TRUE(result.is<rc::detail::SuccessResult>()) << [&] {
    std::ostringstream out;
    rc::detail::printResultMessage(result, out);
    return out.str();
  }();
}

sched::Task<> talk(sched::Host<SimulatedNetwork>& host, ClientProgram program, ClientLog& log) {
  co_await perform(host, {"server", 6379}, std::move(program), log);
}

TEST(ClientProgram, says_what_became_of_it) {
  using Kind = ClientStep::Kind;
  World world;
  ClientLog log;
  world.host("server").spawn([](auto& host) { return key_value_server(host, KeyValueBug::none); });
  const ClientProgram program = {{Kind::send, 0, "put a 7\nget a\n"},
                                 {Kind::pause, 5, ""},
                                 {Kind::receive, 100, ""},
                                 {Kind::receive, 100, ""},  // nothing comes
                                 {Kind::vanish, 0, ""},
                                 {Kind::finish, 0, ""},
                                 {Kind::send, 0, "x"}};
  world.host("client").spawn(
      [&](sched::Host<SimulatedNetwork>& host) { return talk(host, program, log); });
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(log.sent, 14U);
  EXPECT_EQ(log.received, "ok\n7\n");
  EXPECT_EQ(log.broken, 1U);  // the client had announced that it sends no more
}

}  // namespace
}  // namespace rehearsal::simnet
