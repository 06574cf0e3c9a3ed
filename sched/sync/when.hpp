// Several tasks at once: when_all waits for all of them, when_any for the first.
#pragma once

#include <concepts>
#include <exception>
#include <functional>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "sched/base/unavailable.hpp"
#include "sched/core/operation.hpp"
#include "sched/sync/task_group.hpp"

namespace rehearsal::sched {

/// A result as an element of a tuple; std::monostate for void.
template <class T>
using ResultOf = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
/// A result, if there is one; a reference is a std::reference_wrapper.
template <class T>
using OptionalOf =
    std::conditional_t<std::is_reference_v<T>,
                       std::optional<std::reference_wrapper<std::remove_reference_t<T>>>,
                       std::optional<ResultOf<T>>>;

/// A group of children. The first that ends cancels the others.
class FirstOf final : public Children {
 public:
  explicit FirstOf(Executor& executor) : Children(executor) {}
  ~FirstOf() override { destroy_all(); }

  template <class T>
  JoinHandle<T> spawn(Task<T> task) {
    return start(std::string_view(), std::move(task));
  }
  /// Waits until every child is done or destroyed. Rethrows what the first child to end threw.
  Task<> join();

 private:
  void child_done(TaskRecord& task, const std::exception_ptr& failure) override;

  std::exception_ptr failure_;  // of the first child to end, or null
  bool ended_ = false;
};

/// Takes the result of a task that has ended.
template <class T>
ResultOf<T> take_result(JoinHandle<T>& handle) {
  if constexpr (std::is_void_v<T>) {
    handle.take();
    return {};
  } else {
    return handle.take();
  }
}

/// Takes the result of a task that has ended, or returns nothing if it was cancelled or failed.
template <class T>
OptionalOf<T> take_if_returned(JoinHandle<T>& handle) {
  if (handle.task().cancelled() || handle.task().failed()) {
    return std::nullopt;
  }
  return take_result(handle);
}

/// Runs all tasks at once and waits for all: `auto [a, b] = co_await when_all(f(), g())` returns
/// their results in the order of the arguments. The first task that fails cancels the others, and
/// its exception is rethrown; the results of tasks that have ended are dropped. If cancelled,
/// cancels all.
template <class... Ts>
Task<std::tuple<ResultOf<Ts>...>> when_all(Task<Ts>... tasks) {
  TaskRecord& self = co_await this_task();
  TaskGroup group(self.executor());
  std::tuple<JoinHandle<Ts>...> handles{group.spawn(std::move(tasks))...};
  co_await group.join();
  co_return std::apply(
      [](auto&... handle) { return std::tuple<ResultOf<Ts>...>{take_result(handle)...}; }, handles);
}

/// Accepts operations too, such as a read of a stream; each then has a task of its own. What they
/// refer to must live until all have ended.
template <Awaitable... As>
  requires(Operation<As> || ...)
auto when_all(As... awaited) {
  return when_all(as_task(std::move(awaited))...);
}
template <class... As>
  requires(!(Awaitable<As> && ...))
[[REHEARSAL_UNAVAILABLE("when_all: what is awaited must be a Task or an operation")]]
Task<int> when_all(const As&... /*awaited*/) {
  std::terminate();
}

/// Runs all tasks at once, waits for the first to end, and cancels the others: `auto [a, b] =
/// co_await when_any(f(), g())`. Returns an optional result for each, in the order of the
/// arguments; an optional std::reference_wrapper for a reference. A task that returned before the
/// cancellation reached it has a result too; a cancelled one has none. If the first to end threw,
/// its exception is rethrown. If the caller is cancelled, cancels all and drops the results.
template <class... Ts>
Task<std::tuple<OptionalOf<Ts>...>> when_any(Task<Ts>... tasks) {
  TaskRecord& self = co_await this_task();
  FirstOf group(self.executor());
  std::tuple<JoinHandle<Ts>...> handles{group.spawn(std::move(tasks))...};
  co_await group.join();
  co_return std::apply(
      [](auto&... handle) { return std::tuple<OptionalOf<Ts>...>{take_if_returned(handle)...}; },
      handles);
}

/// Accepts operations too, such as a read of a stream; each then has a task of its own. What they
/// refer to must live until all have ended.
template <Awaitable... As>
  requires(Operation<As> || ...)
auto when_any(As... awaited) {
  return when_any(as_task(std::move(awaited))...);
}
template <class... As>
  requires(!(Awaitable<As> && ...))
[[REHEARSAL_UNAVAILABLE("when_any: what is awaited must be a Task or an operation")]]
Task<int> when_any(const As&... /*awaited*/) {
  std::terminate();
}

}  // namespace rehearsal::sched
