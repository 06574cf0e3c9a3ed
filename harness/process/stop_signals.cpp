#include "harness/process/stop_signals.hpp"

#include <array>
#include <csignal>

namespace rehearsal::harness {

StopSignals::StopSignals() {
  const std::array numbers = {SIGINT, SIGTERM};
  const sched::Result<sched::Descriptor> opened = signals_.open(numbers);
  if (!opened.ok()) {
    sched::throw_error(opened.error(), "wait for signals");
  }
  descriptor_ = opened.value();
}

}  // namespace rehearsal::harness
