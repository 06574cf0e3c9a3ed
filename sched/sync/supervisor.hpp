// Supervisor: child tasks that fail independently.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>

#include "sched/sync/children.hpp"

namespace rehearsal::sched {

/// Options of a Supervisor.
struct SupervisorOptions {
  SupervisorOptions() = default;

  /// Maximum number of children that run at once, at least 1.
  std::size_t limit = std::numeric_limits<std::size_t>::max();
  /// Called between resumptions for each child that failed, or empty. It must not throw.
  std::function<void(const TaskRecord& task, const std::exception_ptr& failure)> on_failure;
};

/// Child tasks that fail independently: a child that fails is reported, counted and dropped, and
/// the others continue. Destroying a supervisor destroys its children, the newest first.
class Supervisor final : public Children, public SpawnErrors<Supervisor> {
 public:
  /// Creates a supervisor on a Host or an Executor. It belongs to the running task, and its
  /// children are cancelled with that task.
  explicit Supervisor(Executor& executor, SupervisorOptions options = {});
  ~Supervisor() override { destroy_all(); }

  using SpawnErrors<Supervisor>::spawn;
  /// Starts a child as Scheduler::spawn does. REQUIRES: size() is below the limit; await
  /// room() first.
  template <class F, class... Arguments>
  auto spawn(std::string_view name, F&& runs, Arguments&&... arguments)
    requires Spawnable<F, Arguments...>
  {
    check(size() < options_.limit, "a supervisor starts no more children than its limit");
    return start(name, std::forward<F>(runs), std::forward<Arguments>(arguments)...);
  }
  /// Starts a child without a name. REQUIRES: size() is below the limit; await room() first.
  template <class F>
  auto spawn(F&& runs)
    requires Spawnable<F>
  {
    return spawn(std::string_view(), std::forward<F>(runs));
  }

  /// Waits until fewer children than the limit run: `co_await supervisor.room()`. If cancelled, the
  /// wait ends without effect.
  Task<> room();
  /// Waits until no child is left: `co_await supervisor.join()`. Children that failed count
  /// as ended; nothing is rethrown. If cancelled, the children continue until the supervisor
  /// is destroyed.
  Task<> join();

  /// Returns how many children have ended, for any reason.
  [[nodiscard]] std::uint64_t finished() const {
    touch(room_.key(), Access::read);
    return finished_;
  }
  /// Returns how many children have thrown.
  [[nodiscard]] std::uint64_t failed() const {
    touch(room_.key(), Access::read);
    return failed_;
  }

 private:
  void child_done(TaskRecord& task, const std::exception_ptr& failure) override;

  SupervisorOptions options_;
  Event room_;
  std::uint64_t finished_ = 0;  // ended for any reason, failures included
  std::uint64_t failed_ = 0;
};

}  // namespace rehearsal::sched
