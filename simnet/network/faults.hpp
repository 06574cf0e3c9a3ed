// Faults: rules that decide what becomes of an operation. Rules are asked in the order in which
// they were added, and the first that applies decides.
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

// What a rule looks at: a call on a socket, or what a link carries.
enum class Operation : std::uint8_t {
  listen,
  accept,
  connect,
  recv,
  send,
  bind,
  recv_from,
  send_to,
  segment,
  datagram
};
inline constexpr std::size_t operation_count = 10;

struct Verdict {
  enum class Kind : std::uint8_t {
    pass,
    fail,      // the call fails with `error`
    reset,     // of a stream's call: the connection is reset
    limit,     // of recv and send: no more than `count` bytes
    late,      // of a segment or datagram: `delay` longer
    drop,      // of a segment: sent again; of a datagram: lost
    duplicate  // of a datagram: comes `count` more times
  };

  Kind kind = Kind::pass;
  std::errc error{};
  std::uint32_t count = 0;
  sched::Duration delay{};

  static Verdict fail(std::errc error) { return {Kind::fail, error, 0, {}}; }
  static Verdict reset() { return {Kind::reset, {}, 0, {}}; }
  static Verdict limit(std::uint32_t bytes) { return {Kind::limit, {}, bytes, {}}; }
  static Verdict late(sched::Duration by) { return {Kind::late, {}, 0, by}; }
  static Verdict drop() { return {Kind::drop, {}, 0, {}}; }
  static Verdict duplicate(std::uint32_t times) { return {Kind::duplicate, {}, times, {}}; }
};

struct FaultRule {
  FaultRule(std::string named, Operation operation, Verdict gives)
      : name(std::move(named)), on(operation), verdict(gives) {}

  // The host that makes the call or sends the packet, and the other one; empty: any.
  FaultRule& from(std::string host) { return from_host = std::move(host), *this; }
  FaultRule& to(std::string host) { return to_host = std::move(host), *this; }
  // Of the operations that match: only the nth (from 1), every nth, or at random under a random
  // policy. One of the three.
  FaultRule& nth(std::uint64_t number) { return only = number, *this; }
  FaultRule& every(std::uint64_t number) { return each = number, *this; }
  FaultRule& rate(std::uint32_t parts_per_million) {
    return per_million = parts_per_million, *this;
  }
  // It is no mistake where this rule never fires in a whole sweep.
  FaultRule& may_stay_away() { return optional = true, *this; }

  std::string name;  // names its choices and its count; unique in a world
  Operation on;
  Verdict verdict;
  std::string from_host;
  std::string to_host;
  std::uint64_t only = 0;
  std::uint64_t each = 0;
  std::uint32_t per_million = 0;
  bool optional = false;
};

struct FaultCount {
  std::string name;
  bool optional = false;
  std::uint64_t matched = 0;   // operations that the rule looks at
  std::uint64_t fired = 0;     // of those, how many it decided
  std::uint64_t mattered = 0;  // of those, how many it changed
};

class Faults {
 public:
  void add(FaultRule rule);
  [[nodiscard]] bool any(Operation on) const {
    return !rules_.empty() && looked_at_[static_cast<std::size_t>(on)];
  }
  // The verdict on one operation between two hosts, named; `entity` is the path name of the socket
  // or connection. REQUIRES: any(on).
  Verdict judge(Operation on, const std::string& from, const std::string& to,
                const std::string& entity, Choices& choices);
  // The verdict that judge() gave last changed what happened.
  void mattered() { ++rules_[last_].count.mattered; }
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
