// The arguments of spawn(): a task, or a callable that returns one. The callable is kept with the
// task, so that a lambda's captures live as long as its coroutine.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sched/base/unavailable.hpp"
#include "sched/core/executor.hpp"
#include "sched/core/join_handle.hpp"

namespace rehearsal::sched {

template <class T>
struct IsTask : std::false_type {};
template <class T>
struct IsTask<Task<T>> : std::true_type {};

/// A callable that returns a task when it is called with Arguments.
template <class F, class... Arguments>
concept TaskMaker = std::invocable<std::decay_t<F>&, Arguments...> &&
                    IsTask<std::invoke_result_t<std::decay_t<F>&, Arguments...>>::value;

/// An argument of spawn(): a task that is moved in, or a callable that returns one when it is
/// called with Arguments.
template <class F, class... Arguments>
concept Spawnable = (sizeof...(Arguments) == 0 && IsTask<F>::value) || TaskMaker<F, Arguments...>;

/// Overloads of spawn() for arguments that are not Spawnable: the compiler reports such a call in
/// one line, at the call. A class inherits them beside its own overloads, which are more
/// constrained. Each class has its own base, because two empty bases of one type would not share
/// the address of a class and its first member.
template <class Spawner>
class SpawnErrors {
 public:
  template <class F, class... Arguments>
  [[REHEARSAL_UNAVAILABLE("spawn: the callable must return a Task; a Task itself is moved")]]
  JoinHandle<> spawn(std::string_view /*name*/, F&& /*runs*/, Arguments&&... /*arguments*/) {
    return {};
  }
  template <class F>
  [[REHEARSAL_UNAVAILABLE("spawn: the callable must return a Task; a Task itself is moved")]]
  JoinHandle<> spawn(F&& /*runs*/) {
    return {};
  }
};

template <class F>
class KeptCallable final : public Attachment {
 public:
  explicit KeptCallable(F callable) : callable_(std::move(callable)) {}
  F& get() { return callable_; }

 private:
  F callable_;
};

/// The place of a new task among the others.
struct SpawnInto {
  Executor& executor;
  TaskOwner* owner = nullptr;    ///< null means the executor
  TaskRecord* parent = nullptr;  ///< null means that its path begins here
  std::string_view name = {};    ///< an empty name means numbered
};

/// Starts a task.
template <class T>
JoinHandle<T> spawn(const SpawnInto& into, Task<T> task) {
  return JoinHandle<T>(into.executor.start(into.owner, into.parent, into.name, std::move(task)));
}

/// Starts the task that the callable returns. The callable lives as long as the task.
template <class F, class... Arguments>
  requires TaskMaker<F, Arguments...>
auto spawn(const SpawnInto& into, F&& callable, Arguments&&... arguments) {
  // One pointer type for every F, which the compiler instantiates once.
  auto* callee = new KeptCallable<std::decay_t<F>>(std::forward<F>(callable));
  std::unique_ptr<Attachment> kept(callee);
  auto task = std::invoke(callee->get(), std::forward<Arguments>(arguments)...);
  using T = typename decltype(task)::value_type;
  return JoinHandle<T>(
      into.executor.start(into.owner, into.parent, into.name, std::move(task), std::move(kept)));
}

}  // namespace rehearsal::sched
