// ProcessEnd: lets a process end at a call on a socket, in the middle of a resumption.
#pragma once

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
    asks_ = has_faults();
  }
  [[nodiscard]] bool ended() const { return ended_; }
  // Returns whether a call of the program of `kernel` has no effect.
  [[nodiscard]] bool at_call(Kernel& kernel) {
    return asks_ && (ended_ || faults_->ends_at(kernel));
  }

 private:
  CallFaults* faults_ = nullptr;
  bool asks_ = false;
  bool ended_ = false;
};

}  // namespace rehearsal::simnet
