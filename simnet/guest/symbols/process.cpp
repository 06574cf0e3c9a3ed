// Signals, random numbers, the end of a program, and the calls that a guest must not make.
#include <fcntl.h>
#include <spawn.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>

#include "simnet/guest/symbols/real.hpp"

namespace {

using rehearsal::simnet::Guest;
using rehearsal::simnet::Process;
using rehearsal::simnet::real;
using rehearsal::simnet::SystemCalls;

// Ends the guest that runs, if one does: the call `what` is not simulated.
void refuse(const std::string& what, const void* caller) {
  if (Guest* guest = Guest::current(); guest != nullptr) {
    const Guest::InKernel kernel(*guest);
    guest->exit(SystemCalls::refusal(what, caller));
  }
}

[[noreturn]] void end_guest(Guest& guest, int status) {
  const Guest::InKernel kernel(guest);
  guest.exit(status == 0 ? nullptr
                         : std::make_exception_ptr(
                               std::runtime_error("exited with status " + std::to_string(status))));
}

}  // namespace

#define REHEARSAL_REFUSE(name, arguments)          \
  refuse(#name "()", __builtin_return_address(0)); \
  REHEARSAL_REAL_CALL(name, arguments)

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name, *-macro-usage)
extern "C" {

int sigaction(int number, const struct sigaction* action, struct sigaction* before) noexcept {
  REHEARSAL_CALL(sigaction, (number, action, before), sigaction(number, action, before));
}
sighandler_t signal(int number, sighandler_t handler) noexcept {
  if (Guest::current() != nullptr) {
    struct sigaction action{};
    struct sigaction before{};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    return sigaction(number, &action, &before) == 0 ? before.sa_handler : SIG_ERR;
  }
  REHEARSAL_REAL_CALL(signal, (number, handler));
}

int sigprocmask(int how, const sigset_t* signals, sigset_t* before) noexcept {
  REHEARSAL_CALL(sigprocmask, (how, signals, before), sigprocmask(how, signals, before));
}
int pthread_sigmask(int how, const sigset_t* signals, sigset_t* before) noexcept {
  if (Guest::current() != nullptr) {
    return sigprocmask(how, signals, before) == 0 ? 0 : errno;
  }
  REHEARSAL_REAL_CALL(pthread_sigmask, (how, signals, before));
}
int sigpending(sigset_t* signals) noexcept {
  REHEARSAL_CALL(sigpending, (signals), sigpending(*signals));
}
int sigtimedwait(const sigset_t* signals, siginfo_t* info, const timespec* timeout) {
  if (Guest::current() != nullptr && info != nullptr) {
    *info = siginfo_t{};
  }
  REHEARSAL_CALL(sigtimedwait, (signals, info, timeout), take_pending(*signals));
}
int sigwait(const sigset_t* signals, int* number) {
  if (Guest::current() != nullptr) {
    *number = sigtimedwait(signals, nullptr, nullptr);
    return *number < 0 ? errno : 0;
  }
  REHEARSAL_REAL_CALL(sigwait, (signals, number));
}

void arc4random_buf(void* buffer, size_t size) noexcept {
  if (Guest::current() != nullptr) {
    getrandom(buffer, size, 0);
    return;
  }
  REHEARSAL_NEXT(arc4random_buf);
  next(buffer, size);
}
std::uint32_t arc4random() noexcept {
  std::uint32_t value = 0;
  arc4random_buf(&value, sizeof value);
  return value;
}
std::uint32_t arc4random_uniform(std::uint32_t bound) noexcept {
  return static_cast<std::uint32_t>(std::uint64_t{arc4random()} * bound >> 32U);
}

void exit(int status) noexcept {
  if (Guest* guest = Guest::current(); guest != nullptr) {
    end_guest(*guest, status);
  }
  REHEARSAL_NEXT(exit);
  next(status);
  __builtin_unreachable();
}
void _exit(int status) {
  if (Guest* guest = Guest::current(); guest != nullptr) {
    end_guest(*guest, status);
  }
  REHEARSAL_NEXT(_exit);
  next(status);
  __builtin_unreachable();
}
void _Exit(int status) noexcept { _exit(status); }

// A simulated host has one processor.
long sysconf(int name) noexcept {
  if (Guest::current() != nullptr &&
      (name == _SC_NPROCESSORS_CONF || name == _SC_NPROCESSORS_ONLN)) {
    return 1;
  }
  REHEARSAL_REAL_CALL(sysconf, (name));
}
int get_nprocs() noexcept {
  if (Guest::current() != nullptr) {
    return 1;
  }
  REHEARSAL_REAL_CALL(get_nprocs, ());
}

pid_t fork() noexcept { REHEARSAL_REFUSE(fork, ()); }
pid_t vfork() noexcept {
  refuse("vfork()", __builtin_return_address(0));
  return fork();  // the real one cannot be called from a function that returns
}
int execve(const char* path, char* const arguments[], char* const environment[]) noexcept {
  REHEARSAL_REFUSE(execve, (path, arguments, environment));
}
int execv(const char* path, char* const arguments[]) noexcept {
  REHEARSAL_REFUSE(execv, (path, arguments));
}
int execvp(const char* file, char* const arguments[]) noexcept {
  REHEARSAL_REFUSE(execvp, (file, arguments));
}
int system(const char* command) { REHEARSAL_REFUSE(system, (command)); }
FILE* popen(const char* command, const char* mode) { REHEARSAL_REFUSE(popen, (command, mode)); }
pid_t waitpid(pid_t child, int* status, int options) {
  REHEARSAL_REFUSE(waitpid, (child, status, options));
}
int pthread_create(pthread_t* thread, const pthread_attr_t* options, void* (*body)(void*),
                   void* argument) noexcept {
  REHEARSAL_REFUSE(pthread_create, (thread, options, body, argument));
}

long syscall(long number, ...) noexcept {
  va_list arguments;
  va_start(arguments, number);
  long a[6];
  for (long& one : a) {
    one = va_arg(arguments, long);
  }
  va_end(arguments);
  if (Guest::current() != nullptr) {
    switch (number) {
      case SYS_close:
        return close(static_cast<int>(a[0]));
      case SYS_getrandom:
        return getrandom(reinterpret_cast<void*>(a[0]), static_cast<size_t>(a[1]),
                         static_cast<unsigned>(a[2]));
      case SYS_gettid:
        return getpid();
      case SYS_io_uring_setup:
        errno = ENOSYS;
        return -1;
      default:
        refuse("system call " + std::to_string(number), __builtin_return_address(0));
    }
  }
  REHEARSAL_NEXT(syscall);
  return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name, *-macro-usage)
