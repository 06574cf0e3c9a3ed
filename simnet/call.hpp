// call(): runs one task of a host to its end while the rest of the world runs. With it a test
// drives a world step by step from outside.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "sched/base/unavailable.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {

/// The result of a call(), until it is returned.
template <class T>
struct CallResult {
  /// What the task returned; true if it returns nothing.
  std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> value;
  /// What the task threw.
  std::exception_ptr failure;
  /// Whether the task has started, so that it does not start again when the host restarts.
  bool began = false;
};

/// Runs the program of a call() and stores its result. For call() only.
template <class T, class F>
sched::Task<> run_call(F program, sched::Host<SimulatedNetwork>& host,
                       std::shared_ptr<CallResult<T>> result) {
  if (std::exchange(result->began, true)) {
    co_return;  // the host was restarted
  }
  try {
    if constexpr (std::is_void_v<T>) {
      co_await program(host);
      result->value = true;
    } else {
      T value = co_await program(host);
      result->value.emplace(std::move(value));
    }
  } catch (...) {
    result->failure = std::current_exception();
  }
}

/// Runs `program` as a task of `host` until it is done, and returns its result. `program` is a
/// callable that takes a `sched::Host<SimulatedNetwork>&` and returns a sched::Task<T>. Throws what
/// the task throws. Throws std::runtime_error with the report if the world ends first, for example
/// by a deadlock, a failure or a limit. The call is not repeated if the host restarts.
template <sched::TaskMaker<sched::Host<SimulatedNetwork>&> F>
auto call(World& world, SimulatedHost& host, F program) {
  using T = typename std::invoke_result_t<F&, sched::Host<SimulatedNetwork>&>::value_type;
  auto result = std::make_shared<CallResult<T>>();
  host.spawn("call", [program = std::move(program), result](sched::Host<SimulatedNetwork>& on) {
    return run_call<T>(program, on, result);
  });
  const RunReport report = world.run_until([&] { return result->value || result->failure; });
  if (result->failure) {
    std::rethrow_exception(result->failure);
  }
  if (!result->value) {
    throw std::runtime_error("the call did not end: " + report.to_string());
  }
  if constexpr (!std::is_void_v<T>) {
    return std::move(*result->value);
  }
}
/// Not available: the program, called with the host, must return a Task. This overload exists for
/// the one-line error message.
template <class F>
[[REHEARSAL_UNAVAILABLE("call: the program, called with the host, must return a Task")]]
int call(World& /*world*/, SimulatedHost& /*host*/, F /*program*/) {
  return 0;
}

}  // namespace rehearsal::simnet
