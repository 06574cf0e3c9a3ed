// An event: a descriptor that the program itself makes readable (eventfd(2)).
#pragma once

#include "sched/seam/result.hpp"
#include "sched/seam/source.hpp"

namespace rehearsal::realnet {

// Opens an event, non-blocking and closed on exec. It is readable from the start if `raised`.
// Errors: too_many_files_open, too_many_files_open_in_system, not_enough_memory.
sched::Result<sched::Descriptor> open_event_descriptor(bool raised);

// Makes the event readable. Any thread and any signal handler may call it; errno does not change.
void raise_event(sched::Descriptor event);

// Makes the event not readable.
void clear_event(sched::Descriptor event);

}  // namespace rehearsal::realnet
