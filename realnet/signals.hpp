// Signals as readiness (signal(7), sigaction(2)). A handler stores the signal and raises an event.
// So a signal reaches its descriptor whichever thread the kernel interrupts, and neither other
// threads nor child processes need a signal mask of their own.
//
// A signal affects the whole process: all networks that ask for the same one get it. Its
// disposition is restored when the last of them is closed.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "sched/seam/result.hpp"
#include "sched/seam/source.hpp"

namespace rehearsal::realnet {

class Signals {
 public:
  Signals() = default;
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();

  // Takes over signals; the descriptor is readable when one of `numbers` has arrived. Until it is
  // closed, these signals have no other effect. Errors: invalid_argument if there is no number,
  // for one that cannot be caught (SIGKILL, SIGSTOP), and for one that reports a fault of the
  // program (SIGSEGV, SIGBUS, SIGFPE, SIGILL); too_many_files_open also if the process has 32
  // such descriptors.
  sched::Result<sched::Descriptor> open(std::span<const int> numbers);
  // Takes the lowest number among the signals that have arrived; would_block if there is none. A
  // signal that arrived several times before it was taken is reported once.
  sched::Result<int> next(sched::Descriptor descriptor);
  // Drops the signals that have arrived and were not taken. REQUIRES: open() returned
  // the descriptor.
  void close(sched::Descriptor descriptor);

 private:
  struct Open {
    sched::Descriptor descriptor;
    std::size_t place;  // index in the table that the handler reads
  };
  [[nodiscard]] std::vector<Open>::iterator find(sched::Descriptor descriptor);

  std::vector<Open> open_;
};

}  // namespace rehearsal::realnet
