// What gdb shows of the world that the selected thread runs, as text. The commands of rehearsal.py
// call these functions while the program is stopped. They change nothing that the run depends on.
#pragma once

#include <cstdint>

#include "simnet/trace/history.hpp"
#include "simnet/world.hpp"

namespace rehearsal::harness {

// Lets rehearsal_events() show the events of `world` from `history`, on this thread, until it is
// called again; null ends it.
void show_events_of(const simnet::World* world, const simnet::History* history);

}  // namespace rehearsal::harness

// Each returns a text, valid until the next call on this thread; or null if the thread has no
// world. The tasks of all hosts; the sockets of all hosts; the pending events, or, if `last` is not
// 0, the last events of the run.
extern "C" const char* rehearsal_tasks();
extern "C" const char* rehearsal_sockets();
extern "C" const char* rehearsal_events(std::uint64_t last);
