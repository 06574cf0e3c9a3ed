// A naive scheduler. It plays the programs of modelled() without coroutines, waiters or heaps: each
// task is a stack of bodies and its current step. The real scheduler must log the same.
//
// It is written to be obviously right: every queue is a vector, and every search is linear.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "sched/core/scheduler.hpp"
#include "tests/properties/fairness/model/log.hpp"
#include "tests/properties/fairness/model/program.hpp"

namespace rehearsal::fairness {

class Model {
 public:
  // Both must outlive the model.
  Model(const Program& program, const Script& script);

  // Plays to the end.
  sched::RunEnd run();
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

 private:
  enum class State : std::uint8_t { ready, running, waiting, done };

  struct Body {
    const Steps* steps;
    std::size_t next = 0;
    std::vector<std::uint32_t> permits = {};
    const Step* timeout = nullptr;  // the step whose body this is, or null for the task's own
  };
  struct Task {
    std::vector<Body> bodies;
    State state = State::ready;
    const Step* at = nullptr;  // the step that has begun and not ended, or null
    bool granted = false;      // it was granted what it waited for
    std::int64_t outcome = 0;
    std::optional<std::size_t> joiner = {};
    std::size_t joins = 0;  // the task for whose end it waits
    bool joined = false;
    Kind end = Kind::returned;
  };
  struct Timer {
    std::int64_t deadline;
    std::size_t task;
    std::size_t keeps;  // how many bodies remain when it fires; all: it ends a sleep
  };
  struct Channel {
    std::vector<std::int64_t> items = {};
    std::vector<std::size_t> senders = {};
    std::vector<std::size_t> receivers = {};
    std::int64_t next_number = 0;
    bool closed = false;
  };
  struct Side {  // one direction of a socket
    bool latched = false;
    std::optional<std::size_t> claimed = {};
    bool watched = false;
  };
  struct Arrival {
    std::uint64_t place;
    std::uint64_t arrival;
    std::size_t task;
  };

  void spawn(const Steps& steps);
  std::size_t round();
  sched::Wake poll(bool waits);
  void arrive();
  std::size_t take_next();
  void make_ready(std::size_t task);
  void fire_timers();
  void cut(std::size_t task, std::size_t keeps);
  void report(const sched::Ready& ready);
  void latch(Side& side);

  void resume(std::size_t task);
  void finish(std::size_t task);
  void finish_socket(std::size_t task);
  void advance(std::size_t task);
  bool perform(std::size_t task, const Step& step);
  bool perform_at_once(std::size_t task, const Step& step);
  bool perform_wait(std::size_t task, const Step& step);
  bool begin_socket(std::size_t task, const Step& step);
  bool begin_send(std::size_t task, const Step& step);
  bool begin_recv(std::size_t task, const Step& step);
  bool begin_join(std::size_t task, const Step& step);
  void leave_body(std::size_t task);
  void drop_bodies(std::size_t task, std::size_t keeps);
  void drop_wait(std::size_t task);
  void end(std::size_t task, Kind kind);
  void destroy_marked();
  void give_permit(std::uint32_t which);
  void settle(Channel& channel, std::size_t capacity);
  void close(Channel& channel);
  void reopen(std::uint32_t which);
  Side& side_of(const Step& step);

  void add(Kind kind, std::size_t task, const Step* step = nullptr, std::int64_t value = 0);
  Task& at(std::size_t task) { return tasks_[task]; }

  const Script& script_;
  std::size_t next_wait_ = 0;
  std::size_t next_delay_ = 0;
  std::int64_t now_ = 0;          // by the source's clock
  std::int64_t noticed_now_ = 0;  // by the scheduler's clock, at its last wait
  std::deque<Task> tasks_;
  std::size_t living_ = 0;
  std::vector<std::size_t>
      woken_;  // ready, in order; the source was not asked yet how long to hold them back
  std::vector<Arrival> queue_;
  std::uint64_t arrivals_ = 0;
  std::vector<Timer> timers_;  // in the order in which they were set
  std::vector<std::size_t> marked_;

  std::array<bool, things_of_a_kind> event_set_{};
  std::array<std::vector<std::size_t>, things_of_a_kind> event_waiters_;
  std::array<std::size_t, things_of_a_kind> free_permits_{};
  std::array<std::vector<std::size_t>, things_of_a_kind> permit_waiters_;
  std::array<Channel, things_of_a_kind> channels_;
  std::array<std::array<Side, 2>, things_of_a_kind> sockets_{};
  std::vector<Entry> entries_;
};

}  // namespace rehearsal::fairness
