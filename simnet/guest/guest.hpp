// Guest: a program that was not written for this library, as a task of a simulated host. It runs on
// a stack of its own; each of its calls that blocks is a wait of that task.
#pragma once

#include <bitset>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "sched/core/footprint.hpp"
#include "sched/core/task.hpp"
#include "sched/host.hpp"
#include "simnet/guest/context.hpp"
#include "simnet/guest/process/process.hpp"
#include "simnet/guest/system_calls.hpp"

namespace rehearsal::simnet {

class Guest final : public Thread, private sched::Waiter, private sched::Timer {
 public:
  Guest(sched::Host<SimulatedNetwork>& host, const std::function<void()>& program);
  ~Guest() override;

  // Returns a task that runs `program` as a guest of the host. The boots of the host share `began`:
  // a program that runs again would find the global variables of its last run.
  static sched::Task<> run(sched::Host<SimulatedNetwork>& host, std::function<void()> program,
                           std::shared_ptr<bool> began);

  // Returns the guest whose own code runs on this thread; null if code of this library, or of no
  // guest runs.
  [[nodiscard]] static Guest* current() { return current_; }
  [[nodiscard]] Process& process() { return process_; }

  // Files of the machine that the program has opened and not closed. They are closed with it.
  std::bitset<1024>& real_files() { return real_files_; }

  // While it exists, the code of this library runs, and calls of the C library are real.
  class InKernel {
   public:
    explicit InKernel(Guest& guest) : guest_(guest) { set_current(nullptr); }
    InKernel(const InKernel&) = delete;
    InKernel& operator=(const InKernel&) = delete;
    ~InKernel() { set_current(&guest_); }

   private:
    Guest& guest_;
  };

  // The functions of Thread.
  [[noreturn]] void exit(std::exception_ptr failure) override;
  [[noreturn]] void stop() override;

 private:
  class Turn;

  static void set_current(Guest* guest) {
    current_ = guest;
    SystemCalls::set_reported(guest != nullptr);
  }
  void body();
  // Runs the program until it waits. Returns whether it does.
  bool proceed();
  void suspend(sched::Instant until) override;
  void resume_later() override;
  void fire() override { end_wait(End::timed_out); }
  [[nodiscard]] std::uint64_t timer_key() const override;
  [[nodiscard]] const sched::TaskRecord* wakes() const override { return task_; }
  [[nodiscard]] std::string describe() const override { return call(); }
  void pause();
  void begin_turn();

  // NOLINTNEXTLINE(*-non-const-global-variables, readability-identifier-naming)
  static inline constinit thread_local Guest* current_ = nullptr;

  Kernel& kernel_;
  sched::Executor& executor_;
  std::function<void()> program_;
  sched::Footprint* footprint_ = nullptr;
  sched::Instant until_{};
  bool exited_ = false;
  std::exception_ptr failure_;
  Process process_;
  std::bitset<1024> real_files_;
  std::unique_ptr<Context> context_;
};

}  // namespace rehearsal::simnet
