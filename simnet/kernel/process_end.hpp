// ProcessEnd: lets a process end at a call on a socket, in the middle of a resumption.
#pragma once

#include <cstdint>

#include "sched/base/check.hpp"

namespace rehearsal::simnet {

class Kernel;

// Decides at which calls of a program a fault of its host happens.
class CallFaults {
 public:
  CallFaults() = default;
  CallFaults(const CallFaults&) = delete;
  CallFaults& operator=(const CallFaults&) = delete;
  virtual ~CallFaults() = default;
  // Called before each call on a socket. Returns whether the process has ended.
  virtual bool ends_at(Kernel& kernel) = 0;
};

// Thrown by a call that cannot suspend its task, when the process has ended. It is not derived from
// std::exception, so that a program which tries again after an error does not try forever.
struct ProcessEnded {};

class ProcessEnd {
 public:
  // Lets `faults`, which outlives this, decide at each call.
  void set_faults(CallFaults& faults) {
    faults_ = &faults;
    asks_ = true;
  }
  [[nodiscard]] bool has_faults() const { return faults_ != nullptr; }
  // Makes all later calls of the process without effect.
  void end() { asks_ = ended_ = true; }
  // The process is gone.
  void reset() {
    ended_ = false;
    unwound_ = 0;
    asks_ = has_faults();
  }
  [[nodiscard]] bool ended() const { return ended_; }
  // Returns whether a call of the program of `kernel` has no effect.
  [[nodiscard]] bool at_call(Kernel& kernel) {
    return asks_ && (ended_ || faults_->ends_at(kernel));
  }
  // Ends a task at a call that cannot suspend it. REQUIRES: ended().
  [[noreturn]] void unwind() {
    sched::check(++unwound_ < most_unwound, "a task of a process that has ended catches no end");
    throw ProcessEnded();
  }

 private:
  static constexpr std::uint32_t most_unwound = 1'000'000;

  CallFaults* faults_ = nullptr;
  std::uint32_t unwound_ = 0;  // since the end
  bool asks_ = false;
  bool ended_ = false;
};

}  // namespace rehearsal::simnet
