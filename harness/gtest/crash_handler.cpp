#include "harness/gtest/crash_handler.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <memory>

// Provided by the runtime of a sanitizer (sanitizer/common_interface_defs.h); null without one.
extern "C" void __sanitizer_set_death_callback(void (*callback)())  // NOLINT: their name
    __attribute__((weak));

namespace rehearsal::harness {
namespace {

constexpr std::array signals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTERM, SIGINT};
constexpr std::size_t stack_size = 65536;

// The state of the signal handler, which must not allocate memory or take locks.
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
std::array<char, 131072> words;
volatile std::sig_atomic_t size = 0;
std::array<struct sigaction, signals.size()> before;
std::unique_ptr<char[]> stack;  // the handler's own, in case the stack overflowed
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

void say() {
  std::size_t from = 0;
  const auto all = static_cast<std::size_t>(size);
  size = 0;  // the text is printed once
  while (from < all) {
    const ssize_t written = ::write(STDERR_FILENO, words.data() + from, all - from);
    if (written <= 0) {
      return;
    }
    from += static_cast<std::size_t>(written);
  }
}

// Prints the text, and restores the previous handlers so that the signal has its usual effect.
void on_signal(int signal, siginfo_t* info, void* /*context*/) {
  say();
  for (std::size_t i = 0; i < signals.size(); ++i) {
    ::sigaction(signals[i], &before[i], nullptr);
  }
  // A fault is raised again when this returns; a signal that a process sent is not.
  if (info->si_code <= 0) {
    ::raise(signal);
  }
}

}  // namespace

CrashHandler::CrashHandler() {
  stack_t present{};
  ::sigaltstack(nullptr, &present);
  if ((present.ss_flags & SS_DISABLE) != 0) {
    stack = std::make_unique<char[]>(stack_size);  // NOLINT
    const stack_t own{stack.get(), 0, stack_size};
    ::sigaltstack(&own, nullptr);
  }
  struct sigaction action{};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_ONSTACK | SA_SIGINFO;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    ::sigaction(signals[i], &action, &before[i]);
  }
  if (&__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(say);
  }
}

CrashHandler::~CrashHandler() {
  size = 0;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    ::sigaction(signals[i], &before[i], nullptr);
  }
  if (stack) {
    const stack_t none{nullptr, SS_DISABLE, 0};
    ::sigaltstack(&none, nullptr);
    stack.reset();
  }
}

void CrashHandler::set(std::string_view text) {
  size = 0;
  const std::size_t count = std::min(text.size(), words.size());
  std::memcpy(words.data(), text.data(), count);
  size = static_cast<std::sig_atomic_t>(count);
}

}  // namespace rehearsal::harness
