// Prefetch: fetches memory of the scheduler into the cache before it is used: of many tasks, timers
// or hosts it does not fit there. No result depends on it. All of it is in this file pair, a friend
// of the classes whose memory it fetches.
//
// Measured by `./dev bench` (sim): without timer() and woken() a timer among 100,000 costs 3.3
// times one among 100, with them 2.4; without the functions of a waiter a world of 5,000 pairs of
// hosts makes 0.5 M round trips a second, with them 0.78 M.
#pragma once

#include <cstddef>
#include <cstdint>
#include <typeinfo>

#include "sched/core/waiter.hpp"
#include "sched/seam/source.hpp"

namespace rehearsal::sched {

class Timer;
template <Source S>
class Handles;

class Prefetch {
 public:
  // Fetches every cache line that holds one of these bytes. The bytes are not read, so the address
  // need not be valid.
  static void bytes(const void* from, std::size_t count) {
    constexpr std::uintptr_t line = 64;
    const auto first = reinterpret_cast<std::uintptr_t>(from);
    for (std::uintptr_t at = first & ~(line - 1); at < first + count; at += line) {
      __builtin_prefetch(reinterpret_cast<const void*>(at));  // NOLINT(*-int-to-ptr)
    }
  }

  // As bytes(), with fewer instructions. REQUIRES: `first` is the start of a cache line; `count` is
  // a constant.
  [[gnu::always_inline]] static void lines(const void* first, std::size_t count) {
    constexpr std::size_t line = 64;
    for (std::size_t at = 0; at < count; at += line) {
      __builtin_prefetch(static_cast<const char*>(first) + at);
    }
  }

  // Fetches a timer that will fire, and the frame that holds it.
  static void timer(const Timer& timer);
  // Fetches the record of the task that the timer will wake. REQUIRES: `timer` is in the cache.
  static void woken(const Timer& timer);

  // Fetches what a report on this descriptor will use.
  template <class S>
  static void handle(const Handles<S>& handles, Descriptor descriptor) {
    const auto at = static_cast<std::size_t>(descriptor);
    if (at < handles.slots_.size()) {
      bytes(&handles.slots_[at], sizeof handles.slots_[at]);
    }
  }
  // Returns the waiter that will receive there, or null if none waits.
  template <class S>
  static const Waiter* receiver(const Handles<S>& handles, Descriptor descriptor) {
    const auto at = static_cast<std::size_t>(descriptor);
    return at < handles.slots_.size() ? handles.slots_[at].waiters[0] : nullptr;
  }
  static void waiter(const Waiter* waiter) { bytes(waiter, 96); }
  // Fetches the record of the waiting task. REQUIRES: `waiter` is in the cache.
  static void task(const Waiter& waiter);
  // Fetches the frame that holds `waiter`; with `up` 1 the frame that called it, and so on.
  // REQUIRES: `waiter` is in the cache.
  static void frame(const Waiter& waiter, int up);
  // Fetches what a receive on an S, a Stream, writes first. REQUIRES: `waiter` is in the cache.
  template <class S>
  static void destination(const Waiter& waiter) {
    if (typeid(waiter) == typeid(typename S::Recv)) {
      const auto& recv = static_cast<const typename S::Recv&>(waiter);
      __builtin_prefetch(&recv.stream_.unread_);
      __builtin_prefetch(recv.into_.data(), 1);
    } else if (typeid(waiter) == typeid(typename S::RecvExactly)) {
      const auto& recv = static_cast<const typename S::RecvExactly&>(waiter);
      __builtin_prefetch(&recv.buffer());
      __builtin_prefetch(recv.into_.data(), 1);
    }
  }
};

}  // namespace rehearsal::sched
