// Scheduler<Source>: the executor's tasks over one event source, which reports readiness and time.
//
// It works in rounds. A round resumes the tasks that were ready when it began, each once. Then the
// source is polled once. The tasks that it wakes form the next round, together with those that
// became ready during the round. So
//  - a ready task is resumed after at most as many others as were ready when it became ready. These
//    include the tasks that the poll of its round made ready before it; its own delay is added;
//  - sockets and timers are polled once a round, however long the queue is.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "sched/core/executor.hpp"
#include "sched/core/handles.hpp"
#include "sched/core/ready_queue.hpp"
#include "sched/core/spawn.hpp"
#include "sched/seam/hooks.hpp"
#include "sched/seam/source.hpp"

namespace rehearsal::sched {

/// Why run() returned.
/// `done`: no task is left. `stopped`: stop() was called. `condition`: the condition holds, or the
/// instant is reached. `quiescent`: tasks are left that nothing can ever wake (a deadlock).
enum class RunEnd : std::uint8_t { done, stopped, condition, quiescent };

/// Runs tasks over one event source, in one thread. Every ready task is resumed once a round; the
/// source is polled between rounds. A task that became ready is therefore resumed after at most as
/// many others as were ready at that time, plus its delay.
template <Source S>
class Scheduler : public Executor, public SpawnErrors<Scheduler<S>> {
 public:
  /// Creates a scheduler over `source`, which must outlive it.
  explicit Scheduler(S& source, SchedulerOptions options = {})
      : Executor(std::move(options)), source_(source), handles_(*this, source) {
    check_hooks<S>();
    if constexpr (hooks_of<S>.follows) {
      source.follow(*this);
    }
    set_now(source.now());
  }
  /// Destroys the tasks that are left, the newest first. Clean-ups of finally() do not run.
  ~Scheduler() override { shut_down(); }

  /// Returns the event source.
  [[nodiscard]] S& source() { return source_; }
  /// Returns the table of the host's open sockets.
  [[nodiscard]] Handles<S>& handles() { return handles_; }
  [[nodiscard]] const Handles<S>& handles() const { return handles_; }
  using SpawnErrors<Scheduler<S>>::spawn;
  /// Starts a task: a Task<T>, or a callable that returns one when called with `arguments`. The
  /// callable lives as long as the task. The task is a child of the task that is running, if any,
  /// in its path only: it may outlive its parent. It is ready at once and first runs in its turn.
  /// Returns a JoinHandle<T>; dropping it detaches the task.
  template <class F, class... Arguments>
  auto spawn(std::string_view name, F&& runs, Arguments&&... arguments)
    requires Spawnable<F, Arguments...>
  {
    return sched::spawn(SpawnInto{.executor = *this, .parent = current(), .name = name},
                        std::forward<F>(runs), std::forward<Arguments>(arguments)...);
  }
  /// Starts a task without a name: its path ends with its number among its parent's
  /// unnamed children.
  template <class F>
  auto spawn(F&& runs)
    requires Spawnable<F>
  {
    return spawn(std::string_view(), std::forward<F>(runs));
  }

  /// Resumes each task that is ready now once. Returns how many there were.
  [[gnu::hot]] std::size_t round();
  /// Polls the source once, and waits until `until` or the nearest timer at most. Makes the
  /// tasks ready whose sockets it reports, then fires the timers that are due. Returns why the
  /// wait ended.
  [[gnu::hot]] Wake poll(Deadline until);

  /// Destroys cancelled tasks and moves newly ready ones to the queue. For drivers that resume one
  /// task at a time.
  void settle();
  /// Calls `f(task, arrival)` for each ready task, in order of arrival. REQUIRES: settle() was
  /// called, and the source holds no task back.
  template <class F>
  void for_each_ready(F&& f) const {
    queue_.for_each(std::forward<F>(f));
  }
  /// Resumes the first ready task. REQUIRES: there is one since settle().
  void resume_first() { resume_taken(queue_.pop()); }
  /// Resumes `task` and returns its arrival number. REQUIRES: it is ready since settle().
  std::uint64_t resume_ready(const TaskRecord& task);
  /// Fires one timer that is due. REQUIRES: no task runs.
  void fire(Timer& timer);
  /// Polls the source without waiting, and fires no timer.
  void poll_sockets();

