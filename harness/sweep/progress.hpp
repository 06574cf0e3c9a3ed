// The progress of a sweep: one line that is overwritten on a terminal, otherwise a line from time
// to time. It goes to stderr, so that stdout has only the results.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sched/base/time.hpp"

namespace rehearsal::harness {

struct SweepState {
  std::string scenario;
  std::uint64_t done = 0;                 // runs that are done
  std::uint64_t total = 0;                // runs in total
  std::uint64_t failed = 0;               // runs that failed
  sched::Duration time{};                 // sum of the virtual time of the runs
  std::optional<sched::Duration> budget;  // real time after which no run starts
};

class Progress {
 public:
  Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  // Prints the state, unless the last line is too recent.
  void show(const SweepState& state);
  // Erases the line on a terminal, so that other output can follow.
  void clear();
  // Returns the real time since the construction.
  [[nodiscard]] sched::Duration elapsed() const;

 private:
  bool is_terminal_;
  bool shown_ = false;
  sched::Instant start_;
  sched::Instant next_;
};

// Returns the number of runs per second.
[[nodiscard]] std::uint64_t per_second(std::uint64_t runs, sched::Duration elapsed);

}  // namespace rehearsal::harness
