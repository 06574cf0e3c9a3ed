// Work that blocks, on threads of its own. The threads are started when work finds none idle, at
// most max_threads; work beyond that queues, first come, first served.
//
// Each piece of work has an event that is raised when the work has returned. Closing the event
// early is allowed at any time: work that has not begun is dropped, work under way goes on unheard.
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
  // Waits for the work under way; work that has not begun is dropped.
  ~ThreadPool();

  // Readable when `work` has returned and is destroyed. `work` owns what it uses and does not
  // throw. Errors: those of eventfd(2), and not_enough_memory where not even one thread can be had.
  sched::Result<sched::Descriptor> start(std::function<void()> work);
  // would_block until then; what the work wrote may be read after ok.
  sched::Result<> finished(sched::Descriptor descriptor);
  // REQUIRES: start() gave the descriptor.
  void close(sched::Descriptor descriptor);

 private:
  struct Job {
    std::function<void()> work;
    sched::Descriptor event;  // -1: closed
    bool finished = false;
  };

  bool have_thread();
  void run_jobs();

  std::mutex mutex_;  // guards all; an event is raised under it, so never one that was closed
  std::condition_variable something_to_do_;
  std::deque<std::shared_ptr<Job>> queue_;
  std::map<sched::Descriptor, std::shared_ptr<Job>> jobs_;  // those not closed
  std::size_t idle_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace rehearsal::realnet
