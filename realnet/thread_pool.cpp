#include "realnet/thread_pool.hpp"

#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "realnet/event_descriptor.hpp"

namespace rehearsal::realnet {

using sched::Descriptor;
using sched::Result;

ThreadPool::~ThreadPool() {
  std::deque<std::shared_ptr<Job>> dropped;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    dropped.swap(queue_);
  }
  something_to_do_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
  for (const auto& [descriptor, job] : jobs_) {
    ::close(descriptor);
  }
}

Result<Descriptor> ThreadPool::start(std::function<void()> work) {
  const auto event = open_event_descriptor(false);
  if (!event.ok()) {
    return event;
  }
  const auto job = std::make_shared<Job>(Job{std::move(work), event.value()});
  {
    const std::lock_guard lock(mutex_);
    if (!have_thread()) {
      ::close(event.value());
      return std::errc::not_enough_memory;
    }
    queue_.push_back(job);
    jobs_.emplace(event.value(), job);
  }
  something_to_do_.notify_one();
  return event;
}

// Returns true if there is a thread for one more piece of work: an idle one, a new one, or one that
// will be idle later.
bool ThreadPool::have_thread() {
  if (idle_ > queue_.size() || threads_.size() == max_threads) {
    return true;
  }
  try {
    threads_.emplace_back([this] { run_jobs(); });
  } catch (const std::system_error&) {
    return !threads_.empty();
  }
  return true;
}

Result<> ThreadPool::finished(Descriptor descriptor) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(descriptor);
  if (found == jobs_.end()) {
    return std::errc::bad_file_descriptor;
  }
  if (!found->second->finished) {
    return sched::would_block;
  }
  return {};
}

void ThreadPool::close(Descriptor descriptor) {
  // Destroyed after the lock is released, because the work may own anything.
  std::shared_ptr<Job> job;
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(descriptor);
  job = std::move(found->second);
  jobs_.erase(found);
  job->event = -1;
  std::erase(queue_, job);
  ::close(descriptor);
}

void ThreadPool::run_jobs() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    something_to_do_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    --idle_;
    if (ending_) {
      return;
    }
    const std::shared_ptr<Job> job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    job->work();
    job->work = nullptr;
    lock.lock();
    job->finished = true;
    if (job->event >= 0) {
      raise_event(job->event);
    }
  }
}

}  // namespace rehearsal::realnet
