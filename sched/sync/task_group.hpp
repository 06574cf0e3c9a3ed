// TaskGroup fails together: the first child that fails cancels the others, and join() rethrows what
// it threw. A group does not end before its children do.
#pragma once

#include "sched/sync/children.hpp"

namespace rehearsal::sched {

class TaskGroup final : public Children, public SpawnErrors<TaskGroup> {
 public:
  // A Host or an Executor. Its children belong to the task that is running, and are cancelled with
  // it.
  explicit TaskGroup(Executor& executor) : Children(executor) {}
  ~TaskGroup() override { destroy_all(); }

  using SpawnErrors<TaskGroup>::spawn;
  // As Scheduler::spawn. In a group that has failed or was cancelled, the child is cancelled at
  // once.
  template <class F, class... Arguments>
  auto spawn(std::string_view name, F&& runs, Arguments&&... arguments)
    requires Spawnable<F, Arguments...>
  {
    auto handle = start(name, std::forward<F>(runs), std::forward<Arguments>(arguments)...);
    if (failure_ || cancelled_) {
      handle.cancel();
    }
    return handle;
  }
  template <class F>
  auto spawn(F&& runs)
    requires Spawnable<F>
  {
    return spawn(std::string_view(), std::forward<F>(runs));
  }

  void cancel() {
    cancelled_ = true;
    Children::cancel();
  }
  // Waits until every child is done; rethrows the first failure.
  Task<> join();

 private:
  void child_done(TaskRecord& task, const std::exception_ptr& failure) override;

  std::exception_ptr failure_;
  bool cancelled_ = false;
};

}  // namespace rehearsal::sched
