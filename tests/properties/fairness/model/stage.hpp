// The stage on which a program is played: the things its tasks share, and a coroutine for each
// kind of step. It is created before the scheduler and outlives it, because frames use it until
// they are destroyed.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "sched/core/join_handle.hpp"
#include "sched/sync/channel.hpp"
#include "sched/sync/condition.hpp"
#include "sched/sync/event.hpp"
#include "sched/sync/semaphore.hpp"
#include "tests/properties/fairness/model/log.hpp"
#include "tests/properties/fairness/model/program.hpp"
#include "tests/properties/fairness/model/sockets.hpp"

namespace rehearsal::fairness {

// The exception that `fail` throws.
struct PlannedFailure : std::runtime_error {
  PlannedFailure() : std::runtime_error("planned") {}
};

// Outcomes of steps that are not a std::errc.
inline constexpr std::int64_t well = 0;
inline constexpr std::int64_t skipped = -1;  // a join that is not allowed, a release of nothing
inline constexpr std::int64_t nothing_left = -2;  // for recv: the channel is closed and empty
inline constexpr std::int64_t it_failed = -3;     // the awaited task or body threw

inline constexpr std::array<std::size_t, things_of_a_kind> permits_of{1, 1, 2};
inline constexpr std::array<const char*, things_of_a_kind> semaphore_names{
    "semaphore 0", "semaphore 1", "semaphore 2"};
inline constexpr std::array<std::size_t, things_of_a_kind> capacity_of{0, 1, 2};

// The permits that one body has taken, released newest first.
class Permits {
 public:
  Permits() = default;
  Permits(const Permits&) = delete;
  Permits& operator=(const Permits&) = delete;
  ~Permits();

  // `held` counts the permit for as long as it is held.
  void push(sched::Semaphore::Permit permit, std::size_t& held);
  // Returns false if there is no permit.
  bool pop();

 private:
  std::vector<std::pair<sched::Semaphore::Permit, std::size_t*>> permits_;
};

class Stage {
 public:
  explicit Stage(Log& log) : log_(log) {}

  // Spawns the program's tasks. All three arguments must outlive these tasks.
  void start(const Program& program, sched::Executor& executor, Sockets& sockets);
  // The running task calls `call` just before each step, and at the end of each body.
  void before_each_step(std::function<void()> call) { before_step_ = std::move(call); }

  [[nodiscard]] std::deque<sched::JoinHandle<>>& tasks() { return tasks_; }
  [[nodiscard]] const sched::Semaphore& semaphore(std::uint32_t which) const {
    return semaphores_.at(which);
  }
  [[nodiscard]] std::size_t permits_held(std::uint32_t which) const { return held_.at(which); }
  [[nodiscard]] sched::Channel<std::int64_t>& channel(std::uint32_t which) {
    return channels_.at(which);
  }
  [[nodiscard]] bool mutex_is_locked() const { return mutex_.is_locked(); }
  [[nodiscard]] int credits() const { return credits_; }
  // Returns how many with_timeout calls are active, including those of clean-ups.
  [[nodiscard]] std::size_t timeouts_under_way() const { return timeouts_under_way_; }
  // Bodies with a clean-up that have ended in any way, and clean-ups that have begun.
  [[nodiscard]] std::size_t clean_ups_owed() const { return clean_ups_owed_; }
  [[nodiscard]] std::size_t clean_ups_begun() const { return clean_ups_begun_; }
  // Returns the wrong results that a step itself has noticed.
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  sched::Task<> act(const Steps& steps);
  bool act_at_once(const Step& step, Permits& permits);
  sched::Task<> act_in_time(const Step& step, Permits& permits);
  sched::Task<> act_with_bodies(const Step& step);
  void spawn(const Step& step);
  void cancel(const Step& step);

  sched::Task<> yield(const Step& step);
  sched::Task<> sleep(const Step& step);
  sched::Task<> wait(const Step& step, sched::Direction way);
  sched::Task<> wait_event(const Step& step);
  sched::Task<> acquire(const Step& step, Permits& permits);
  sched::Task<> send(const Step& step);
  sched::Task<> recv(const Step& step);
  sched::Task<> produce(const Step& step);
  sched::Task<> consume(const Step& step);
  sched::Task<> join(const Step& step);
  sched::Task<> timeout(const Step& step);
  sched::Task<> group(const Step& step);
  sched::Task<> first_of(const Step& step);
  sched::Task<> supervise(const Step& step);
  sched::Task<> clean_up(const Step& step);
  sched::Task<> timed(const Steps& steps);
  sched::Task<> soiling(const Steps& steps);
  sched::Task<> sweep();
  void note_step();
  void begins(const Step& step) { log_.step(Kind::begins, step, step.number); }
  void ends(const Step& step, std::int64_t outcome) { log_.step(Kind::ends, step, outcome); }

  Log& log_;
  sched::Executor* executor_ = nullptr;
  Sockets* sockets_ = nullptr;
  std::function<void()> before_step_;

  std::array<sched::Event, things_of_a_kind> events_;
  std::array<sched::Semaphore, things_of_a_kind> semaphores_{
      sched::Semaphore(permits_of[0], semaphore_names[0]),
      sched::Semaphore(permits_of[1], semaphore_names[1]),
      sched::Semaphore(permits_of[2], semaphore_names[2])};
  std::array<std::size_t, things_of_a_kind> held_{};
  std::array<sched::Channel<std::int64_t>, things_of_a_kind> channels_{
      sched::Channel<std::int64_t>(capacity_of[0]), sched::Channel<std::int64_t>(capacity_of[1]),
      sched::Channel<std::int64_t>(capacity_of[2])};
  std::array<std::int64_t, things_of_a_kind> sent_{};
  sched::Mutex mutex_;
  sched::Condition changed_{mutex_};
  int credits_ = 0;
  std::size_t timeouts_under_way_ = 0;
  std::size_t clean_ups_owed_ = 0;
  std::size_t clean_ups_begun_ = 0;
  std::vector<std::string> complaints_;

  std::deque<sched::JoinHandle<>> tasks_;
  std::deque<bool> joined_;  // whether a task waits for its end, by task
};

}  // namespace rehearsal::fairness
