// The input of a property: a program (what each task does, step by step) and a script (what the
// source answers, wait by wait). Both are plain values that are generated, shrunk and printed.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <vector>

#include "simnet/scripted_source.hpp"

namespace rehearsal::fairness {

enum class Action : std::uint8_t {
  yield,
  sleep,      // for `number` nanoseconds
  wait_recv,  // until the socket is reported ready to receive
  wait_send,
  reopen,  // closes the socket and opens its descriptor again
  set_event,
  clear_event,
  wait_event,
  acquire,  // takes a permit, which its body keeps until the body ends
  release,  // releases the newest permit
  send,     // sends the next number into the channel
  recv,
  close_channel,
  produce,  // under a mutex held for `number` ns: adds a credit and notifies
  consume,  // under the mutex: waits for a credit and takes it
  cancel,
  join,
  fail,  // throws
  // The actions below have bodies.
  spawn,      // the first body is a task
  timeout,    // the first body has `number` nanoseconds
  group,      // both bodies, in a TaskGroup
  first_of,   // both bodies, by when_any
  supervise,  // both bodies, in a Supervisor with room for one
  clean_up,   // the first body, and a clean-up after it
};

struct Step;
using Steps = std::vector<Step>;

struct Step {
  Action action = Action::yield;
  std::uint32_t which = 0;   // index among the events, semaphores, channels or sockets
  std::uint32_t number = 0;  // nanoseconds; for join and cancel, a task, modulo those spawned
  std::vector<Steps> bodies = {};
};

struct Program {
  std::vector<Steps> tasks;
};

struct Script {
  std::vector<simnet::ScriptedWait> waits;
  std::vector<std::uint32_t> delays;
};

inline constexpr std::uint32_t things_of_a_kind = 3;

const char* name_of(Action action);
void showValue(const Step& step, std::ostream& out);
void showValue(const Program& program, std::ostream& out);
void showValue(const Script& script, std::ostream& out);

}  // namespace rehearsal::fairness
