// SIGINT and SIGTERM as something to wait for, while this lives.
#pragma once

#include "realnet/signals.hpp"

namespace rehearsal::servers {

class StopSignals {
 public:
  // Throws std::system_error.
  StopSignals();

  // Readable where one may have come.
  [[nodiscard]] sched::Descriptor descriptor() const { return descriptor_; }
  // Takes one that has come.
  [[nodiscard]] bool came() { return signals_.next(descriptor_).ok(); }

 private:
  realnet::Signals signals_;  // closes what is open
  sched::Descriptor descriptor_ = -1;
};

}  // namespace rehearsal::servers
