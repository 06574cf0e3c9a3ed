// The calls of a network (network.hpp), each once. The events of a world, the names in a trace and
// the records of a recording are built from this list.
#pragma once

// CALL(name, text, number): the function's name, its name in traces and reports, and its number in
// recordings and in the fingerprints of runs. A call never changes its number; a new call takes the
// next one. Numbers below 5, from 26 to 32, and from 64 on are used for other things than calls.
#define REHEARSAL_SEAM_CALLS(CALL)     \
  CALL(listen, "listen", 5)            \
  CALL(accept, "accept", 6)            \
  CALL(connect, "connect", 7)          \
  CALL(connected, "connected", 8)      \
  CALL(recv, "recv", 9)                \
  CALL(send, "send", 10)               \
  CALL(shutdown_send, "shutdown", 11)  \
  CALL(close, "close", 12)             \
  CALL(abort, "abort", 13)             \
  CALL(bind, "bind", 14)               \
  CALL(recv_from, "recv_from", 15)     \
  CALL(send_to, "send_to", 16)         \
  CALL(resolve, "resolve", 17)         \
  CALL(resolved, "resolved", 18)       \
  CALL(signals, "signals", 19)         \
  CALL(next_signal, "signal", 20)      \
  CALL(inbox, "inbox", 21)             \
  CALL(next_message, "message", 22)    \
  CALL(start_blocking, "blocking", 23) \
  CALL(random, "random", 24)           \
  CALL(choose, "choose", 25)           \
  CALL(set_options, "options", 33)     \
  CALL(set_peer, "set_peer", 34)       \
  CALL(local, "local", 35)             \
  CALL(peer, "peer", 36)               \
  CALL(connection_name, "name", 37)    \
  CALL(blocking_result, "result", 38)  \
  CALL(wall_clock, "wall_clock", 39)

// Expands the list to enumerators with their numbers, and to cases of a switch that returns
// the text.
#define REHEARSAL_CALL_ENUMERATOR(call, text, number) call = number,
#define REHEARSAL_CALL_TEXT(call, text, number) \
  case Kind::call:                              \
    return text;
