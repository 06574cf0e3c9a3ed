// TaskGroup: child tasks that fail together.
#pragma once

#include "sched/sync/children.hpp"

namespace rehearsal::sched {

/// Child tasks that fail together: the first child that fails cancels the others, and join()
/// rethrows what it threw. Destroying a group destroys its children, the newest first, so none
/// outlives it.
class TaskGroup final : public Children, public SpawnErrors<TaskGroup> {
 public:
  /// Creates a group on a Host or an Executor. It belongs to the running task, and its children are
  /// cancelled with that task.
  explicit TaskGroup(Executor& executor) : Children(executor) {}
  ~TaskGroup() override { destroy_all(); }

  using SpawnErrors<TaskGroup>::spawn;
  /// Starts a child as Scheduler::spawn does. If the group has failed or was cancelled, the child
  /// is cancelled at once.
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
  /// Starts a child without a name. If the group has failed or was cancelled, the child is
  /// cancelled at once.
  template <class F>
  auto spawn(F&& runs)
    requires Spawnable<F>
  {
    return spawn(std::string_view(), std::forward<F>(runs));
  }

  /// Cancels every child, and every child that is spawned later.
  void cancel() {
    cancelled_ = true;
    Children::cancel();
  }
  /// Waits until every child is done: `co_await group.join()`. Rethrows what the first child that
  /// failed threw. If cancelled, the children continue until the group is destroyed.
  Task<> join();

 private:
  void child_done(TaskRecord& task, const std::exception_ptr& failure) override;

  std::exception_ptr failure_;
  bool cancelled_ = false;
};

}  // namespace rehearsal::sched
