#include "harness/gtest/stop_handler.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstring>

namespace rehearsal::harness {
namespace {

constexpr std::array signals = {SIGTERM, SIGINT};

// The state of the signal handler, which must not allocate memory or take locks.
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
std::array<char, 131072> words;
volatile std::sig_atomic_t size = 0;
std::array<struct sigaction, signals.size()> before;
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
void on_signal(int signal) {
  say();
  for (std::size_t i = 0; i < signals.size(); ++i) {
    ::sigaction(signals[i], &before[i], nullptr);
  }
  ::raise(signal);
}

}  // namespace

StopHandler::StopHandler() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    ::sigaction(signals[i], &action, &before[i]);
  }
}

StopHandler::~StopHandler() {
  size = 0;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    ::sigaction(signals[i], &before[i], nullptr);
  }
}

void StopHandler::set(std::string_view text) {
  size = 0;
  const std::size_t count = std::min(text.size(), words.size());
  std::memcpy(words.data(), text.data(), count);
  size = static_cast<std::sig_atomic_t>(count);
}

}  // namespace rehearsal::harness
