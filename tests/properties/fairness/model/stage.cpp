#include "tests/properties/fairness/model/stage.hpp"

#include <chrono>
#include <string>
#include <system_error>

#include "sched/sync/finally.hpp"
#include "sched/sync/sleep.hpp"
#include "sched/sync/supervisor.hpp"
#include "sched/sync/task_group.hpp"
#include "sched/sync/timeout.hpp"
#include "sched/sync/when.hpp"

namespace rehearsal::fairness {

using sched::Task;
using namespace std::chrono_literals;

namespace {

class Counted {
 public:
  explicit Counted(std::size_t& count) : count_(count) { ++count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --count_; }

 private:
  std::size_t& count_;
};

class Owing {
 public:
  explicit Owing(std::size_t& debt) : debt_(debt) {}
  Owing(const Owing&) = delete;
  Owing& operator=(const Owing&) = delete;
  ~Owing() { ++debt_; }

 private:
  std::size_t& debt_;
};

}  // namespace

Permits::~Permits() {
  while (pop()) {
  }
}

void Permits::push(sched::Semaphore::Permit permit, std::size_t& held) {
  permits_.emplace_back(std::move(permit), &held);
  ++held;
}

bool Permits::pop() {
  if (permits_.empty()) {
    return false;
  }
  --*permits_.back().second;
  permits_.pop_back();
  return true;
}

void Stage::start(const Program& program, sched::Executor& executor, Sockets& sockets) {
  executor_ = &executor;
  sockets_ = &sockets;
  for (const Steps& steps : program.tasks) {
    tasks_.push_back(sched::spawn(sched::SpawnInto{.executor = executor}, act(steps)));
    joined_.push_back(false);
  }
}

Task<> Stage::act(const Steps& steps) {
  Permits permits;
  for (const Step& step : steps) {
    begins(step);
    note_step();
    const bool acted = act_at_once(step, permits);
    if (!acted) {
      co_await act_in_time(step, permits);
    }
  }
  note_step();
}

void Stage::note_step() {
  if (before_step_) {
    before_step_();
  }
}

bool Stage::act_at_once(const Step& step, Permits& permits) {
  switch (step.action) {
    case Action::set_event:
      events_.at(step.which).set();
      break;
    case Action::clear_event:
      events_.at(step.which).clear();
      break;
    case Action::release:
      ends(step, permits.pop() ? well : skipped);
      return true;
    case Action::close_channel:
      channel(step.which).close();
      break;
    case Action::reopen:
      sockets_->reopen(step.which);
      break;
    case Action::cancel:
      cancel(step);
      break;
    case Action::spawn:
      spawn(step);
      break;
    case Action::fail:
      throw PlannedFailure();
    default:
      return false;
  }
  ends(step, well);
  return true;
}

Task<> Stage::act_in_time(const Step& step, Permits& permits) {
  switch (step.action) {
    case Action::sleep:
      return sleep(step);
    case Action::wait_recv:
      return wait(step, sched::Direction::recv);
    case Action::wait_send:
      return wait(step, sched::Direction::send);
    case Action::wait_event:
      return wait_event(step);
    case Action::acquire:
      return acquire(step, permits);
    case Action::send:
      return send(step);
    case Action::recv:
      return recv(step);
    case Action::produce:
      return produce(step);
    case Action::consume:
      return consume(step);
    case Action::join:
      return join(step);
    default:
      return step.bodies.empty() ? yield(step) : act_with_bodies(step);
  }
}

Task<> Stage::act_with_bodies(const Step& step) {
  switch (step.action) {
    case Action::timeout:
      return timeout(step);
    case Action::group:
      return group(step);
    case Action::first_of:
      return first_of(step);
    case Action::supervise:
      return supervise(step);
    default:
      return clean_up(step);
  }
}

void Stage::spawn(const Step& step) {
  const sched::SpawnInto into{.executor = *executor_, .parent = executor_->current()};
  tasks_.push_back(sched::spawn(into, act(step.bodies.at(0))));
  joined_.push_back(false);
}

void Stage::cancel(const Step& step) { tasks_.at(step.number % tasks_.size()).cancel(); }

Task<> Stage::yield(const Step& step) {
  co_await sched::yield();
  ends(step, well);
}

Task<> Stage::sleep(const Step& step) {
  co_await sched::sleep_for(sched::Duration(step.number));
  ends(step, well);
}

Task<> Stage::wait(const Step& step, sched::Direction way) {
  std::int64_t outcome = well;
  try {
    co_await sockets_->wait(step.which, way);
  } catch (const std::system_error& error) {
    outcome = error.code().value();
  }
  ends(step, outcome);
}

Task<> Stage::wait_event(const Step& step) {
  co_await events_.at(step.which).wait();
  ends(step, well);
}

Task<> Stage::acquire(const Step& step, Permits& permits) {
  auto permit = co_await semaphores_.at(step.which).acquire();
  permits.push(std::move(permit), held_.at(step.which));
  ends(step, well);
}

Task<> Stage::send(const Step& step) {
  std::int64_t outcome = well;
  const std::int64_t number = sent_.at(step.which)++;
  try {
    co_await channel(step.which).send(number);
  } catch (const std::system_error& error) {
    outcome = error.code().value();
  }
  ends(step, outcome);
}

Task<> Stage::recv(const Step& step) {
  auto& from = channel(step.which);
  const auto item = co_await from.recv();
  if (!item && (!from.closed() || from.size() != 0)) {
    complaints_.emplace_back("recv returned nothing from a channel that is open or not empty");
  }
  ends(step, item.value_or(nothing_left));
}

Task<> Stage::produce(const Step& step) {
  auto lock = co_await mutex_.lock();
  ++credits_;
  changed_.notify_one();
  // It still holds the mutex, for which the notified task must now wait.
  co_await sched::sleep_for(sched::Duration(step.number));
  ends(step, well);
}

Task<> Stage::consume(const Step& step) {
  auto lock = co_await mutex_.lock();
  while (credits_ == 0) {
    co_await changed_.wait(lock);
  }
  --credits_;
  ends(step, well);
}

Task<> Stage::join(const Step& step) {
  const std::size_t target = step.number % tasks_.size();
  const bool itself = &tasks_[target].task() == executor_->current();
  std::int64_t outcome = skipped;
  if (!joined_[target] && !itself) {
    joined_[target] = true;
    outcome = well;
    try {
      co_await tasks_[target].join();
    } catch (const PlannedFailure&) {
      outcome = it_failed;
    } catch (const std::system_error& error) {
      outcome = error.code().value();
    }
  }
  ends(step, outcome);
}

Task<> Stage::timed(const Steps& steps) {
  const Counted under_way(timeouts_under_way_);
  co_await act(steps);
}

Task<> Stage::timeout(const Step& step) {
  std::int64_t outcome = well;
  try {
    co_await sched::with_timeout(sched::Duration(step.number), timed(step.bodies.at(0)));
  } catch (const std::system_error& error) {
    outcome = error.code().value();
  }
  ends(step, outcome);
}

Task<> Stage::group(const Step& step) {
  std::int64_t outcome = well;
  sched::TaskGroup children(*executor_);
  for (const Steps& body : step.bodies) {
    tasks_.push_back(children.spawn(act(body)));
    joined_.push_back(false);
  }
  try {
    co_await children.join();
  } catch (const PlannedFailure&) {
    outcome = it_failed;
  }
  ends(step, outcome);
}

Task<> Stage::first_of(const Step& step) {
  std::int64_t outcome = well;
  try {
    const auto results = co_await sched::when_any(act(step.bodies.at(0)), act(step.bodies.at(1)));
    outcome = (std::get<0>(results) ? 1 : 0) + (std::get<1>(results) ? 2 : 0);
  } catch (const PlannedFailure&) {
    outcome = it_failed;
  }
  ends(step, outcome);
}

Task<> Stage::supervise(const Step& step) {
  sched::SupervisorOptions options;
  options.limit = 1;
  sched::Supervisor children(*executor_, options);
  for (const Steps& body : step.bodies) {
    co_await children.room();
    tasks_.push_back(children.spawn(act(body)));
    joined_.push_back(false);
  }
  co_await children.join();
  ends(step, static_cast<std::int64_t>(children.failed()));
}

Task<> Stage::clean_up(const Step& step) {
  std::int64_t outcome = well;
  auto cleanup = [this] { return sweep(); };
  try {
    co_await sched::finally(soiling(step.bodies.at(0)), cleanup, 1ms);
  } catch (const PlannedFailure&) {
    outcome = it_failed;
  }
  ends(step, outcome);
}

Task<> Stage::soiling(const Steps& steps) {
  const Owing owing(clean_ups_owed_);
  co_await act(steps);
}

Task<> Stage::sweep() {
  const Counted under_way(timeouts_under_way_);
  ++clean_ups_begun_;
  co_await sched::yield();
  co_await sched::sleep_for(1ns);
}

}  // namespace rehearsal::fairness
