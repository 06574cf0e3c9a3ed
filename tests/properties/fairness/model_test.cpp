// The scheduler behaves like a naive one: the same steps, in the same order, at the same instants.
#include "tests/properties/fairness/model/model.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/properties/fairness/model/generators.hpp"
#include "tests/properties/fairness/model/run.hpp"

namespace rehearsal::fairness {
namespace {

void is_the_run_of_the_model(const Vocabulary& vocabulary) {
  const auto program = *program_of(vocabulary);
  const auto script = *any_script();
  Model model(program, script);
  const sched::RunEnd expected = model.run();

  HoldingRun run(script, program);
  const sched::RunEnd end = run.finish();

  RC_ASSERT(run.log().entries() == model.entries());
  RC_ASSERT(end == expected);
}

RC_GTEST_PROP(Model, a_run_is_the_one_that_a_naive_scheduler_makes, ()) {
  is_the_run_of_the_model(modelled());
}

RC_GTEST_PROP(Model, a_run_with_sockets_is_the_one_that_a_naive_scheduler_makes, ()) {
  is_the_run_of_the_model(around_socket(*any_thing()));
}

RC_GTEST_PROP(Model, a_run_with_events_is_the_one_that_a_naive_scheduler_makes, ()) {
  is_the_run_of_the_model(around_event(*any_thing()));
}

RC_GTEST_PROP(Model, a_run_with_permits_is_the_one_that_a_naive_scheduler_makes, ()) {
  is_the_run_of_the_model(around_semaphore(*any_thing()));
}

RC_GTEST_PROP(Model, a_run_with_channels_is_the_one_that_a_naive_scheduler_makes, ()) {
  is_the_run_of_the_model(around_channel(*any_thing()));
}

RC_GTEST_PROP(Model, a_run_with_timers_is_the_one_that_a_naive_scheduler_makes, ()) {
  is_the_run_of_the_model(around_timers());
}

}  // namespace
}  // namespace rehearsal::fairness
