// The part of a scheduler that needs no event source: it keeps the tasks, the ready queue and the
// timers, resumes tasks, and destroys cancelled ones. Everything by which tasks wait for each other
// (events, locks, channels, groups) is built on it and does not depend on sockets.
//
// Invariants:
//  - A task is resumed only from resume(), never from another task: one C++ stack, one loop.
//  - A ready task is in the ready queue exactly once.
//  - Frames are destroyed between resumptions, innermost first, children before their parents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sched/base/small_vector.hpp"
#include "sched/core/names.hpp"
#include "sched/core/observer.hpp"
#include "sched/core/task.hpp"
#include "sched/core/task_owner.hpp"
#include "sched/core/timers.hpp"

namespace rehearsal::sched {

/// Options of a Scheduler or a Host.
struct SchedulerOptions {
  SchedulerOptions() = default;

  /// Maximum number of socket operations that a task may complete in one resumption before it
  /// yields. Keeps a stream that is always readable from starving other tasks.
  std::uint32_t operations_per_resumption = 32;
  /// Prefix of the paths of all tasks; empty means none.
  std::string path;
  /// Makes those paths unique; null means that they may repeat. Must outlive the scheduler.
  Names* names = nullptr;
};

/// One entry of a task dump; see Executor::tasks.
struct TaskInfo {
  std::string path;  ///< see TaskRecord::path
  TaskState state = TaskState::ready;
  std::string waits_on;  ///< empty if it does not wait
  Instant since;         ///< when it entered this state
  /// the line of the co_await of each frame, innermost first
  std::vector<std::source_location> frames;
};

/// The part of a scheduler that needs no event source: tasks, ready queue and timers.
class Executor : private TaskOwner {
 public:
  ~Executor() override;

  /// Returns the time of the last wait; it is the same throughout a resumption.
  [[nodiscard]] Instant now() const { return now_; }
  /// Returns the task that is running, or null between resumptions.
  [[nodiscard]] TaskRecord* current() const { return current_; }
  /// Returns the timers.
  [[nodiscard]] Timers& timers() { return timers_; }
  [[nodiscard]] const Timers& timers() const { return timers_; }
  /// Returns the prefix of all task paths (SchedulerOptions::path).
  [[nodiscard]] const std::string& path() const { return options_.path; }
  /// Returns the key of path(), from which the keys of the tasks without a parent are computed.
  [[nodiscard]] std::uint64_t path_key() const { return path_key_; }
  /// Returns the object that stands for the turns of its tasks, for a search that asks which steps
  /// commute. Ending a task from outside touches it.
  [[nodiscard]] std::uint64_t turns_key() const { return path_key_ + 1; }
  /// Returns the object that stands for the waits of its tasks, for such a search.
  [[nodiscard]] std::uint64_t waits_key() const { return path_key_ + 2; }
  /// Returns the Names that make paths unique, or null if none.
  [[nodiscard]] Names* names() const { return options_.names; }
  /// Returns true once the scheduler is being destroyed: a task spawned now would never run.
  [[nodiscard]] bool closing() const { return closing_; }

  /// Starts `task` under `owner` (null means this executor) as a child of `parent` (null means
  /// none). It is ready at once and runs in its turn. An empty name means unnamed. `attachment`
  /// lives as long as the task's frames.
  template <class T>
  TaskRecord& start(TaskOwner* owner, TaskRecord* parent, std::string_view name, Task<T> task,
                    std::unique_ptr<Attachment> attachment = nullptr) {
    return start_root(owner, parent, name, task.release(), std::move(attachment));
  }

  /// Suspends the running task: it waits with `waiter`, which must live until the task is resumed
  /// or destroyed.
  void suspend(TaskRecord& task, Waiter& waiter) {
    task.state_ = TaskState::waiting;
    task.waiting_ = &waiter;
    task.since_ = now_;
  }
  /// Makes a waiting task ready.
  void make_ready(TaskRecord& task) {
    check(task.state_ == TaskState::waiting, "only a waiting task is made ready");
    enqueue(task);
  }
  /// Makes the running task ready again, behind the tasks that are ready now. If `waiter` is not
  /// null, it makes its attempt in the task's next turn.
  void yield(TaskRecord& task, Waiter* waiter = nullptr) {
    task.waiting_ = waiter;
    enqueue(task);
  }
  /// Counts one socket operation of the running task. Returns false if its budget is spent and it
  /// must yield.
  [[nodiscard]] bool spend() {
    if (budget_ == 0) {
      return false;
    }
    --budget_;
    return true;
  }

  /// Marks `task`: it is destroyed before the next resumption. Does nothing if it is done.
  void cancel(TaskRecord& task);
  /// Destroys the frames of `callee` and of everything it called in `task`. The task is then ready
  /// to continue in the frame that called `callee`. REQUIRES: no task runs.
  void cut(TaskRecord& task, PromiseBase& callee);
  /// Destroys `task` now, its children first. CHECKs that it is not running.
  void destroy(TaskRecord& task);
  /// Destroys the tasks that cancel() marked. REQUIRES: no task runs.
  void destroy_marked() {
    if (!marked_.empty()) [[unlikely]] {
      destroy_all_marked();
    }
  }

