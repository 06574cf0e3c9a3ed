// Whatever tasks wait for, the first to come is served first, and no other task slips in, however
// long the source holds a task back after it was served.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/core/scheduler.hpp"
#include "tests/properties/fairness/model/desk.hpp"
#include "tests/properties/fairness/model/generators.hpp"

namespace rehearsal::fairness {
namespace {

// The source is asked how long to hold a task back as soon as the task gets what it waits for.
class WatchingSource : public simnet::ScriptedSource {
 public:
  WatchingSource(const Script& script, Line& line)
      : simnet::ScriptedSource(script.waits, script.delays), line_(line) {}

  std::uint32_t delay(const sched::TaskRecord& task) {
    line_.is_ready(task.key());
    return simnet::ScriptedSource::delay(task);
  }

 private:
  Line& line_;
};

void are_served_in_turn(Shared what) {
  const auto crowd = *any_crowd(what);
  const auto script = *any_script();
  Desk desk(crowd);
  WatchingSource source(script, desk.line());
  sched::Scheduler<WatchingSource> scheduler(source);
  scheduler.spawn(desk.open(scheduler));
  scheduler.run();
  RC_ASSERT(desk.is_done());
  RC_ASSERT(desk.line().in_turn());
}

RC_GTEST_PROP(FirstComeFirstServed, of_those_who_wait_for_an_event, ()) {
  are_served_in_turn(Shared::event);
}
RC_GTEST_PROP(FirstComeFirstServed, of_those_who_want_a_mutex, ()) {
  are_served_in_turn(Shared::mutex);
}
RC_GTEST_PROP(FirstComeFirstServed, of_those_who_want_a_permit, ()) {
  are_served_in_turn(Shared::semaphore);
}
RC_GTEST_PROP(FirstComeFirstServed, of_those_who_wait_for_a_condition, ()) {
  are_served_in_turn(Shared::condition);
}
RC_GTEST_PROP(FirstComeFirstServed, of_the_receivers_of_a_channel, ()) {
  are_served_in_turn(Shared::to_receive);
}
RC_GTEST_PROP(FirstComeFirstServed, of_the_senders_of_a_channel, ()) {
  are_served_in_turn(Shared::to_send);
}

}  // namespace
}  // namespace rehearsal::fairness
