// How a sweep goes: one line that is written over and over on a terminal, otherwise a line now and
// then. On stderr, so that stdout has the results only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sched/base/time.hpp"

namespace rehearsal::harness {

struct SweepState {
  std::string scenario;
  std::uint64_t done = 0;  // runs
  std::uint64_t total = 0;
  std::uint64_t failed = 0;
  sched::Duration time{};                 // virtual
  std::optional<sched::Duration> budget;  // real time after which no run begins
};

class Progress {
 public:
  Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  // Shows it, unless something was shown just now.
  void show(const SweepState& state);
  // Takes the line off the terminal, for something else to be written there.
  void clear();
  // Real time since the beginning.
  [[nodiscard]] sched::Duration elapsed() const;

 private:
  bool is_terminal_;
  bool shown_ = false;
  sched::Instant start_;
  sched::Instant next_;
};

// Runs a second.
[[nodiscard]] std::uint64_t per_second(std::uint64_t runs, sched::Duration elapsed);

}  // namespace rehearsal::harness
