// An event: a descriptor that something else than a peer makes readable (eventfd(2)).
#pragma once

#include "sched/seam/result.hpp"
#include "sched/seam/source.hpp"

namespace rehearsal::realnet {

// Non-blocking and closed on exec; readable from the start where `raised`. Errors:
// too_many_files_open, too_many_files_open_in_system, not_enough_memory.
sched::Result<sched::Descriptor> open_event_descriptor(bool raised);

// Makes it readable. May be called by any thread and in a signal handler; leaves errno as it was.
void raise_event(sched::Descriptor event);

// Makes it no longer readable.
void clear_event(sched::Descriptor event);

}  // namespace rehearsal::realnet
