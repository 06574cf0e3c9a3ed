// Several tasks at once: when_all waits for all of them, when_any for the first.
#pragma once

#include <concepts>
#include <exception>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "sched/base/unavailable.hpp"
#include "sched/core/operation.hpp"
#include "sched/sync/task_group.hpp"

namespace rehearsal::sched {

// A result as a member of a tuple; void has none.
template <class T>
using ResultOf = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

// Ends when the first child does, by cancelling the others.
class FirstOf final : public Children {
 public:
  explicit FirstOf(Executor& executor) : Children(executor) {}
  ~FirstOf() override { destroy_all(); }

  template <class T>
  JoinHandle<T> spawn(Task<T> task) {
    return start(std::string_view(), std::move(task));
  }
  // Waits until every child is done or destroyed; rethrows what the first to end threw.
  Task<> join();

 private:
  void child_done(TaskRecord& task, const std::exception_ptr& failure) override;

  std::exception_ptr failure_;  // of the first to end
  bool ended_ = false;
};

template <class T>
ResultOf<T> take_result(JoinHandle<T>& handle) {
  if constexpr (std::is_void_v<T>) {
    handle.take();
    return {};
  } else {
    return handle.take();
  }
}

template <class T>
std::optional<ResultOf<T>> take_if_returned(JoinHandle<T>& handle) {
  if (handle.task().cancelled() || handle.task().failed()) {
    return std::nullopt;
  }
  return take_result(handle);
}

// auto [a, b] = co_await when_all(f(), g()): the results in the order of the tasks, all of which
// run at once. The first failure cancels the rest and is rethrown; the results of those that had
// ended are dropped.
template <class... Ts>
Task<std::tuple<ResultOf<Ts>...>> when_all(Task<Ts>... tasks) {
  TaskRecord& self = co_await this_task();
  TaskGroup group(self.executor());
  std::tuple<JoinHandle<Ts>...> handles{group.spawn(std::move(tasks))...};
  co_await group.join();
  co_return std::apply(
      [](auto&... handle) { return std::tuple<ResultOf<Ts>...>{take_result(handle)...}; }, handles);
}

// Operations, such as a read of a stream, can stand among the tasks.
template <Awaitable... As>
  requires(Operation<As> || ...)
auto when_all(As... awaited) {
  return when_all(as_task(std::move(awaited))...);
}
template <class... As>
  requires(!(Awaitable<As> && ...))
[[REHEARSAL_UNAVAILABLE("when_all: what is awaited must be a Task or an operation")]]
Task<int> when_all(As... /*awaited*/) {
  std::terminate();
}

// auto [a, b] = co_await when_any(f(), g()): waits for the first to end and cancels the others.
// Every task that returned has its result there, also one that ended before the cancellation
// reached it; those that were cancelled have none. If the caller is cancelled meanwhile, the
// results of tasks that have ended are dropped. Where the first to end failed, its failure is
// rethrown.
template <class... Ts>
Task<std::tuple<std::optional<ResultOf<Ts>>...>> when_any(Task<Ts>... tasks) {
  TaskRecord& self = co_await this_task();
  FirstOf group(self.executor());
  std::tuple<JoinHandle<Ts>...> handles{group.spawn(std::move(tasks))...};
  co_await group.join();
  co_return std::apply(
      [](auto&... handle) {
        return std::tuple<std::optional<ResultOf<Ts>>...>{take_if_returned(handle)...};
      },
      handles);
}

template <Awaitable... As>
  requires(Operation<As> || ...)
auto when_any(As... awaited) {
  return when_any(as_task(std::move(awaited))...);
}
template <class... As>
  requires(!(Awaitable<As> && ...))
[[REHEARSAL_UNAVAILABLE("when_any: what is awaited must be a Task or an operation")]]
Task<int> when_any(As... /*awaited*/) {
  std::terminate();
}

}  // namespace rehearsal::sched
