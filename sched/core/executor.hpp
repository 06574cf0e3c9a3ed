// The part of a scheduler that needs no source: it keeps the tasks, the ready queue and the timers,
// resumes tasks, and destroys what was cancelled. Everything that waits for another task (events,
// locks, channels, groups) is built on it and knows nothing of sockets.
//
// Invariants:
//  - A task is resumed only from resume(), never from another task: one C++ stack, one loop.
//  - A task that is ready is in the ready queue exactly once.
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

struct SchedulerOptions {
  SchedulerOptions() = default;

  // How many socket operations a task may complete in one resumption before it yields: what keeps
  // a stream that is always readable from holding the others up.
  std::uint32_t operations_per_resumption = 32;
  // What the paths of all its tasks begin with; empty: nothing.
  std::string path;
  // Makes those paths unique; null: they may repeat. Must outlive the scheduler.
  Names* names = nullptr;
};

// One task of the list of tasks.
struct TaskInfo {
  std::string path;
  TaskState state = TaskState::ready;
  std::string waits_on;                      // empty where it does not wait
  Instant since;                             // when it got into this state
  std::vector<std::source_location> frames;  // innermost first; the line of each one's co_await
};

class Executor : private TaskOwner {
 public:
  ~Executor() override;

  // The instant of the last wait; the same throughout a resumption.
  [[nodiscard]] Instant now() const { return now_; }
  // The task that is running; null between resumptions.
  [[nodiscard]] TaskRecord* current() const { return current_; }
  [[nodiscard]] Timers& timers() { return timers_; }
  [[nodiscard]] const Timers& timers() const { return timers_; }
  [[nodiscard]] const std::string& path() const { return options_.path; }
  // The key of what comes before the names of the tasks that have no parent.
  [[nodiscard]] std::uint64_t path_key() const { return path_key_; }
  // For a search: what its tasks do, and what they wait for, as objects that the end of a task by
  // another's hand touches.
  [[nodiscard]] std::uint64_t turns_key() const { return path_key_ + 1; }
  [[nodiscard]] std::uint64_t waits_key() const { return path_key_ + 2; }
  [[nodiscard]] Names* names() const { return options_.names; }
  // True once the scheduler is being destroyed: nothing that is spawned now could ever run.
  [[nodiscard]] bool closing() const { return closing_; }

  // Starts `task` under `owner` (null: this executor) as a child of `parent` (null: of nobody). It
  // is ready at once and runs in its turn. An empty name means unnamed. `attachment` lives as long
  // as the task's frames.
  template <class T>
  TaskRecord& start(TaskOwner* owner, TaskRecord* parent, std::string_view name, Task<T> task,
                    std::unique_ptr<Attachment> attachment = nullptr) {
    return start_root(owner, parent, name, task.release(), std::move(attachment));
  }

  // The running task suspends: it waits with `waiter`, which lives until it is resumed or
  // destroyed.
  void suspend(TaskRecord& task, Waiter& waiter) {
    task.state_ = TaskState::waiting;
    task.waiting_ = &waiter;
    task.since_ = now_;
  }
  // A waiting task becomes ready.
  void make_ready(TaskRecord& task) {
    check(task.state_ == TaskState::waiting, "only a waiting task is made ready");
    enqueue(task);
  }
  // The running task becomes ready again, behind those that are ready now; where `waiter` is given,
  // it makes its attempt in the task's next turn.
  void yield(TaskRecord& task, Waiter* waiter = nullptr) {
    task.waiting_ = waiter;
    enqueue(task);
  }
  // Counts one operation of the running task; false where it has used up its budget and must yield.
  [[nodiscard]] bool spend() {
    if (budget_ == 0) {
      return false;
    }
    --budget_;
    return true;
  }

  // Marks `task`: it is destroyed before the next resumption. Nothing where it is done.
  void cancel(TaskRecord& task);
  // Destroys the frames that `callee` and what it called have in `task`, which then goes on, in its
  // turn, in the frame that called `callee`. REQUIRES: no task runs.
  void cut(TaskRecord& task, PromiseBase& callee);
  // Destroys `task` now, its children first. CHECKs that it is not the one running.
  void destroy(TaskRecord& task);
  // Destroys what cancel() marked. REQUIRES: no task runs.
  void destroy_marked() {
    if (!marked_.empty()) [[unlikely]] {
      destroy_all_marked();
    }
  }

  // `joiner` is made ready when `task` is done; null: nobody is.
  static void set_joiner(TaskRecord& task, TaskRecord* joiner) {
    check(joiner == nullptr || task.joiner_ == nullptr, "one task joins another");
    task.joiner_ = joiner;
  }
  // A held task that is done keeps its root frame, with the result, until it is let go.
  static void hold(TaskRecord& task) { task.has_handle_ = true; }
  static void let_go(TaskRecord& task);
  // The frame with the result of a held task that has ended; null where it was cancelled.
  [[nodiscard]] static PromiseBase* ended_frame(TaskRecord& task) { return task.leaf_; }

  // `observer` is called from now on until it is forgotten; it must live until then. Where none is
  // to see turns, resumed(), waits() and polled() are not called: they cost the most.
  void observe(Observer& observer, bool sees_turns = true);
  void forget(Observer& observer);

  // All tasks that are not done: parents before their children, otherwise in the order of spawning.
  [[nodiscard]] std::vector<TaskInfo> tasks() const;
  [[nodiscard]] std::size_t task_count() const { return task_count_; }
  [[nodiscard]] std::size_t ready_count() const {
    return arrivals_.size() + held_back_ - dead_entries_;
  }
  // How many tasks have ended with an exception.
  [[nodiscard]] std::uint64_t failures() const { return failures_; }

 protected:
  explicit Executor(SchedulerOptions options);

  // Runs `task` until it waits, yields or ends. REQUIRES: it was just taken out of the ready queue.
  void resume(TaskRecord& task);
  // Resumes what is in arrivals_ now, in order; says how many.
  std::size_t resume_arrivals();
  // Ends every task, the newest first.
  void close();
  // Lets go of an entry of the ready queue. REQUIRES: its task is done.
  void discard(TaskRecord& task) {
    --dead_entries_;
    task.release();
  }
  void set_now(Instant now) { now_ = now; }

  // Whether an observer sees turns.
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
  SmallVector<TaskRecord*, 2> turns_;  // of the round under way

  // From here on what every round touches, so that it lies together.
  std::size_t task_count_ = 0;
  std::vector<TaskReference> marked_;
  Timers timers_;
  Instant now_{};
  TaskRecord* current_ = nullptr;
  std::uint32_t operations_per_resumption_;
  std::uint32_t budget_ = 0;
  bool observed_ = false;  // an observer sees turns
  bool closing_ = false;

 protected:
  std::size_t held_back_ = 0;     // entries of the ready queue that are not in arrivals_ any more
  std::size_t dead_entries_ = 0;  // entries whose tasks were destroyed
  // The ready queue in order of arrival; each entry is a reference.
  SmallVector<TaskRecord*, 2> arrivals_;
};

// True while what is being destroyed did not come to its end: its task was cancelled or has failed,
// or an exception is on its way.
[[nodiscard]] bool unwinding();

}  // namespace rehearsal::sched
