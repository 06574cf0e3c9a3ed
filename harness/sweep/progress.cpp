#include "harness/sweep/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include <fmt/format.h>

#include "harness/number_text.hpp"
#include "harness/run_text.hpp"
#include "realnet/clock.hpp"

namespace rehearsal::harness {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr sched::Duration terminal_every = 100ms;
constexpr sched::Duration line_every = 10s;

// Returns "42 s" or "2 min 5 s". A fraction of a second counts as a whole second.
std::string rounded_up(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::clamp(seconds, 0.0, 1e9) + 1);
  return whole < 60 ? fmt::format("{} s", whole) : in_words(std::chrono::seconds(whole));
}

double in_seconds(sched::Duration time) { return std::chrono::duration<double>(time).count(); }

std::string text_of(const SweepState& state, sched::Duration elapsed) {
  const std::string total = state.budget ? "" : " of " + grouped(state.total);
  std::string text = fmt::format("{}: {}{} runs, {}", state.scenario, grouped(state.done), total,
                                 counted(state.failed, "failure"));
  if (state.budget) {
    text += fmt::format(", {} left", rounded_up(in_seconds(*state.budget - elapsed)));
  } else if (state.done != 0) {
    const double each = in_seconds(elapsed) / static_cast<double>(state.done);
    text +=
        fmt::format(", {} left", rounded_up(each * static_cast<double>(state.total - state.done)));
  }
  text += fmt::format(", {}/s, {} of virtual time", grouped(per_second(state.done, elapsed)),
                      in_words(state.time));
  return text;
}

}  // namespace

std::uint64_t per_second(std::uint64_t runs, sched::Duration elapsed) {
  return static_cast<std::uint64_t>(static_cast<double>(runs) /
                                    std::max(in_seconds(elapsed), 1e-6));
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
  std::string text = text_of(state, now - start_);
  if (is_terminal_) {
    // A line that wraps cannot be overwritten.
    text.resize(std::min(text.size(), terminal_width(STDERR_FILENO) - 1));
  }
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

}  // namespace rehearsal::harness
