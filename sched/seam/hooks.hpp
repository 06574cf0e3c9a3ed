// The optional hooks of an event source: functions that are called if the source has them.
//
// holds_back = false: no function; delay() is always 0 and is not called.
// takes_time:         Instant resume(const TaskRecord&). Called before each resumption; returns the
//                     time at which it happens.
// follows:            void follow(Executor&). Called once, by the scheduler over the source, before
//                     any other function.
// fires_timers:       void fire_due(Timers&, Instant now). Called once a round instead of
//                     Timers::fire_due(); the source may put a timer off.
// ends:               bool process_ended() const. Called between the resumptions of a round; true
//                     ends the round: the program is about to be destroyed.
// touches:            void touch(Descriptor). Called when the scheduler uses its state of a
//                     descriptor, for a search that asks which steps commute.
// records_blocking:   void blocking_result(Descriptor, const BlockingOutcome&). Called when
//                     blocking work is done.
// replays_blocking:   std::optional<BlockingOutcome> blocking_outcome(Descriptor). Called instead
//                     of the work; returns nothing if the work is not done.
// posts:              Result<> post(std::string_view, ConstBytes). Called by any thread, through
//                     a wrapper of the source.
// logs:               void log(std::string_view). Called by Host::log(), which otherwise writes the
//                     text on stderr.
//
// A source declares the hooks that it has:
//
//     static constexpr sched::SourceHooks hooks{.takes_time = true, .touches = true};
//
// A hook that is declared but missing, or present but not declared, is a compile error:
// see check_hooks().
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "sched/base/time.hpp"
#include "sched/seam/result.hpp"
#include "sched/seam/source.hpp"

namespace rehearsal::sched {

class Executor;
class Timers;
struct BlockingOutcome;

/// Declares which hooks a source has. See the top of this file.
struct SourceHooks {
  /// The source may hold tasks back. If false, delay() is always 0 and is not called.
  bool holds_back = true;
  /// The source has `Instant resume(const TaskRecord&)`.
  bool takes_time = false;
  /// The source has `void follow(Executor&)`.
  bool follows = false;
  /// The source has `void fire_due(Timers&, Instant)`.
  bool fires_timers = false;
  /// The source has `bool process_ended() const`.
  bool ends = false;
  /// The source has `void touch(Descriptor)`.
  bool touches = false;
  /// The source has `void blocking_result(Descriptor, const BlockingOutcome&)`.
  bool records_blocking = false;
  /// The source has `std::optional<BlockingOutcome> blocking_outcome(Descriptor)`.
  bool replays_blocking = false;
  /// The source has `Result<> post(std::string_view, ConstBytes)`.
  bool posts = false;
  /// The source has `void log(std::string_view)`.
  bool logs = false;

  friend bool operator==(const SourceHooks&, const SourceHooks&) = default;
};

/// The hooks that `S` declares; the default ones if it declares none.
template <class S>
inline constexpr SourceHooks hooks_of = [] {
  if constexpr (requires { SourceHooks(S::hooks); }) {
    return SourceHooks(S::hooks);
  } else {
    return SourceHooks();
  }
}();

/// The hooks that `S` has, whether or not it declares them. REQUIRES: `S` is complete.
template <class S>
inline constexpr SourceHooks hooks_found = {
    .holds_back = hooks_of<S>.holds_back,
    .takes_time = requires(S s, const TaskRecord& task){s.resume(task);
}  // namespace rehearsal::sched
, .follows = requires(S s, Executor& executor) { s.follow(executor); },
    .fires_timers = requires(S s, Timers& timers, Instant now) { s.fire_due(timers, now); },
    .ends = requires(const S s) { s.process_ended(); },
    .touches = requires(S s, Descriptor d) { s.touch(d); },
    .records_blocking = requires(S s, Descriptor d,
                                 const BlockingOutcome& outcome) { s.blocking_result(d, outcome); },
    .replays_blocking = requires(S s, Descriptor d) { s.blocking_outcome(d); },
    .posts = requires(S s, std::string_view name, std::span<const std::byte> message) {
      s.post(name, message);
    },
    .logs = requires(S s, std::string_view text) { s.log(text); }
}
;

/// Fails to compile if `S` has a hook that it does not declare, or declares one that it does
/// not have.
template <class S>
constexpr void check_hooks() {
  constexpr SourceHooks declared = hooks_of<S>;
  constexpr SourceHooks found = hooks_found<S>;
  static_assert(declared.takes_time == found.takes_time,
                "takes_time is declared if and only if the source has resume()");
  static_assert(declared.follows == found.follows,
                "follows is declared if and only if the source has follow()");
  static_assert(declared.fires_timers == found.fires_timers,
                "fires_timers is declared if and only if the source has fire_due()");
  static_assert(declared.ends == found.ends,
                "ends is declared if and only if the source has process_ended()");
  static_assert(declared.touches == found.touches,
                "touches is declared if and only if the source has touch()");
  static_assert(declared.records_blocking == found.records_blocking,
                "records_blocking is declared if and only if the source has blocking_result()");
  static_assert(declared.replays_blocking == found.replays_blocking,
                "replays_blocking is declared if and only if the source has blocking_outcome()");
  static_assert(declared.posts == found.posts,
                "posts is declared if and only if the source has post()");
  static_assert(declared.logs == found.logs,
                "logs is declared if and only if the source has log()");
  static_assert(declared.holds_back || !declared.takes_time, "a source that takes time holds back");
}

}  // namespace rehearsal::sched
