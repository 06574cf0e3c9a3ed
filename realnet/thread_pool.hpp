// Runs blocking work on threads. A thread is started when work finds none idle, up to max_threads;
// further work queues, first come, first served.
//
// Each piece of work has an event that is raised when the work has returned. The event may be
// closed early: work that has not begun is dropped, and work that is running continues unobserved.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "sched/seam/result.hpp"
#include "sched/seam/source.hpp"

namespace rehearsal::realnet {

class ThreadPool {
 public:
  static constexpr std::size_t max_threads = 8;

  ThreadPool() = default;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  // Waits for the work that is running. Drops work that has not begun.
  ~ThreadPool();

  // Runs `work`; the descriptor is readable when it has returned and is destroyed. `work` owns what
  // it uses and does not throw. Returns the errors of eventfd(2), or not_enough_memory if not even
  // one thread can be created.
  sched::Result<sched::Descriptor> start(std::function<void()> work);
  // Returns would_block until the work has returned. After ok, what it wrote may be read.
  sched::Result<> finished(sched::Descriptor descriptor);
  // Closes the event. REQUIRES: start() returned the descriptor.
  void close(sched::Descriptor descriptor);

 private:
  struct Job {
    std::function<void()> work;
    sched::Descriptor event;  // -1 if it is closed
    bool finished = false;
  };

  bool have_thread();
  void run_jobs();

  // guards all members; events are raised under it, so a closed one is never raised
  std::mutex mutex_;
  std::condition_variable something_to_do_;
  std::deque<std::shared_ptr<Job>> queue_;
  std::map<sched::Descriptor, std::shared_ptr<Job>> jobs_;  // those that are not closed
  std::size_t idle_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace rehearsal::realnet
