// Supervisor isolates: a child that fails is reported, counted and forgotten, and the others go on.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>

#include "sched/sync/children.hpp"

namespace rehearsal::sched {

struct SupervisorOptions {
  SupervisorOptions() = default;

  // How many children may run at once.
  std::size_t limit = std::numeric_limits<std::size_t>::max();
  // Called between resumptions for each child that failed; must not throw.
  std::function<void(const TaskRecord& task, const std::exception_ptr& failure)> on_failure;
};

class Supervisor final : public Children, public SpawnErrors<Supervisor> {
 public:
  // A Host or an Executor. Its children belong to the task that is running, and are cancelled with
  // it.
  explicit Supervisor(Executor& executor, SupervisorOptions options = {});
  ~Supervisor() override { destroy_all(); }

  using SpawnErrors<Supervisor>::spawn;
  // As Scheduler::spawn. REQUIRES: size() is below the limit; room() waits for that.
  template <class F, class... Arguments>
  auto spawn(std::string_view name, F&& runs, Arguments&&... arguments)
    requires Spawnable<F, Arguments...>
  {
    check(size() < options_.limit, "a supervisor starts no more children than its limit");
    return start(name, std::forward<F>(runs), std::forward<Arguments>(arguments)...);
  }
  template <class F>
  auto spawn(F&& runs)
    requires Spawnable<F>
  {
    return spawn(std::string_view(), std::forward<F>(runs));
  }

  // co_await room(): until fewer than the limit run.
  Task<> room();
  // co_await join(): until no child is left, failed or not.
  Task<> join();

  [[nodiscard]] std::uint64_t finished() const {
    touch(room_.key(), Access::read);
    return finished_;
  }
  [[nodiscard]] std::uint64_t failed() const {
    touch(room_.key(), Access::read);
    return failed_;
  }

 private:
  void child_done(TaskRecord& task, const std::exception_ptr& failure) override;

  SupervisorOptions options_;
  Event room_;
  std::uint64_t finished_ = 0;  // ended in any way, failures included
  std::uint64_t failed_ = 0;
};

}  // namespace rehearsal::sched
