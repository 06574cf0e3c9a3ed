// Faults: rules that inject a fault into an operation. Rules are checked in the order in which they
// were added, and the first rule that applies decides.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "sched/base/key_table.hpp"
#include "sched/base/time.hpp"

namespace rehearsal::simnet {

class Choices;

/// The operations that a rule can match: calls on a socket, and packets that a link carries.
enum class Operation : std::uint8_t {
  /// A call that opens a listener.
  listen,
  /// A call that takes a connection from a listener.
  accept,
  /// A call that begins a connection.
  connect,
  /// A receive on a connection.
  recv,
  /// A send on a connection.
  send,
  /// A call that opens a datagram socket. The simulated kernel applies no rule to it.
  bind,
  /// A call that receives a datagram. The simulated kernel applies no rule to it.
  recv_from,
  /// A call that sends a datagram. The simulated kernel applies no rule to it.
  send_to,
  /// A TCP segment that a link carries.
  segment,
  /// A UDP datagram that a link carries.
  datagram
};
/// Number of operations.
inline constexpr std::size_t operation_count = 10;

/// What a rule does to an operation.
struct Verdict {
  /// The kinds of verdicts.
  enum class Kind : std::uint8_t {
    /// Does nothing. The rule still counts, and later rules are not checked.
    pass,
    /// Fails the call with `error`. For listen, accept, connect, recv and send.
    fail,
    /// Resets the connection; the call fails with ECONNRESET. For recv and send.
    reset,
    /// Limits the call to at most `count` bytes. For recv and send.
    limit,
    /// Delays a segment or a datagram by `delay`.
    late,
    /// Drops a packet: a segment is retransmitted after 200 ms, a datagram is lost.
    drop,
    /// Delivers a datagram `count` more times.
    duplicate
  };

  /// The kind of the verdict.
  Kind kind = Kind::pass;
  /// The error of `fail`.
  std::errc error{};
  /// Bytes of `limit`, or extra copies of `duplicate`.
  std::uint32_t count = 0;
  /// The delay of `late`.
  sched::Duration delay{};

  /// Returns a verdict that fails the call with `error`.
  static Verdict fail(std::errc error) { return {Kind::fail, error, 0, {}}; }
  /// Returns a verdict that resets the connection.
  static Verdict reset() { return {Kind::reset, {}, 0, {}}; }
  /// Returns a verdict that limits the call to `bytes`.
  static Verdict limit(std::uint32_t bytes) { return {Kind::limit, {}, bytes, {}}; }
  /// Returns a verdict that delays a packet by `by`.
  static Verdict late(sched::Duration by) { return {Kind::late, {}, 0, by}; }
  /// Returns a verdict that drops a packet.
  static Verdict drop() { return {Kind::drop, {}, 0, {}}; }
  /// Returns a verdict that delivers a datagram `times` more times.
  static Verdict duplicate(std::uint32_t times) { return {Kind::duplicate, {}, times, {}}; }
};

/// A fault to inject: which operations it matches, how often it applies, and what it does. Set
/// exactly one of nth(), every() and rate(). Example:
///
///     world.faults().add(FaultRule("refuse", Operation::connect,
///                                  Verdict::fail(std::errc::connection_refused)).nth(1));
struct FaultRule {
  /// Creates a rule for `operation` that applies `gives`. `named` must be unique in a world and
  /// must not contain a colon.
  FaultRule(std::string named, Operation operation, Verdict gives)
      : name(std::move(named)), on(operation), verdict(gives) {}

  /// Matches only operations of this host: the host that makes the call or sends the packet. By
  /// default every host matches.
  FaultRule& from(std::string host) { return from_host = std::move(host), *this; }
  /// Matches only operations towards this host. By default every host matches. A listen or an
  /// accept has no other host, so it never matches.
  FaultRule& to(std::string host) { return to_host = std::move(host), *this; }
  /// Applies to the `number`th matching operation only, counted from 1.
  FaultRule& nth(std::uint64_t number) { return only = number, *this; }
  /// Applies to every `number`th matching operation.
  FaultRule& every(std::uint64_t number) { return each = number, *this; }
  /// Applies at random with this probability, under a random policy only.
  FaultRule& rate(std::uint32_t parts_per_million) {
    return per_million = parts_per_million, *this;
  }
  /// Does not fail the sweep if this rule never fires in any of its runs.
  FaultRule& may_stay_away() { return optional = true, *this; }

  /// Names the rule in reports, and its choices in schedules. Unique in a world.
  std::string name;
  /// The operation that the rule matches.
  Operation on;
  /// What the rule does.
  Verdict verdict;
  /// The host of from(), or empty for any host.
  std::string from_host;
  /// The host of to(), or empty for any host.
  std::string to_host;
  /// The number of nth(), or 0 if unset.
  std::uint64_t only = 0;
  /// The number of every(), or 0 if unset.
  std::uint64_t each = 0;
  /// The probability of rate() in parts per million, or 0 if unset.
  std::uint32_t per_million = 0;
  /// Whether may_stay_away() was called.
  bool optional = false;
};

/// How often a rule matched and fired in a run.
struct FaultCount {
  /// The name of the rule.
  std::string name;
  /// Whether the rule may never fire; see FaultRule::may_stay_away().
  bool optional = false;
  /// Number of operations that matched the rule.
  std::uint64_t matched = 0;
  /// Number of those operations to which the rule applied.
  std::uint64_t fired = 0;
  /// Number of those operations whose result the rule changed.
  std::uint64_t mattered = 0;
};

/// The fault rules of a world; see World::faults().
class Faults {
 public:
  /// Adds a rule behind the present ones. Fails a CHECK unless exactly one of nth(), every() and
  /// rate() is set, and the name is unique and contains no colon.
  void add(FaultRule rule);
  /// Returns whether some rule looks at this operation.
  [[nodiscard]] bool any(Operation on) const {
    return !rules_.empty() && looked_at_[static_cast<std::size_t>(on)];
  }
  /// Returns the verdict on one operation from host `from` to host `to`. `entity` is the name of
  /// the socket or connection. For the simulated kernel. REQUIRES: any(on).
  Verdict judge(Operation on, const std::string& from, const std::string& to,
                const std::string& entity, Choices& choices);
  /// Counts that the verdict of the last judge() changed what happened.
  void mattered() { ++rules_[last_].count.mattered; }
  /// Returns the counts of all rules, in the order in which the rules were added.
  [[nodiscard]] std::vector<FaultCount> counts() const;

 private:
  struct Rule {
    FaultRule rule;
    FaultCount count;
    KeyTable<std::uint32_t> ordinals;  // by entity
  };
  static bool applies(Rule& rule, const std::string& entity, Choices& choices);

  std::vector<Rule> rules_;
  std::array<bool, operation_count> looked_at_{};
  std::size_t last_ = 0;
};

}  // namespace rehearsal::simnet
