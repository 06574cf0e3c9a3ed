#include "sched/core/task_record.hpp"

#include "sched/base/key.hpp"
#include "sched/core/executor.hpp"
#include "sched/core/footprint.hpp"
#include "sched/core/frame_allocator.hpp"
#include "sched/core/task.hpp"

namespace rehearsal::sched {

TaskRecord::TaskRecord(Executor& executor, TaskRecord* parent, std::string_view name,
                       PromiseBase& root)
    : executor_(&executor), leaf_(&root), parent_(parent), name_(name) {
  if (parent_ != nullptr) {
    parent_->retain();
  }
  key_ = parent_ == nullptr ? executor.path_key() : extend_key(parent_->key_, "/");
}

TaskRecord::~TaskRecord() {
  // Releases a long chain of ancestors in a loop: each may hold the last reference to the next.
  TaskRecord* ancestor = std::exchange(parent_, nullptr);
  while (ancestor != nullptr && --ancestor->references_ == 0) {
    TaskRecord* next = std::exchange(ancestor->parent_, nullptr);
    delete ancestor;
    ancestor = next;
  }
}

void TaskRecord::number(std::uint32_t ordinal) {
  name_.number(ordinal);
  std::string name = name_.to_string();
  key_ = extend_key(key_, name);
  if (Names* names = executor_->names(); names != nullptr) {
    const std::size_t length = name.size();
    names->claim(key_, name);
    if (name.size() != length) {
      name_ = name;
    }
  }
}

std::string TaskRecord::path() const {
  std::vector<const TaskRecord*> line;
  for (const TaskRecord* task = this; task != nullptr; task = task->parent_) {
    line.push_back(task);
  }
  std::string path = executor_->path();
  for (auto task = line.rbegin(); task != line.rend(); ++task) {
    if (!path.empty()) {
      path += '/';
    }
    path += (*task)->name_.to_string();
  }
  return path;
}

std::string TaskRecord::waits_on() const {
  return state_ == TaskState::waiting ? waiting_->describe() : std::string();
}

std::vector<std::source_location> TaskRecord::frames() const {
  std::vector<std::source_location> frames;
  if (state_ != TaskState::done) {
    for (const PromiseBase* frame = leaf_; frame != nullptr; frame = frame->parent()) {
      frames.push_back(frame->where());
    }
  }
  return frames;
}

std::source_location TaskRecord::where() const {
  std::source_location where;
  if (state_ != TaskState::done) {
    const PromiseBase* frame = leaf_;
    for (; frame != nullptr && where.line() == 0; frame = frame->parent()) {
      where = frame->where();
    }
  }
  return where;
}

void TaskRecord::drop_callable() {
  std::unique_ptr<Attachment>* at = &attachments_;
  while (*at != nullptr && (*at)->local_ != nullptr) {
    at = &(*at)->next_;
  }
  at->reset();
}

const Attachment* TaskRecord::find_local(const void* local) const {
  for (const TaskRecord* task = this; task != nullptr; task = task->parent_) {
    touch(task->key_, Access::read);
    for (const Attachment* at = task->attachments_.get(); at != nullptr; at = at->next_.get()) {
      if (at->local_ == local) {
        return at;
      }
    }
  }
  return nullptr;
}

void TaskRecord::set_local(std::unique_ptr<Attachment> value) {
  touch(key_);
  std::unique_ptr<Attachment>* at = &attachments_;
  while (*at != nullptr && (*at)->local_ != nullptr && (*at)->local_ != value->local_) {
    at = &(*at)->next_;
  }
  if (*at != nullptr && (*at)->local_ == value->local_) {
    value->next_ = std::move((*at)->next_);
  } else {
    value->next_ = std::move(*at);
  }
  *at = std::move(value);
}

void* TaskRecord::operator new(std::size_t bytes) { return allocate_frame(bytes); }
void TaskRecord::operator delete(void* block, std::size_t bytes) noexcept {
  free_frame(block, bytes);
}

}  // namespace rehearsal::sched
