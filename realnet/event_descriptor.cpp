#include "realnet/event_descriptor.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "realnet/system_call.hpp"

namespace rehearsal::realnet {

sched::Result<sched::Descriptor> open_event_descriptor(bool raised) {
  const int event = ::eventfd(raised ? 1 : 0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (event < 0) {
    return last_error();
  }
  return event;
}

void raise_event(sched::Descriptor event) {
  const int error = errno;
  const std::uint64_t one = 1;
  // It would block only if the counter is at its maximum, and then the event is readable anyway.
  retry_interrupted([&] { return ::write(event, &one, sizeof one); });
  errno = error;
}

void clear_event(sched::Descriptor event) {
  std::uint64_t count = 0;
  retry_interrupted([&] { return ::read(event, &count, sizeof count); });
}

}  // namespace rehearsal::realnet
