// Receives SIGINT and SIGTERM on a descriptor, as long as the object exists.
#pragma once

#include "realnet/signals.hpp"

namespace rehearsal::harness {

class StopSignals {
 public:
  // Throws std::system_error if the signals cannot be watched.
  StopSignals();

  // Returns a descriptor that is readable when a signal may have arrived.
  [[nodiscard]] sched::Descriptor descriptor() const { return descriptor_; }
  // Takes one signal that has arrived. Returns false if there is none.
  [[nodiscard]] bool came() { return signals_.next(descriptor_).ok(); }
  // Restores the previous effect of the signals: usually, they end the process. No other function
  // may be called after it.
  void release() { signals_.close(descriptor_); }

 private:
  realnet::Signals signals_;  // closes what is open
  sched::Descriptor descriptor_ = -1;
};

}  // namespace rehearsal::harness
