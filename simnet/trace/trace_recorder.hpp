// Passes the events of a run to a function or writes them to a trace.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "simnet/scenario.hpp"
#include "simnet/trace/event_names.hpp"
#include "simnet/trace/trace_writer.hpp"

namespace rehearsal::simnet {

// Receives every event of a run, with its names.
class EventListener : public RunWatcher {
 public:
  void begins(World& world) override;
  void ends(World& world, const RunReport& report) override;

 private:
  virtual void happens(World& world, const SharedEvent& event) = 0;

  std::optional<EventNames> names_;  // of the present run
};

// Calls `tell` with every event of a run, and its number from 1.
class EventReporter final : public EventListener {
 public:
  using Tell = std::function<void(World& world, std::uint64_t number, TraceEvent event)>;

  explicit EventReporter(Tell tell) : tell_(std::move(tell)) {}

 private:
  void happens(World& world, const SharedEvent& event) override;

  Tell tell_;
};

// Writes the trace of a run, whose header is `header` with the data seed of the run. Events are
// written in groups, because the code that makes their lines and the code of the run do not fit the
// processor's cache together.
class TraceRecorder final : public EventListener {
 public:
  // Creates a recorder. `out` must outlive it.
  TraceRecorder(std::ostream& out, TraceHeader header) : out_(out), header_(std::move(header)) {}
  // Writes the events that are left, even if ends() was not called.
  ~TraceRecorder() override { write_kept(); }
  void begins(World& world) override;
  void ends(World& world, const RunReport& report) override;
  // Writes the end of a run that is about to crash, with the schedule of the header.
  void crashes(World& world);

 private:
  static constexpr std::size_t most_kept = 64;  // events
  static constexpr std::size_t most_data = 8192;

  void happens(World& world, const SharedEvent& event) override;
  void write_kept();
  void write_end(const TraceEnd& end);

  std::ostream& out_;
  TraceHeader header_;
  std::optional<TraceWriter> writer_;        // once the run begins
  std::array<SharedEvent, most_kept> kept_;  // not written yet
  std::array<char, most_data> data_{};       // their data
  std::size_t kept_count_ = 0;
  std::size_t data_size_ = 0;
};

}  // namespace rehearsal::simnet
