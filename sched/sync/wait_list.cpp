#include "sched/sync/wait_list.hpp"

namespace rehearsal::sched {

void ListWaiter::wait_in(WaitList& list, PromiseBase& caller) {
  task_ = &caller.task();
  enter_before(list);
  task_->executor().suspend(*task_, *this);
}

WaitList::~WaitList() {
  // When a whole tree of tasks is destroyed, one task may own what another waits for.
  check(empty() || being_cancelled(), "what tasks wait for outlives their wait");
  while (!empty()) {
    static_cast<ListWaiter*>(later())->leave();
  }
}

ListWaiter& WaitList::wake_first() {
  auto& waiter = *static_cast<ListWaiter*>(later());
  waiter.leave();
  waiter.task()->executor().make_ready(*waiter.task());
  return waiter;
}

}  // namespace rehearsal::sched
