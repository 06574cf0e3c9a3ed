// The child tasks of one task, which do not outlive it. TaskGroup and Supervisor differ in what
// they do when a child fails.
#pragma once

#include <concepts>
#include <cstddef>
#include <exception>
#include <string_view>
#include <utility>

#include "sched/core/spawn.hpp"
#include "sched/core/task_owner.hpp"
#include "sched/sync/event.hpp"

namespace rehearsal::sched {

/// The common part of TaskGroup and Supervisor: children that do not outlive their owner.
class Children : public TaskOwner {
 public:
  /// Returns the executor that runs the children.
  [[nodiscard]] Executor& executor() const { return executor_; }
  /// Returns how many children are not done.
  [[nodiscard]] std::size_t size() const {
    touch(none_left_.key(), Access::read);
    return TaskOwner::size();
  }
  /// Cancels every child: each is destroyed before the next resumption.
  void cancel();

 protected:
  explicit Children(Executor& executor) : TaskOwner(executor.current()), executor_(executor) {
    none_left_.set();
  }
  ~Children() override = default;

  // Destroys the children that are left, the newest first. Destructors of derived classes call it
  // first. Whatever the children use must outlive this object.
  void destroy_all();

  template <class F, class... Arguments>
  auto start(std::string_view name, F&& runs, Arguments&&... arguments) {
    TaskRecord* parent = executor_.current() != nullptr ? executor_.current() : opener();
    auto handle = sched::spawn(
        SpawnInto{.executor = executor_, .owner = this, .parent = parent, .name = name},
        std::forward<F>(runs), std::forward<Arguments>(arguments)...);
    none_left_.clear();
    return handle;
  }
  void child_left() {
    if (TaskOwner::size() == 0) {
      none_left_.set();
    } else {
      touch(none_left_.key(), Access::add);
    }
  }
  Event::Wait none_left() { return none_left_.wait(); }

 private:
  Executor& executor_;
  Event none_left_;
};

}  // namespace rehearsal::sched
