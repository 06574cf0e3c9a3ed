// History: the events of a run in order, to look up what led to an event and what followed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "simnet/scenario.hpp"
#include "simnet/trace/trace.hpp"
#include "simnet/trace/trace_recorder.hpp"

namespace rehearsal::simnet {

// An event of a run, with its number and the number of its step, both from 1. A step is one
// resumption of a task.
struct NumberedEvent {
  std::uint64_t number = 0;
  std::uint64_t step = 0;
  TraceEvent event;
  // The line of the co_await of each frame of the task that runs, innermost first, as in
  // "stream.cpp:25 < server.cpp:30"; empty if no task runs.
  std::string frames;
};

// Returns an event that has just happened in `world`.
[[nodiscard]] NumberedEvent numbered(World& world, std::uint64_t number, TraceEvent event);

// Keeps the last `most` events of a run, with their data. Once it has `most_data` bytes of data, it
// keeps only the first `most_of_each` of each event.
class History {
 public:
  static constexpr std::size_t most = 100'000;
  static constexpr std::size_t most_data = std::size_t{32} << 20U;
  static constexpr std::size_t most_of_each = 256;
  using Iterator = std::deque<NumberedEvent>::const_iterator;

  // Adds the next event. REQUIRES: its number is one more than that of the last one.
  void add(NumberedEvent event);

  [[nodiscard]] Iterator begin() const { return events_.begin(); }
  [[nodiscard]] Iterator end() const { return events_.end(); }
  [[nodiscard]] std::size_t size() const { return events_.size(); }
  // Returns whether every event of the run is kept.
  [[nodiscard]] bool whole() const { return events_.empty() || events_.front().number == 1; }
  // Returns the first kept event with this number or a higher one.
  [[nodiscard]] Iterator from(std::uint64_t number) const;
  // Returns the event with this number, or null if it is not kept.
  [[nodiscard]] const NumberedEvent* find(std::uint64_t number) const;

 private:
  std::deque<NumberedEvent> events_;
  std::size_t data_ = 0;  // bytes
};

// Keeps the history of a run.
class HistoryRecorder final : public RunWatcher {
 public:
  HistoryRecorder();
  void begins(World& world) override;
  void ends(World& world, const RunReport& report) override;
  [[nodiscard]] const History& history() const { return history_; }

 private:
  EventReporter reporter_;
  History history_;
};

}  // namespace rehearsal::simnet
