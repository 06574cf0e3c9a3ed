// run_blocking(f): runs work that blocks or computes for long on another thread, below the
// Network interface.
#pragma once

#include <atomic>
#include <concepts>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "sched/io/blocking_result.hpp"
#include "sched/io/socket.hpp"
#include "sched/io/socket_call.hpp"

namespace rehearsal::sched {

/// The state that the work and its waiter share. The work may outlive the waiter.
template <class F>
class BlockingWork {
 public:
  using Value = std::invoke_result_t<F&>;

  explicit BlockingWork(F work) : work_(std::move(work)) {}

  /// Runs the work. Called once, by the thread.
  void run() noexcept {
    try {
      if constexpr (std::is_void_v<Value>) {
        work_();
      } else {
        value_.emplace(work_());
      }
    } catch (...) {
      failure_ = std::current_exception();
    }
    done_.store(true, std::memory_order_release);
  }
  /// Returns true once the work has ended; its outcome can be read then.
  [[nodiscard]] bool done() const { return done_.load(std::memory_order_acquire); }
  /// Returns how the work ended, for a recording. REQUIRES: done().
  [[nodiscard]] BlockingOutcome outcome() const {
    BlockingOutcome outcome;
    if (failure_) {
      return outcome_of(failure_);
    }
    if constexpr (!std::is_void_v<Value>) {
      outcome.is_bytes = BlockingValue<Value>::is_bytes;
      if constexpr (BlockingValue<Value>::is_bytes) {
        outcome.value = BlockingValue<Value>::put(*value_);
      }
    }
    return outcome;
  }
  /// Returns the value of the work, or rethrows what it threw. REQUIRES: done().
  Value take() {
    if (failure_) {
      std::rethrow_exception(failure_);
    }
    if constexpr (!std::is_void_v<Value>) {
      return std::move(*value_);
    }
  }
  /// Returns or throws what `outcome` holds. If its value could not be recorded, runs the work.
  Value replay(const BlockingOutcome& outcome) {
    if (outcome.what) {
      rethrow(outcome);
    }
    if constexpr (!std::is_void_v<Value>) {
      if constexpr (BlockingValue<Value>::is_bytes) {
        if (std::optional<Value> value = BlockingValue<Value>::get(outcome.value)) {
          return std::move(*value);
        }
      }
      run();
      return take();
    }
  }

 private:
  F work_;
  std::conditional_t<std::is_void_v<Value>, std::monostate, std::optional<Value>> value_;
  std::exception_ptr failure_;
  std::atomic<bool> done_ = false;
};

/// A descriptor that becomes readable when a piece of blocking work of the host is done.
template <Network Net>
class Completion final : public Socket<Net> {
 public:
  Completion(Scheduler<Net>& scheduler, Descriptor descriptor)
      : Socket<Net>(scheduler, descriptor, Readiness::none) {}
};

/// Runs `f` on another thread: `auto value = co_await run_blocking(scheduler, f)` is what `f()`
/// returns or throws. `f` must own what it uses. Throws std::system_error if the host can start no
/// more work. If the caller is cancelled, the work continues and its result is dropped; a
/// simulation drops the work too if the run ends first. A recording keeps the value if
/// BlockingValue supports its type.
template <Network Net, std::invocable F>
Task<std::invoke_result_t<F&>> run_blocking(Scheduler<Net>& scheduler, F f) {
  auto work = std::make_shared<BlockingWork<F>>(std::move(f));
  const Result<Descriptor> started = scheduler.source().start_blocking([work] { work->run(); });
  if (!started.ok()) {
    throw_error(started.error(), "run_blocking");
  }
  Completion<Net> completion(scheduler, started.value());
  if constexpr (hooks_of<Net>.replays_blocking) {
    std::optional<BlockingOutcome> outcome;
    while (!outcome) {
      co_await scheduler.wait(completion.handle(), Direction::recv);
      outcome = scheduler.source().blocking_outcome(started.value());
    }
    co_return work->replay(*outcome);
  } else {
    // Only readiness says that the work is done: work->done() would show it earlier than the
    // network reports it, and a replay could not repeat that.
    do {
      co_await scheduler.wait(completion.handle(), Direction::recv);
    } while (!work->done());
    if constexpr (hooks_of<Net>.records_blocking) {
      scheduler.source().blocking_result(started.value(), work->outcome());
    }
    co_return work->take();
  }
}

}  // namespace rehearsal::sched
