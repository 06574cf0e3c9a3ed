// Signals, random numbers, the end of a program, and the calls that a guest must not make.
#include <fcntl.h>
#include <spawn.h>
#include <sys/random.h>
#include <sys/syscall.h>
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

#include "simnet/failure.hpp"
#include "simnet/guest/symbols/real.hpp"

namespace {

using rehearsal::simnet::Guest;
using rehearsal::simnet::NotSimulated;
using rehearsal::simnet::Process;
using rehearsal::simnet::real;

// Returns what a command prints, or an empty text if it fails.
std::string output_of(const std::string& command) {
  std::string text;
  if (FILE* out = popen(command.c_str(), "r"); out != nullptr) {
    std::array<char, 256> part{};
    while (std::fgets(part.data(), part.size(), out) != nullptr) {
      text += part.data();
    }
    text = pclose(out) == 0 ? text : std::string();
  }
  return text;
}

// Returns the function and the line of a call, as far as addr2line(1) knows them, or its module.
std::string place_of(const void* caller) {
  Dl_info module{};
  if (dladdr(caller, &module) == 0) {
    return "code of no module";
  }
  const auto offset = static_cast<const char*>(caller) - static_cast<const char*>(module.dli_fbase);
  const std::string found = output_of("addr2line -sfC -e '" + std::string(module.dli_fname) + "' " +
                                      std::to_string(offset - 1) + " 2>&1");
  const std::size_t end = found.find('\n');
  if (end == std::string::npos || found.starts_with("??")) {
    return module.dli_sname == nullptr ? module.dli_fname : module.dli_sname;
  }
  const std::string line = found.substr(end + 1, found.find_first_of(" \n", end + 1) - end - 1);
  return found.substr(0, end) + (line.starts_with("??") ? "" : " at " + line);
}

// Ends the guest that runs, if one does: the call `what` is not simulated.
void refuse(const std::string& what, const void* caller) {
  if (Guest* guest = Guest::current(); guest != nullptr) {
    const Guest::InKernel kernel(*guest);
    guest->exit(std::make_exception_ptr(
        NotSimulated(what + " is not simulated; called by " + place_of(caller))));
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