  /// Makes `joiner` ready when `task` is done; null removes the joiner.
  static void set_joiner(TaskRecord& task, TaskRecord* joiner) {
    check(joiner == nullptr || task.joiner_ == nullptr, "one task joins another");
    task.joiner_ = joiner;
  }
  /// Keeps the root frame of `task`, with its result, after its end until let_go().
  static void hold(TaskRecord& task) { task.has_handle_ = true; }
  /// Ends hold(): destroys the frame if the task is done.
  static void let_go(TaskRecord& task);
  /// Returns the frame with the result of a held task that has ended, or null if it was cancelled.
  [[nodiscard]] static PromiseBase* ended_frame(TaskRecord& task) { return task.leaf_; }

  /// Calls `observer` for each event until forget(); it must live until then. If `sees_turns` is
  /// false, resumed(), waits() and polled() are not called: they cost the most.
  void observe(Observer& observer, bool sees_turns = true);
  /// Stops calling `observer`.
  void forget(Observer& observer);

  /// Returns all tasks that are not done: parents before their children, otherwise in the order
  /// of spawning.
  [[nodiscard]] std::vector<TaskInfo> tasks() const;
  /// Returns the number of tasks that are not done.
  [[nodiscard]] std::size_t task_count() const { return task_count_; }
  /// Returns the number of ready tasks.
  [[nodiscard]] std::size_t ready_count() const {
    return arrivals_.size() + held_back_ - dead_entries_;
  }
  /// Returns how many tasks have ended with an exception.
  [[nodiscard]] std::uint64_t failures() const { return failures_; }

 protected:
  explicit Executor(SchedulerOptions options);

  // Runs `task` until it waits, yields or ends. REQUIRES: it was just taken out of the ready queue.
  void resume(TaskRecord& task);
  // Resumes the tasks that are in arrivals_ now, in order. Returns how many there were.
  std::size_t resume_arrivals();
  // Destroys every task, the newest first.
  void close();
  // Drops an entry of the ready queue. REQUIRES: its task is done.
  void discard(TaskRecord& task) {
    --dead_entries_;
    task.release();
  }
  // Drops an entry of the ready queue. REQUIRES: the run stops, so that its task is not resumed.
  static void abandon(TaskRecord& task) { task.release(); }
  void set_now(Instant now) { now_ = now; }

  // Returns true if an observer wants turns.
  [[nodiscard]] bool observed() const { return observed_; }
  template <class Callback>
  void notify(Callback&& callback) {
    for (Observer* observer : observers_) {
      callback(*observer);
    }
  }

 private:
  TaskRecord& start_root(TaskOwner* owner, TaskRecord* parent, std::string_view name,
                         PromiseBase& root, std::unique_ptr<Attachment> attachment);
  void child_done(TaskRecord& /*task*/, const std::exception_ptr& /*failure*/) override {}
  void run_frames(TaskRecord& task);
  void enqueue(TaskRecord& task) {
    task.state_ = TaskState::ready;
    task.since_ = now_;
    ++task.times_ready_;
    task.retain();
    arrivals_.push_back(&task);
  }
  void take_turn(TaskRecord& task);
  void destroy_all_marked();
  void finish(TaskRecord& task);
  void destroy_one(TaskRecord& task);
  static void destroy_ended(TaskRecord& task);
  static void destroy_frames(TaskRecord& task, PromiseBase* until) noexcept;
  void end(TaskRecord& task, const std::exception_ptr& failure);

  SchedulerOptions options_;
  std::uint64_t path_key_;
  std::uint32_t unnamed_roots_ = 0;
  std::uint64_t failures_ = 0;
  std::vector<Observer*> observers_;
  SmallVector<TaskRecord*, 2> turns_;  // of the current round

  // The members from here on are used in every round, so they are kept together.
  std::size_t task_count_ = 0;
  std::vector<TaskReference> marked_;
  Timers timers_;
  Instant now_{};
  TaskRecord* current_ = nullptr;
  std::uint32_t operations_per_resumption_;
  std::uint32_t budget_ = 0;
  bool observed_ = false;  // an observer wants turns
  bool closing_ = false;

 protected:
  std::size_t held_back_ = 0;     // entries of the ready queue that have left arrivals_
  std::size_t dead_entries_ = 0;  // entries whose tasks were destroyed
  // The ready queue in order of arrival; each entry holds a reference.
  SmallVector<TaskRecord*, 2> arrivals_;
};

/// Returns true while a frame is being destroyed before it completed: its task was cancelled or
/// failed, or an exception is propagating.
[[nodiscard]] bool unwinding();

}  // namespace rehearsal::sched
