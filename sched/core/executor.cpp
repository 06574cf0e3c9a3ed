#include "sched/core/executor.hpp"

#include <source_location>
#include <utility>

#include "sched/base/key.hpp"
#include "sched/core/footprint.hpp"
#include "sched/core/join_handle.hpp"

namespace rehearsal::sched {
namespace {

// How many frames are being destroyed on this thread's stack, by the reason.
thread_local int cancelled_frames = 0;  // NOLINT(*-non-const-global-variables)
thread_local int failed_frames = 0;     // NOLINT(*-non-const-global-variables)

class Destroying {
 public:
  explicit Destroying(int& kind) : kind_(kind) { ++kind_; }
  Destroying(const Destroying&) = delete;
  Destroying& operator=(const Destroying&) = delete;
  ~Destroying() { --kind_; }

 private:
  int& kind_;
};

}  // namespace

bool being_cancelled() { return cancelled_frames != 0; }

template class Promise<void>;
template class EndedFrame<void>;
template class Task<void>;
template class Call<void>;
template class JoinHandle<void>;

bool unwinding() {
  return cancelled_frames != 0 || failed_frames != 0 || std::uncaught_exceptions() != 0;
}

Executor::Executor(SchedulerOptions options)
    : TaskOwner(nullptr),
      options_(std::move(options)),
      path_key_(empty_key),
      operations_per_resumption_(options_.operations_per_resumption) {
  check(options_.operations_per_resumption > 0, "a resumption has at least one operation");
  if (!options_.path.empty()) {
    path_key_ = extend_key(extend_key(empty_key, options_.path), "/");
  }
}

Executor::~Executor() { close(); }

TaskRecord& Executor::start_root(TaskOwner* owner, TaskRecord* parent, std::string_view name,
                                 PromiseBase& root, std::unique_ptr<Attachment> attachment) {
  check(!closing_, "nothing is spawned on a scheduler that is being destroyed");
  auto* task = new TaskRecord(*this, parent, name, root);
  root.record_ = task;
  task->attachments_ = std::move(attachment);
  std::uint32_t& next = parent == nullptr ? unnamed_roots_ : parent->unnamed_children_;
  task->number(name.empty() ? next++ : 0);
  task->retain();
  TaskOwner& in = owner == nullptr ? *this : *owner;
  in.add(*task);
  ++task_count_;
  notify([task](Observer& observer) { observer.spawned(*task); });
  enqueue(*task);
  return *task;
}

void Executor::observe(Observer& observer, bool sees_turns) {
  observers_.push_back(&observer);
  observed_ = observed_ || sees_turns;
}

void Executor::forget(Observer& observer) {
  std::erase(observers_, &observer);
  observed_ = observed_ && !observers_.empty();
}

[[gnu::always_inline]] inline void Executor::run_frames(TaskRecord& task) {
  if (Waiter* waiter = std::exchange(task.waiting_, nullptr); waiter != nullptr) {
    if (!waiter->attempt()) {
      return;
    }
  }
  do {
    PromiseBase* frame = task.leaf_;
    frame->frame().resume();
    check(task.state_ != TaskState::running || task.leaf_ != frame,
          "a task awaits only what the scheduler knows how to wake");
  } while (task.state_ == TaskState::running);
}

[[gnu::hot]] void Executor::resume(TaskRecord& task) { take_turn(task); }

[[gnu::always_inline]] inline void Executor::take_turn(TaskRecord& task) {
  if (task.state_ == TaskState::ready) [[likely]] {
    current_ = &task;
    budget_ = operations_per_resumption_;
    task.state_ = TaskState::running;
    if (observed_) [[unlikely]] {
      notify([&task](Observer& observer) { observer.resumed(task); });
    }
    run_frames(task);
    current_ = nullptr;
    if (task.state_ == TaskState::done) {
      finish(task);
    } else if (observed_) [[unlikely]] {
      notify([&task](Observer& observer) { observer.waits(task); });
    }
    destroy_marked();
    task.release();
  } else {
    discard(task);
  }
}

std::size_t Executor::resume_arrivals() {
  // The records and frames of many tasks do not fit the cache. Each is fetched a few turns ahead.
  constexpr std::size_t records_ahead = 8;
  constexpr std::size_t frames_ahead = 4;
  turns_.swap(arrivals_);
  TaskRecord* const* const turns = turns_.data();
  const std::size_t count = turns_.size();
  for (std::size_t turn = 0; turn < count; ++turn) {
    if (turn + records_ahead < count) {
      __builtin_prefetch(turns[turn + records_ahead]);
      __builtin_prefetch(turns[turn + frames_ahead]->leaf_);
    }
    held_back_ = count - turn - 1;
    take_turn(*turns[turn]);
  }
  turns_.clear();
  return count;
}

void Executor::finish(TaskRecord& task) {
  const std::exception_ptr failure = task.leaf_->failure();
  if (failure) {
    ++failures_;
    task.failed_ = true;
  }
  if (!task.has_handle_) {
    destroy_ended(task);
  }
  end(task, failure);
}

// Ends a task whose frames are gone, or hold the result for a handle. Notifies its joiner, its
// owner and the observers.
void Executor::end(TaskRecord& task, const std::exception_ptr& failure) {
  touch(task.key());
  --task_count_;
  task.since_ = now_;
  TaskOwner& owner = *task.owner_;
  owner.remove(task);
  notify([&](Observer& observer) { observer.done(task, failure); });
  if (TaskRecord* joiner = std::exchange(task.joiner_, nullptr); joiner != nullptr) {
    make_ready(*joiner);
  }
  owner.child_done(task, failure);
  task.release();
}

void Executor::let_go(TaskRecord& task) {
  task.has_handle_ = false;
  if (task.state_ == TaskState::done && task.leaf_ != nullptr) {
    destroy_ended(task);
  }
}

// Destroys the root frame of a task that has ended; its parameters are still there.
void Executor::destroy_ended(TaskRecord& task) {
  int returned_frames = 0;
  const Destroying ended(task.failed_ ? failed_frames : returned_frames);
  destroy_frames(task, nullptr);
}

void Executor::cancel(TaskRecord& task) {
  touch(task.key(), Access::read);
  if (task.state_ != TaskState::done && !task.doomed_) {
    task.doomed_ = true;
    marked_.emplace_back(task);
  }
}

void Executor::destroy_all_marked() {
  // Destructors may mark more.
  for (std::size_t i = 0; i < marked_.size(); ++i) {
    TaskRecord& task = *marked_[i];
    if (task.state_ != TaskState::done) {
      destroy(task);
    }
  }
  marked_.clear();
}

void Executor::destroy(TaskRecord& task) {
  touch(turns_key());  // any wait of any task may end with it
  touch(waits_key());
  const TaskReference keep(task);
  TaskRecord* at = &task;
  while (at != nullptr) {
    TaskRecord* child = nullptr;
    for (TaskOwner* group = at->groups_; group != nullptr && child == nullptr;
         group = group->older_) {
      child = group->newest();
    }
    if (child != nullptr) {
      at = child;
      continue;
    }
    TaskRecord* up = at == &task ? nullptr : at->owner_->opener();
    destroy_one(*at);
    at = up;
  }
}

void Executor::destroy_one(TaskRecord& task) {
  check(task.state_ != TaskState::running, "the running task cannot be destroyed");
  dead_entries_ += task.state_ == TaskState::ready ? 1U : 0U;
  task.state_ = TaskState::done;
  task.cancelled_ = true;
  {
    const Destroying cancelled(cancelled_frames);
    destroy_frames(task, nullptr);
  }
  end(task, nullptr);
}

// A destructor that throws terminates the process.
void Executor::destroy_frames(TaskRecord& task, PromiseBase* until) noexcept {
  PromiseBase* frame = std::exchange(task.leaf_, until);
  while (frame != until) {
    PromiseBase* parent = frame->parent_;
    frame->frame().destroy();
    frame = parent;
  }
  if (until == nullptr) {
    task.drop_callable();
  }
}

void Executor::cut(TaskRecord& task, PromiseBase& callee) {
  check(current_ == nullptr, "frames are cut between resumptions");
  touch(turns_key());
  touch(waits_key());
  PromiseBase* caller = callee.parent_;
  {
    const Destroying cancelled(cancelled_frames);
    destroy_frames(task, caller);
  }
  task.waiting_ = nullptr;
  if (task.state_ == TaskState::waiting) {
    enqueue(task);
  }
}

void Executor::close() {
  check(current_ == nullptr, "a scheduler is not destroyed by one of its tasks");
  closing_ = true;
  while (newest() != nullptr) {
    destroy(*newest());
  }
  marked_.clear();
  for (TaskRecord* task : arrivals_) {
    task->release();
  }
  arrivals_.clear();
}

std::vector<TaskInfo> Executor::tasks() const {
  std::vector<TaskInfo> list;
  std::vector<const TaskRecord*> pending;  // the last one is visited next
  for (const TaskRecord* task = newest(); task != nullptr; task = task->older_) {
    pending.push_back(task);
  }
  while (!pending.empty()) {
    const TaskRecord& task = *pending.back();
    pending.pop_back();
    list.push_back({task.path(), task.state(), task.waits_on(), task.since(), task.frames()});
    for (const TaskOwner* group = task.groups_; group != nullptr; group = group->older_) {
      for (const TaskRecord* child = group->newest(); child != nullptr; child = child->older_) {
        pending.push_back(child);
      }
    }
  }
  return list;
}

}  // namespace rehearsal::sched
