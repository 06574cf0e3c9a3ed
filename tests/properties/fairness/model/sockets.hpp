// The sockets of a program: descriptors 0 to 2, open from the start.
#pragma once

#include <array>
#include <cstdint>

#include "sched/core/scheduler.hpp"
#include "tests/properties/fairness/model/program.hpp"

namespace rehearsal::fairness {

class Sockets {
 public:
  Sockets() = default;
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;
  virtual ~Sockets() = default;

  // Waits until the socket is reported ready. Throws like Scheduler::wait.
  virtual sched::Task<> wait(std::uint32_t which, sched::Direction way) = 0;
  virtual void reopen(std::uint32_t which) = 0;
};

template <sched::Source S>
class SocketsOf final : public Sockets {
 public:
  explicit SocketsOf(sched::Scheduler<S>& scheduler) : scheduler_(scheduler) {
    for (std::uint32_t which = 0; which < handles_.size(); ++which) {
      open(which);
    }
  }

  sched::Task<> wait(std::uint32_t which, sched::Direction way) override {
    co_await scheduler_.wait(handles_.at(which), way);
  }
  void reopen(std::uint32_t which) override {
    scheduler_.handles().close(handles_.at(which));
    open(which);
  }

 private:
  void open(std::uint32_t which) {
    handles_.at(which) = scheduler_.handles().open(static_cast<int>(which), sched::Readiness::none);
  }

  sched::Scheduler<S>& scheduler_;
  std::array<sched::Handle, things_of_a_kind> handles_;
};

}  // namespace rehearsal::fairness