  /// Runs until no task is left, stop() is called, or nothing can wake the tasks that are left.
  /// REQUIRES: no task is running.
  RunEnd run();
  /// Runs until `condition()` holds, or for another reason of run(). Evaluates the condition before
  /// the first round and after each round.
  template <std::predicate Condition>
  RunEnd run_until(Condition&& condition);
  /// Runs until the source's time is at least `until`, or for another reason of run().
  RunEnd run_until(Instant until);
  /// Runs until the task of `handle` is done, or for another reason of run().
  template <class T>
  RunEnd run_until(const JoinHandle<T>& handle) {
    return run_until([&handle] { return handle.done(); });
  }
  /// Ends run() after the current round. The tasks stay; run() may be called again.
  void stop() { stopped_ = true; }

  /// The awaiter of wait().
  class ReadinessWait;
  /// Waits for a socket: `co_await wait(handle, way)` completes when the source has reported
  /// readiness that no earlier wait consumed. Readiness is a hint: the call may still block. Wait
  /// again only after a call returned would_block, because a source may report changes only. If the
  /// task is cancelled, the wait ends without effect. Throws std::system_error:
  /// - bad_file_descriptor: the handle was never open, or is closed;
  /// - device_or_resource_busy: another task waits for this direction;
  /// - invalid_argument: `way` is not recv or send;
  /// - operation_canceled: the handle was closed during the wait.
  [[nodiscard]] ReadinessWait wait(Handle handle, Direction way) { return {*this, handle, way}; }

 private:
  std::size_t resume_only();
  void resume_taken(TaskRecord& task);
  void arrive();
  [[nodiscard]] bool source_ended() const;
  void take_time(TaskRecord& task);
  template <class Condition>
  RunEnd run_loop(Deadline until, Condition&& condition);
  void shut_down();

  S& source_;
  Handles<S> handles_;
  ReadyList found_;
  ReadyQueue queue_;  // only used if the source holds tasks back
  bool stopped_ = false;
};

// Implementation.

template <Source S>
class Scheduler<S>::ReadinessWait final : public SocketWaiter {
 public:
  ReadinessWait(Scheduler& scheduler, Handle handle, Direction way)
      : SocketWaiter(handle, way), scheduler_(scheduler) {}
  ReadinessWait(ReadinessWait&&) noexcept = default;  // only before it is awaited
  ~ReadinessWait() { scheduler_.handles_.release(*this); }

  [[nodiscard]] bool await_ready() {
    task_ = scheduler_.current();
    error_ = scheduler_.handles_.claim(*this);
    return error_ != std::errc{} || (scheduler_.spend() && attempt());
  }
  template <std::derived_from<PromiseBase> Caller>
  void await_suspend(std::coroutine_handle<Caller> /*caller*/) {
    if (task_->state() == TaskState::running) {  // the budget is spent
      scheduler_.yield(*task_, this);
    }
  }
  void await_resume() const {
    if (error_ != std::errc{}) {
      fail(describe());
    }
  }

  [[gnu::hot]] bool attempt() override {
    if (error_ != std::errc{}) {
      return true;
    }
    if (scheduler_.handles_.latched(*this)) {
      scheduler_.handles_.would_block(*this);
      scheduler_.handles_.release(*this);
      return true;
    }
    error_ = scheduler_.handles_.watch(*this);
    if (error_ != std::errc{}) {
      return true;
    }
    scheduler_.suspend(*task_, *this);
    return false;
  }

