// A desk at which a crowd of tasks queues for one shared thing of each kind that sched/ has. The
// test keeps the line of waiting tasks, so it notices if one is served out of turn.
#pragma once

#include <rapidcheck.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iosfwd>
#include <memory>
#include <vector>

#include "sched/sync/channel.hpp"
#include "sched/sync/condition.hpp"
#include "sched/sync/event.hpp"

namespace rehearsal::fairness {

enum class Shared : std::uint8_t { event, mutex, semaphore, condition, to_receive, to_send };

struct Crowd {
  Shared what = Shared::event;
  std::size_t comers = 1;
  int turns = 1;                     // of each task
  std::uint32_t room = 1;            // permits of the semaphore, capacity + 1 of the channel
  std::vector<std::uint32_t> naps;   // how long each waits in between, used in a cycle
  std::vector<std::size_t> victims;  // tasks that are cancelled, modulo the number of comers
};

void showValue(const Crowd& crowd, std::ostream& out);

// Usually a small crowd, so that a failing case is small, and sometimes hundreds.
rc::Gen<Crowd> any_crowd(Shared what);

// The waiting tasks in the order in which they came. Tasks are identified by their keys.
class Line {
 public:
  // The task asks now, and is served at once or waits.
  void comes(std::uint64_t task) { waiting_.push_back(task); }
  // The task is ready again: it was granted what it waited for.
  void is_ready(std::uint64_t task);
  // The task has been served. One that never had to wait must not have overtaken a waiting one.
  void is_served(std::uint64_t task) { is_ready(task); }
  void leaves(std::uint64_t task) { std::erase(waiting_, task); }

  [[nodiscard]] bool in_turn() const { return in_turn_; }

 private:
  std::deque<std::uint64_t> waiting_;
  bool in_turn_ = true;
};

// The desk must outlive the tasks.
class Desk {
 public:
  explicit Desk(const Crowd& crowd);

  // Spawns the crowd, serves it, and cancels the victims.
  sched::Task<> open(sched::Executor& executor);

  [[nodiscard]] Line& line() { return line_; }
  // Returns whether all tasks have had their turns or were cancelled.
  [[nodiscard]] bool is_done() const { return left_ == 0; }

 private:
  class Visit;

  sched::Task<> nap();
  sched::Task<> come(sched::Executor& executor, std::unique_ptr<Visit> visit);
  sched::Task<> wait_for_event(std::uint64_t task);
  sched::Task<> hold_mutex(std::uint64_t task);
  sched::Task<> hold_permit(std::uint64_t task);
  sched::Task<> wait_for_notice(std::uint64_t task);
  sched::Task<> receive(std::uint64_t task);
  sched::Task<> send(std::uint64_t task);
  sched::Task<> take_turn(std::uint64_t task);
  sched::Task<> attend();
  sched::Task<> serve();

  const Crowd crowd_;
  sched::Event event_;
  sched::Mutex mutex_;
  sched::Condition changed_{mutex_};
  sched::Semaphore permits_;
  sched::Channel<int> items_;
  Line line_;
  std::size_t naps_ = 0;
  std::size_t left_;
};

}  // namespace rehearsal::fairness
