// Source: the first half of the Network interface. It reports which sockets are ready, and
// the time.
#pragma once

#include <concepts>
#include <cstdint>

#include "sched/base/small_vector.hpp"
#include "sched/base/time.hpp"
#include "sched/seam/result.hpp"

namespace rehearsal::sched {

class TaskRecord;

/// A socket's number in its host's kernel: the lowest free one, so it is reused at once.
using Descriptor = int;

/// The operation on a socket that a task waits for. A connection that is being made waits
/// for `send`.
enum class Direction : std::uint8_t { recv, send };

/// The state of a socket, as a set of bits. `hang_up` and `error` wake both directions.
/// `urgent` means that a partial receive may have stopped at an urgent byte with data still
/// queued behind it.
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
/// Returns `bits` without those of `of`.
constexpr Readiness without(Readiness bits, Readiness of) {
  return static_cast<Readiness>(static_cast<unsigned>(bits) & ~static_cast<unsigned>(of));
}
/// Returns true if `bits` has at least one bit of `of`.
constexpr bool any(Readiness bits, Readiness of) {
  return (static_cast<unsigned>(bits) & static_cast<unsigned>(of)) != 0;
}

/// A socket that a wait of the source reported.
struct Ready {
  Descriptor descriptor;
  Readiness what;
};

/// The reported sockets, in the order in which they wake their tasks.
using ReadyList = SmallVector<Ready, 2>;

/// Why a wait ended. `ready`: a socket is ready. `deadline`: the deadline was reached. `quiescent`:
/// nothing can ever happen, because nothing is watched and there is no deadline.
enum class Wake : std::uint8_t { ready, deadline, quiescent };

/// An event source: it reports which sockets are ready, and the time. hooks.hpp has its
/// optional functions.
///
/// - `now()` returns the monotonic time. The scheduler calls it once per wait, so that time does
///   not advance while a task runs.
/// - `watch(d, way)` reports that a task begins to wait for a direction. Returns an error if the
///   source cannot watch this descriptor (select() has a maximum); then nothing is watched.
/// - `unwatch(d, way)` reports that the task no longer waits. Each successful watch is followed by
///   exactly one unwatch, before or after the socket becomes ready.
/// - `wait(until, ready)` blocks until a socket is ready or `until` is reached, and appends to
///   `ready`. It may report sockets that no task watches, and may be wrong: a report is a hint.
/// - `delay(task)` returns how many tasks that become ready later may pass `task`, which became
///   ready now; normally 0.
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
