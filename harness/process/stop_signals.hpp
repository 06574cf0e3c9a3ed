// SIGINT and SIGTERM as something to wait for, while this lives.
#pragma once

#include "realnet/signals.hpp"

namespace rehearsal::harness {

class StopSignals {
 public:
  // Throws std::system_error.
  StopSignals();

  // Readable where one may have come.
  [[nodiscard]] sched::Descriptor descriptor() const { return descriptor_; }
  // Takes one that has come.
  [[nodiscard]] bool came() { return signals_.next(descriptor_).ok(); }
  // From now on they do what they did before: mostly, end the process. Nothing else may be called.
  void release() { signals_.close(descriptor_); }

 private:
  realnet::Signals signals_;  // closes what is open
  sched::Descriptor descriptor_ = -1;
};

}  // namespace rehearsal::harness
