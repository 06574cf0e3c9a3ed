// The same program over the same script makes the same run, byte for byte, whatever else happens
// in the process.
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/properties/fairness/model/generators.hpp"
#include "tests/properties/fairness/model/run.hpp"

namespace rehearsal::fairness {
namespace {

std::string log_of(const Program& program, const Script& script) {
  HoldingRun run(script, program);
  run.finish();
  return run.log().text();
}

RC_GTEST_PROP(Determinism, the_same_program_script_and_delays_give_the_same_log_twice, ()) {
  const auto program = *any_program();
  const auto script = *any_script();
  RC_ASSERT(log_of(program, script) == log_of(program, script));
}

// Runs one round and one poll. Returns false if the run is over.
bool goes_on(HoldingRun& run) {
  auto& scheduler = run.scheduler();
  scheduler.round();
  if (scheduler.task_count() == 0) {
    return false;
  }
  const bool busy = scheduler.ready_count() != 0;
  const sched::Wake wake = scheduler.poll(busy ? scheduler.now() : sched::never);
  return wake != sched::Wake::quiescent || scheduler.ready_count() != 0;
}

RC_GTEST_PROP(Determinism, a_run_is_not_touched_by_another_in_the_same_process, ()) {
  const auto program = *any_program();
  const auto script = *any_script();
  const auto other_program = *any_program();
  const auto other_script = *any_script();
  const std::string alone = log_of(program, script);

  HoldingRun run(script, program);
  HoldingRun other(other_script, other_program);
  bool run_goes_on = true;
  bool other_goes_on = true;
  while (run_goes_on) {
    run_goes_on = goes_on(run);
    other_goes_on = other_goes_on && goes_on(other);
  }

  RC_ASSERT(run.log().text() == alone);
}

}  // namespace
}  // namespace rehearsal::fairness
