// How spawn takes what it runs: a task, or a callable that makes one. The callable is kept with the
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

// What can be called with Arguments and gives a task.
template <class F, class... Arguments>
concept TaskMaker = std::invocable<std::decay_t<F>&, Arguments...> &&
                    IsTask<std::invoke_result_t<std::decay_t<F>&, Arguments...>>::value;

// What spawn takes: a task that is moved, or what can be called with Arguments and gives one.
template <class F, class... Arguments>
concept Spawnable = (sizeof...(Arguments) == 0 && IsTask<F>::value) || TaskMaker<F, Arguments...>;

// The overloads of spawn for what is not Spawnable: a compiler reports their use in one line, at
// the call. A class inherits them beside its own, which are the more constrained. A base for each
// class, because two empty bases of one type would not share the address of a class and its first
// member.
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

struct SpawnInto {
  Executor& executor;
  TaskOwner* owner = nullptr;    // null: the executor
  TaskRecord* parent = nullptr;  // null: the path begins here
  std::string_view name = {};    // empty: numbered
};

template <class T>
JoinHandle<T> spawn(const SpawnInto& into, Task<T> task) {
  return JoinHandle<T>(into.executor.start(into.owner, into.parent, into.name, std::move(task)));
}

template <class F, class... Arguments>
  requires TaskMaker<F, Arguments...>
auto spawn(const SpawnInto& into, F&& callable, Arguments&&... arguments) {
  // One type of pointer whatever F is, which the compiler makes once.
  auto* callee = new KeptCallable<std::decay_t<F>>(std::forward<F>(callable));
  std::unique_ptr<Attachment> kept(callee);
  auto task = std::invoke(callee->get(), std::forward<Arguments>(arguments)...);
  using T = typename decltype(task)::value_type;
  return JoinHandle<T>(
      into.executor.start(into.owner, into.parent, into.name, std::move(task), std::move(kept)));
}

}  // namespace rehearsal::sched
