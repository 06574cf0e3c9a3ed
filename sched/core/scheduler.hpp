// Scheduler<Source>: the executor's tasks over one source of readiness and time.
//
// It goes in rounds. A round resumes the tasks that were ready when it began, each once; then the
// source is asked once, and what it says is ready forms the next round, together with the tasks
// that became ready meanwhile. So
//  - a ready task is resumed after at most (tasks ready when it became ready) others, those that
//  the
//    poll of its round made ready before it among them, plus its own delay;
//  - sockets and timers are looked at once a round, however busy the queue is.
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

// Why run() returned: no task is left; stop() was called; the condition holds or the instant is
// reached; or tasks are left that nothing can ever wake (a deadlock).
enum class RunEnd : std::uint8_t { done, stopped, condition, quiescent };

template <Source S>
class Scheduler : public Executor, public SpawnErrors<Scheduler<S>> {
 public:
  // `source` must outlive the scheduler.
  explicit Scheduler(S& source, SchedulerOptions options = {})
      : Executor(std::move(options)), source_(source), handles_(*this, source) {
    check_hooks<S>();
    if constexpr (hooks_of<S>.follows) {
      source.follow(*this);
    }
    set_now(source.now());
  }
  ~Scheduler() override { shut_down(); }

  [[nodiscard]] S& source() { return source_; }
  [[nodiscard]] Handles<S>& handles() { return handles_; }
  [[nodiscard]] const Handles<S>& handles() const { return handles_; }
  using SpawnErrors<Scheduler<S>>::spawn;
  // Starts a task: a Task<T>, or a callable that gives one and is kept with it. A child of the task
  // that is running, if one is; it lives on when that ends. Gives a JoinHandle<T>.
  template <class F, class... Arguments>
  auto spawn(std::string_view name, F&& runs, Arguments&&... arguments)
    requires Spawnable<F, Arguments...>
  {
    return sched::spawn(SpawnInto{.executor = *this, .parent = current(), .name = name},
                        std::forward<F>(runs), std::forward<Arguments>(arguments)...);
  }
  template <class F>
  auto spawn(F&& runs)
    requires Spawnable<F>
  {
    return spawn(std::string_view(), std::forward<F>(runs));
  }

  // Resumes the tasks that are ready now, each once; says how many.
  [[gnu::hot]] std::size_t round();
  // Asks the source once, waiting until `until` or the nearest timer; makes ready what it reports,
  // then fires the timers that are due.
  [[gnu::hot]] Wake poll(Deadline until);

  // For who lets one task run at a time, or says which of the ready runs. Destroys what is marked,
  // and queues what became ready.
  void settle();
  // Calls f(task, arrival) for each that is ready, in order of arrival. REQUIRES: settle(), and a
  // source that holds none back.
  template <class F>
  void for_each_ready(F&& f) const {
    queue_.for_each(std::forward<F>(f));
  }
  // Resumes the first of the ready, or `task`, and gives its arrival. REQUIRES: it is ready, since
  // settle().
  void resume_first() { resume_taken(queue_.pop()); }
  std::uint64_t resume_ready(const TaskRecord& task);
  // Fires one timer that is due. REQUIRES: no task runs.
  void fire(Timer& timer);
  // As poll(now()), but fires no timer.
  void poll_sockets();

  // Rounds and polls until no task is ready, waits for a socket or sleeps.
  RunEnd run();
  // Likewise, until `condition()` holds; it is asked before each round and before each poll.
  template <std::predicate Condition>
  RunEnd run_until(Condition&& condition);
  // Likewise, until the source's time is `until`.
  RunEnd run_until(Instant until);
  // Likewise, until that task is done.
  template <class T>
  RunEnd run_until(const JoinHandle<T>& handle) {
    return run_until([&handle] { return handle.done(); });
  }
  // Ends run() after the round under way. The tasks stay, and may be run again.
  void stop() { stopped_ = true; }

  // co_await wait(handle, way): until the source reports readiness that no wait has used up. It is
  // a hint. Wait again only after a call that would have blocked: a source may report changes only.
  // Throws std::system_error: bad_file_descriptor where the handle is closed or was never open,
  // device_or_resource_busy where another task waits for this direction, invalid_argument for a
  // direction that is neither, operation_canceled where it is closed meanwhile.
  class ReadinessWait;
  [[nodiscard]] ReadinessWait wait(Handle handle, Direction way) { return {*this, handle, way}; }

 private:
  std::size_t resume_only();
  void resume_taken(TaskRecord& task);
  void arrive();
  void take_time(TaskRecord& task);
  template <class Condition>
  RunEnd run_loop(Deadline until, Condition&& condition);
  void shut_down();

  S& source_;
  Handles<S> handles_;
  ReadyList found_;
  ReadyQueue queue_;  // of a source that holds tasks back; unused otherwise
  bool stopped_ = false;
};

// Implementation.

template <Source S>
class Scheduler<S>::ReadinessWait final : public SocketWaiter {
 public:
  ReadinessWait(Scheduler& scheduler, Handle handle, Direction way)
      : SocketWaiter(handle, way), scheduler_(scheduler) {}
  ~ReadinessWait() { scheduler_.handles_.release(*this); }

  [[nodiscard]] bool await_ready() {
    task_ = scheduler_.current();
    error_ = scheduler_.handles_.claim(*this);
    return error_ != std::errc{} || (scheduler_.spend() && attempt());
  }
  template <std::derived_from<PromiseBase> Caller>
  void await_suspend(std::coroutine_handle<Caller> /*caller*/) {
    if (task_->state() == TaskState::running) {  // the budget is used up
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
    if (held_back_ == 0 && arrivals_.size() == 1) {
      return resume_only();
    }
    arrive();
    const std::size_t count = queue_.size();
    for (std::size_t left = count; left > 0; --left) {
      TaskRecord& task = queue_.pop();
      held_back_ = queue_.size();
      if (task.state() != TaskState::ready) {  // destroyed in the queue: no step
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

// Where one task alone is ready there is nobody to pass it. Its delay is asked for all the same, so
// that what is asked does not depend on who else is ready.
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
void Scheduler<S>::take_time(TaskRecord& task) {
  if constexpr (hooks_of<S>.takes_time) {
    set_now(source_.resume(task));
  }
}

template <Source S>
void Scheduler<S>::arrive() {
  for (TaskRecord* task : arrivals_) {
    if (task->state() == TaskState::ready) {
      queue_.push(*task, source_.delay(*task));
    } else {  // destroyed meanwhile, which leaves nothing to choose
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
  timers().fire_due(now());
  destroy_marked();
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
