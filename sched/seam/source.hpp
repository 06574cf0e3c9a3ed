// The first half of the seam: the source says which sockets are ready and what time it is.
#pragma once

#include <concepts>
#include <cstdint>

#include "sched/base/small_vector.hpp"
#include "sched/base/time.hpp"
#include "sched/seam/result.hpp"

namespace rehearsal::sched {

class TaskRecord;

// A socket's number in its host's kernel: the lowest that was free, so it is reused at once.
using Descriptor = int;

enum class Direction : std::uint8_t { recv, send };

// What a socket shows, as a set of bits. `hang_up` and `error` wake both directions; `urgent` means
// that a short receive may have stopped at an urgent byte with data still queued behind it.
enum class Readiness : std::uint8_t {
  none = 0,
  recv = 1,
  send = 2,
  urgent = 4,
  hang_up = 8,
  error = 16
};

constexpr Readiness operator|(Readiness a, Readiness b) {
  return static_cast<Readiness>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr Readiness& operator|=(Readiness& a, Readiness b) { return a = a | b; }
constexpr Readiness without(Readiness bits, Readiness of) {
  return static_cast<Readiness>(static_cast<unsigned>(bits) & ~static_cast<unsigned>(of));
}
constexpr bool any(Readiness bits, Readiness of) {
  return (static_cast<unsigned>(bits) & static_cast<unsigned>(of)) != 0;
}

struct Ready {
  Descriptor descriptor;
  Readiness what;
};

// In the order in which the sockets are to wake their tasks.
using ReadyList = SmallVector<Ready, 2>;

// Why a wait ended: a socket is ready, the deadline was reached, or nothing can ever happen
// (nothing is watched and there is no deadline).
enum class Wake : std::uint8_t { ready, deadline, quiescent };

// now():     monotonic; read once per wait, so that time stands still while a task runs.
// watch():   a task begins to wait for `way`. An error if the source cannot watch this descriptor
//            (select() cannot watch every number); then nothing is watched.
// unwatch(): the task no longer waits. Each watch is paired with one unwatch, before or after the
//            socket became ready.
// wait():    blocks until something is ready or `until` is reached, and appends to `ready`. It may
//            report sockets that nobody watches, and may be wrong: a report is a hint.
// delay():   how many tasks that become ready later pass this one, which became ready now.
// Optional functions of a source are in hooks.hpp.
template <class S>
concept Source = requires(S s, Descriptor d, Direction way, Deadline until, ReadyList& ready,
                          const TaskRecord& task) {
  { s.now() } -> std::same_as<Instant>;
  { s.watch(d, way) } -> std::same_as<Result<>>;
  s.unwatch(d, way);
  { s.wait(until, ready) } -> std::same_as<Wake>;
  { s.delay(task) } -> std::same_as<std::uint32_t>;
};

}  // namespace rehearsal::sched
