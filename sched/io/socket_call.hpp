// How a task makes a non-blocking call of its network: it tries first; on would_block it waits for
// readiness and tries again in its own turn. The operation owns the direction until it has ended.
#pragma once

#include <concepts>
#include <coroutine>
#include <utility>

#include "sched/core/handles.hpp"
#include "sched/core/scheduler.hpp"
#include "sched/seam/network.hpp"

namespace rehearsal::sched {

enum class Step : std::uint8_t { done, again, blocked };

// Derived has `Step step(Net&, Descriptor)`, which makes one call and sets error_ if the
// call fails.
template <Network Net, class Derived>
class SocketOperation : public SocketWaiter {
 public:
  [[nodiscard]] bool await_ready() {
    task_ = scheduler_.current();
    check(task_ != nullptr, "a socket operation is awaited by a task of its own host");
    error_ = scheduler_.handles().claim(*this);
    return attempt();
  }
  // Does nothing: attempt() has suspended the task already.
  void await_suspend(std::coroutine_handle<> /*caller*/) const noexcept {}

  [[gnu::hot]] bool attempt() final {
    while (error_ == std::errc{}) {
      if (!static_cast<Derived*>(this)->at_hand() && !scheduler_.handles().latched(*this)) {
        error_ = scheduler_.handles().watch(*this);
        if (error_ == std::errc{}) {
          scheduler_.suspend(*task_, *this);
          return false;
        }
        break;
      }
      if (!scheduler_.spend()) {
        scheduler_.yield(*task_, this);
        return false;
      }
      const Step step = static_cast<Derived*>(this)->step(scheduler_.source(), handle().descriptor);
      if (step == Step::blocked) {
        scheduler_.handles().would_block(*this);
      } else if (step == Step::done) {
        break;
      }
    }
    scheduler_.handles().release(*this);
    return true;
  }

 protected:
  SocketOperation(SocketOperation&&) noexcept = default;  // only before it is awaited
  SocketOperation(Scheduler<Net>& scheduler, Handle handle, Direction way)
      : SocketWaiter(handle, way), scheduler_(scheduler) {}
  ~SocketOperation() { scheduler_.handles().release(*this); }

  // Returns true if step() can end the operation without a call of the network. Derived may
  // hide it.
  [[nodiscard]] bool at_hand() const { return false; }

  [[nodiscard]] Scheduler<Net>& scheduler() const { return scheduler_; }

 private:
  Scheduler<Net>& scheduler_;
};

// Awaits one call of the network:
//
//     SocketCall call(scheduler, handle, way, f);
//     Result<T> result = co_await call;
//
// `f(net, descriptor)` returns a Result<T>. The result is the first one that is not would_block, or
// the error of the wait (see Scheduler::wait).
template <Network Net, class F>
class SocketCall final : public SocketOperation<Net, SocketCall<Net, F>> {
 public:
  using Outcome = std::invoke_result_t<F&, Net&, Descriptor>;

  SocketCall(Scheduler<Net>& scheduler, Handle handle, Direction way, F call)
      : SocketOperation<Net, SocketCall>(scheduler, handle, way), call_(std::move(call)) {}

  [[nodiscard]] Outcome await_resume() {
    if (this->error_ != std::errc{}) {
      return this->error_;
    }
    return std::move(outcome_);
  }

  Step step(Net& net, Descriptor descriptor) {
    outcome_ = call_(net, descriptor);
    return outcome_.error() == would_block ? Step::blocked : Step::done;
  }

 private:
  F call_;
  Outcome outcome_{would_block};
};

}  // namespace rehearsal::sched