 private:
  Scheduler& scheduler_;
};

template <Source S>
std::size_t Scheduler<S>::round() {
  destroy_marked();
  if constexpr (!hooks_of<S>.holds_back) {
    return resume_arrivals();
  } else {
    if (source_ended()) [[unlikely]] {
      return 0;
    }
    if (held_back_ == 0 && arrivals_.size() == 1) {
      return resume_only();
    }
    arrive();
    const std::size_t count = queue_.size();
    for (std::size_t left = count; left > 0 && !source_ended(); --left) {
      TaskRecord& task = queue_.pop();
      held_back_ = queue_.size();
      if (task.state() != TaskState::ready) {  // destroyed while queued: no step
        discard(task);
        continue;
      }
      take_time(task);
      resume(task);
      arrive();
    }
    return count;
  }
}

// Resumes the only ready task. No other can pass it. Its delay is still asked for, so that the
// questions to the source do not depend on which other tasks are ready.
template <Source S>
[[gnu::always_inline]] inline std::size_t Scheduler<S>::resume_only() {
  TaskRecord& task = *arrivals_.front();
  arrivals_.clear();
  if (task.state() != TaskState::ready) {
    discard(task);
    return 0;
  }
  static_cast<void>(source_.delay(task));
  take_time(task);
  resume(task);
  if (!arrivals_.empty()) {
    arrive();
  }
  return 1;
}

template <Source S>
bool Scheduler<S>::source_ended() const {
  if constexpr (hooks_of<S>.ends) {
    return source_.process_ended();
  } else {
    return false;
  }
}

template <Source S>
void Scheduler<S>::take_time(TaskRecord& task) {
  if constexpr (hooks_of<S>.takes_time) {
    try {
      set_now(source_.resume(task));
    } catch (...) {  // a replay that stops
      abandon(task);
      throw;
    }
  }
}

template <Source S>
void Scheduler<S>::arrive() {
  for (TaskRecord* task : arrivals_) {
    if (task->state() == TaskState::ready) {
      queue_.push(*task, source_.delay(*task));
    } else {  // destroyed in the meantime: nothing to choose
      discard(*task);
    }
  }
  arrivals_.clear();
  held_back_ = queue_.size();
}

template <Source S>
void Scheduler<S>::settle() {
  destroy_marked();
  arrive();
  queue_.keep_if([this](TaskRecord& task) {
    const bool lives = task.state() == TaskState::ready;
    if (!lives) {
      discard(task);
    }
    return lives;
  });
  held_back_ = queue_.size();
}

template <Source S>
std::uint64_t Scheduler<S>::resume_ready(const TaskRecord& task) {
  const ReadyQueue::Taken taken = queue_.take(task);
  resume_taken(*taken.task);
  return taken.arrival;
}

template <Source S>
void Scheduler<S>::resume_taken(TaskRecord& task) {
  held_back_ = queue_.size();
  take_time(task);
  resume(task);
}

template <Source S>
void Scheduler<S>::fire(Timer& timer) {
  set_now(source_.now());
  timers().fire(timer);
  destroy_marked();
}

template <Source S>
void Scheduler<S>::poll_sockets() {
  found_.clear();
  source_.wait(source_.now(), found_);
  set_now(source_.now());
  for (const Ready& ready : found_) {
    handles_.report(ready);
  }
}

template <Source S>
Wake Scheduler<S>::poll(Deadline until) {
  destroy_marked();
  found_.clear();
  const Deadline timer = timers().next();
  const Wake wake = source_.wait(timer < until ? timer : until, found_);
  set_now(source_.now());
  for (const Ready& ready : found_) {
    handles_.report(ready);
  }
  if (observed()) [[unlikely]] {
    notify([&](Observer& observer) { observer.polled(wake, found_.size()); });
  }
  if constexpr (hooks_of<S>.fires_timers) {
    source_.fire_due(timers(), now());
  } else {
    timers().fire_due(now());
  }
  return wake;
}

template <Source S>
template <class Condition>
RunEnd Scheduler<S>::run_loop(Deadline until, Condition&& condition) {
  check(current() == nullptr, "run() is not called by a task");
  stopped_ = false;
  if (condition()) {
    return RunEnd::condition;
  }
  for (;;) {
    round();
    if (stopped_) {
      return RunEnd::stopped;
    }
    if (condition()) {
      return RunEnd::condition;
    }
    if (task_count() == 0) {
      return RunEnd::done;
    }
    const Wake wake = poll(ready_count() != 0 ? now() : until);
    if (wake == Wake::quiescent && ready_count() == 0) {
      return RunEnd::quiescent;
    }
  }
}

template <Source S>
RunEnd Scheduler<S>::run() {
  return run_loop(never, [] { return false; });
}

template <Source S>
template <std::predicate Condition>
RunEnd Scheduler<S>::run_until(Condition&& condition) {
  return run_loop(never, std::forward<Condition>(condition));
}

template <Source S>
RunEnd Scheduler<S>::run_until(Instant until) {
  return run_loop(until, [this, until] { return now() >= until; });
}

template <Source S>
void Scheduler<S>::shut_down() {
  close();
  while (queue_.size() != 0) {
    discard(queue_.pop());
  }
}

}  // namespace rehearsal::sched
