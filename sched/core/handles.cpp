#include "sched/core/handles.hpp"

namespace rehearsal::sched {

std::string SocketWaiter::describe() const {
  return (way_ == Direction::recv ? "receive on " : "send on ") +
         std::to_string(handle_.descriptor);
}

void SocketWaiter::fail(std::string what) const {
  if (unwatchable_) {
    what += ": the source cannot wait for descriptor " + std::to_string(handle_.descriptor);
  }
  throw_error(error_, what);
}

}  // namespace rehearsal::sched
