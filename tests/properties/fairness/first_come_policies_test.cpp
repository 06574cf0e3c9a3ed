// First come, first served, for tasks of a simulated host, under every policy.
#include <cstdint>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/base/key.hpp"
#include "simnet/choices/choices.hpp"
#include "tests/properties/fairness/model/desk.hpp"
#include "tests/properties/fairness/policies.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::fairness {
namespace {

void are_served_in_turn_under_every_policy(Shared what, std::uint64_t seed) {
  const auto crowd = *any_crowd(what);
  for (const char* policy : policies) {
    Desk desk(crowd);
    simnet::World world(policy_of(policy, seed));
    world.choices().listen([&desk](const simnet::Coordinate& at) {
      if (at.site == simnet::Site::run) {
        desk.line().is_ready(sched::extend_key(sched::empty_key, at.entity));
      }
    });
    world.host("host").spawn(
        [&desk](simnet::ProgramHost& host) { return desk.open(host.scheduler()); });
    world.run();
    RC_LOG() << policy << '\n';
    RC_ASSERT(desk.is_done());
    RC_ASSERT(desk.line().in_turn());
  }
}

RC_GTEST_PROP(EveryPolicy, lets_an_event_wake_first_who_came_first, (std::uint64_t seed)) {
  are_served_in_turn_under_every_policy(Shared::event, seed);
}
RC_GTEST_PROP(EveryPolicy, lets_a_mutex_go_first_to_who_came_first, (std::uint64_t seed)) {
  are_served_in_turn_under_every_policy(Shared::mutex, seed);
}
RC_GTEST_PROP(EveryPolicy, lets_a_permit_go_first_to_who_came_first, (std::uint64_t seed)) {
  are_served_in_turn_under_every_policy(Shared::semaphore, seed);
}
RC_GTEST_PROP(EveryPolicy, lets_a_condition_wake_first_who_came_first, (std::uint64_t seed)) {
  are_served_in_turn_under_every_policy(Shared::condition, seed);
}
RC_GTEST_PROP(EveryPolicy, lets_a_channel_give_first_to_who_came_first, (std::uint64_t seed)) {
  are_served_in_turn_under_every_policy(Shared::to_receive, seed);
}
RC_GTEST_PROP(EveryPolicy, lets_a_channel_take_first_from_who_came_first, (std::uint64_t seed)) {
  are_served_in_turn_under_every_policy(Shared::to_send, seed);
}

}  // namespace
}  // namespace rehearsal::fairness
