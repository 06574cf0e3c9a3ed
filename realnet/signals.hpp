// Signals as readiness (signal(7), sigaction(2)). A handler notes the signal and raises an event,
// so a signal reaches its descriptor whichever thread the kernel chose to interrupt, and neither
// other threads nor child processes need a signal mask of their own.
//
// A signal has its effect on the whole process, so networks that ask for the same one each get it,
// and its disposition is put back when the last of them has closed.
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

  // Readable when one of `numbers` has come. Until it is closed those signals have no other effect.
  // Errors: invalid_argument for no signal at all, one that cannot be caught (SIGKILL, SIGSTOP),
  // and one that tells of a fault of the program (SIGSEGV, SIGBUS, SIGFPE, SIGILL);
  // too_many_files_open also where the process has 32 such descriptors.
  sched::Result<sched::Descriptor> open(std::span<const int> numbers);
  // Takes the lowest number among those that have come; would_block where none has. One that came
  // several times before it was taken is told once.
  sched::Result<int> next(sched::Descriptor descriptor);
  // A signal that has come and was not taken is dropped. REQUIRES: open() gave the descriptor.
  void close(sched::Descriptor descriptor);

 private:
  struct Open {
    sched::Descriptor descriptor;
    std::size_t place;  // in the table that the handler reads
  };
  [[nodiscard]] std::vector<Open>::iterator find(sched::Descriptor descriptor);

  std::vector<Open> open_;
};

}  // namespace rehearsal::realnet
