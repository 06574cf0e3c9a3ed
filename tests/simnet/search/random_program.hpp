// Small random programs for a search: a few tasks on two hosts that share locks, channels, events
// and sockets, and record in words what they saw.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "simnet/scenario.hpp"

namespace rehearsal::simnet {

// The next action of a task; the number beside it selects one of two objects, or the variant.
enum class Act : std::uint8_t {
  yield,
  add_locked,
  add_locked_in_time,
  add_plainly,
  read_plainly,
  await_change,
  change,
  send,
  receive,
  receive_in_time,
  close,
  set,
  clear,
  wait,
  sleep,
  say,
  ask,
  talk,
  tell,
  refuse,
  listen,
  choose,
  draw,
  call,
  cancel_child,
  join_child,
  look_at_child,
  fail_together,
  fail_apart,
  race
};
inline constexpr int act_count = static_cast<int>(Act::race) + 1;
[[nodiscard]] const char* name(Act act);

// The task at the other end of their connections.
enum class Sink : std::uint8_t { answers, shares, hangs_up };
inline constexpr int sink_count = static_cast<int>(Sink::hangs_up) + 1;

struct RandomProgram {
  std::vector<std::vector<std::pair<Act, int>>> tasks;  // the first two share a host
  bool isolated = true;
  Sink sink = Sink::answers;

  [[nodiscard]] bool has(std::initializer_list<Act> any) const;
  [[nodiscard]] std::string to_string() const;
};

// Runs `program`; `end` describes in words how the last run ended.
Scenario running(const RandomProgram& program, const std::shared_ptr<std::string>& end);

}  // namespace rehearsal::simnet
