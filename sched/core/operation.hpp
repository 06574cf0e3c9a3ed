// Operation: what a task can await that is not a task: a read of a stream, a lock, a sleep.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include "sched/core/task.hpp"

namespace rehearsal::sched {

/// An awaitable that is not a task and can be moved until it is awaited, such as a read of a
/// stream. Each function of the library that is awaited returns a Task or an operation. as_task()
/// converts an operation if a task is expected.
template <class A>
concept Operation = std::move_constructible<A> && requires(A& operation) {
  { operation.await_ready() } -> std::same_as<bool>;
  operation.await_resume();
};

/// The type that awaiting an operation returns.
template <Operation A>
using OutcomeOf = decltype(std::declval<A&>().await_resume());

/// Returns a task that awaits `operation`. Whatever the operation refers to, such as a stream and
/// the buffer it reads into, must live as long as the task.
template <Operation A>
Task<OutcomeOf<A>> as_task(A operation) {
  if constexpr (std::is_void_v<OutcomeOf<A>>) {
    co_await Unplaced(operation);
  } else {
    auto&& outcome = co_await Unplaced(operation);
    co_return std::forward<decltype(outcome)>(outcome);
  }
}
/// Returns `task` itself.
template <class T>
Task<T> as_task(Task<T> task) {
  return task;
}

/// A task, or an operation that as_task() can convert to one.
template <class A>
concept Awaitable = requires(A awaited) { as_task(std::move(awaited)); };
/// The Task type that as_task() returns for an awaitable.
template <Awaitable A>
using TaskOf = decltype(as_task(std::declval<A>()));

}  // namespace rehearsal::sched
