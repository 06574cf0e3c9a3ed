#include "simnet/guest/guest.hpp"

#include <unistd.h>

#include <coroutine>
#include <stdexcept>
#include <utility>

#include "sched/core/task_record.hpp"
#include "simnet/simulated_host.hpp"

// Of the leak sanitizer: it ignores what this thread allocates from now on. Null without it.
// NOLINTNEXTLINE(*-reserved-identifier, *-identifier-naming)
extern "C" [[gnu::weak]] void __lsan_disable();

namespace rehearsal::simnet {

// Suspends the task until its guest has something to do.
class Guest::Turn {
 public:
  explicit Turn(Guest& guest) : guest_(guest) {}
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <std::derived_from<sched::PromiseBase> Caller>
  void await_suspend(std::coroutine_handle<Caller> caller) {
    sched::TaskRecord& task = caller.promise().task();
    guest_.task_ = &task;
    task.executor().suspend(task, guest_);
    if (guest_.until_ != sched::never) {
      task.executor().timers().set(guest_, guest_.until_);
    }
  }
  void await_resume() const noexcept {}

 private:
  Guest& guest_;
};

Guest::Guest(sched::Host<SimulatedNetwork>& host, const std::function<void()>& program)
    : kernel_(static_cast<Kernel&>(host.network())),
      executor_(host),
      program_(program),
      process_(kernel_, executor_, *this),
      context_(Context::make([this] { body(); })) {}

Guest::~Guest() {
  stop_waiting();
  for (std::size_t file = 0; file < real_files_.size(); ++file) {
    if (real_files_.test(file)) {
      ::close(static_cast<int>(file));
    }
  }
}

sched::Task<> Guest::run(sched::Host<SimulatedNetwork>& host, std::function<void()> program,
                         std::shared_ptr<bool> began) {
  if (std::exchange(*began, true)) {
    throw std::runtime_error(
        "a guest cannot start again: its global variables are those of its last run");
  }
  Guest guest(host, program);
  while (guest.proceed()) {
    Turn turn(guest);
    co_await sched::Unplaced(turn);
  }
  if (guest.failure_) {
    std::rethrow_exception(guest.failure_);
  }
}

bool Guest::proceed() {
  footprint_ = sched::footprint;
  // What a guest does between two waits is not known to a search.
  sched::touch(sched::everything);
  return context_->run() && !exited_;
}

void Guest::begin_turn() { sched::footprint = footprint_; }

void Guest::pause() {
  context_->pause();
  begin_turn();
}

void Guest::body() {
  const Kernel::Running running(kernel_);
  begin_turn();
  if (&__lsan_disable != nullptr) {
    __lsan_disable();  // a stack that is dropped frees nothing
  }
  SystemCalls::report();
  set_current(this);
  try {
    program_();
  } catch (...) {
    failure_ = std::current_exception();
  }
  set_current(nullptr);
}

void Guest::suspend(sched::Instant until) {
  until_ = until;
  pause();
}

void Guest::resume_later() {
  unset();
  executor_.make_ready(*task_);
}

void Guest::exit(std::exception_ptr failure) {
  failure_ = std::move(failure);
  exited_ = true;
  for (;;) {
    pause();
  }
}

void Guest::stop() {
  until_ = sched::never;
  for (;;) {
    pause();
  }
}

std::uint64_t Guest::timer_key() const { return task_->key(); }

SimulatedHost& SimulatedHost::guest(std::string_view name, std::function<void()> program) {
  return spawn(
      name, [program = std::move(program), began = std::make_shared<bool>()](
                sched::Host<SimulatedNetwork>& host) { return Guest::run(host, program, began); });
}

}  // namespace rehearsal::simnet
