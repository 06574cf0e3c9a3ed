#include "servers/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include <fmt/format.h>

#include "realnet/clock.hpp"
#include "servers/words.hpp"

namespace rehearsal::servers {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr sched::Duration terminal_every = 100ms;
constexpr sched::Duration line_every = 10s;

std::string text_of(const SweepState& state, sched::Duration elapsed) {
  std::string text = fmt::format("{}: {} of {} runs, {}/s, {} of virtual time, {}", state.scenario,
                                 grouped(state.done), grouped(state.total),
                                 grouped(per_second(state.done, elapsed)), in_words(state.time),
                                 counted(state.failed, "failure"));
  if (state.done != 0) {
    const double each =
        std::chrono::duration<double>(elapsed).count() / static_cast<double>(state.done);
    const double left = std::min(each * static_cast<double>(state.total - state.done), 1e9);
    const auto seconds = static_cast<std::int64_t>(left + 1);
    text += seconds < 60 ? fmt::format(", {} s left", seconds)
                         : fmt::format(", {} left", in_words(std::chrono::seconds(seconds)));
  }
  return text;
}

}  // namespace

std::uint64_t per_second(std::uint64_t runs, sched::Duration elapsed) {
  const double seconds = std::max(std::chrono::duration<double>(elapsed).count(), 1e-6);
  return static_cast<std::uint64_t>(static_cast<double>(runs) / seconds);
}

Progress::Progress()
    : is_terminal_(::isatty(STDERR_FILENO) != 0),
      start_(realnet::monotonic_now()),
      next_(start_ + (is_terminal_ ? terminal_every : line_every)) {}

void Progress::show(const SweepState& state) {
  const sched::Instant now = realnet::monotonic_now();
  if (now < next_) {
    return;
  }
  next_ = now + (is_terminal_ ? terminal_every : line_every);
  shown_ = is_terminal_;
  const std::string text = text_of(state, now - start_);
  std::fputs((is_terminal_ ? '\r' + text + "\x1b[K" : text + '\n').c_str(), stderr);
  std::fflush(stderr);
}

void Progress::clear() {
  if (shown_) {
    std::fputs("\r\x1b[K", stderr);
    std::fflush(stderr);
    shown_ = false;
  }
}

sched::Duration Progress::elapsed() const { return realnet::monotonic_now() - start_; }

}  // namespace rehearsal::servers
