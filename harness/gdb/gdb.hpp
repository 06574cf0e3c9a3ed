// A replay in the GNU debugger, which stops at a step of the run. The program compares the number
// of the step, so the debugger needs no symbols of the program. The program contains the commands
// of rehearsal.py, and the functions that they call (shown.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simnet/scenario.hpp"
#include "simnet/trace/history.hpp"

namespace rehearsal::harness {

// Calls rehearsal_reached() when `step` (1-based) starts, and keeps the events of the run for
// rehearsal_events(). 0 means never: then it keeps no events.
class CallsReached final : public simnet::RunWatcher {
 public:
  explicit CallsReached(std::uint64_t step) : step_(step) {}
  CallsReached(const CallsReached&) = delete;
  CallsReached& operator=(const CallsReached&) = delete;
  ~CallsReached() override;
  void begins(simnet::World& world) override;
  void ends(simnet::World& world, const simnet::RunReport& report) override;

 private:
  std::uint64_t step_;
  simnet::HistoryRecorder recorder_;
};

// Replaces this process by gdb, which runs this program with `arguments` and stops in
// rehearsal_reached(). Returns only if gdb cannot be started: the reason.
std::string run_under_gdb(const std::vector<std::string>& arguments);

// Replaces this process by gdb, which replays `schedule` in this program and stops when `step`
// starts. 0 means the last step, which is the one that fails. Throws BadInput if gdb cannot be
// started.
[[noreturn]] void replay_under_gdb(const simnet::Scenario& scenario,
                                   const simnet::Schedule& schedule, std::uint64_t step);

}  // namespace rehearsal::harness

// Does nothing; for a breakpoint. It is called when the chosen step starts, before its task runs.
extern "C" void rehearsal_reached(std::uint64_t step);
