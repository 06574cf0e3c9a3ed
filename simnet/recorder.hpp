// Tells the events of a run as a trace has them, and writes them down.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "sched/trace_writer.hpp"
#include "simnet/event_names.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::simnet {

// Hears every event of a run, its names filled in.
class EventListener : public RunWatcher {
 public:
  void begins(World& world) override;
  void ends(World& world, const RunReport& report) override;

 private:
  virtual void happens(World& world, const sched::SharedEvent& event) = 0;

  std::optional<EventNames> names_;  // of the run under way
};

// Calls `tell` with every event of a run, and its number from 1.
class EventTeller final : public EventListener {
 public:
  using Tell = std::function<void(World& world, std::uint64_t number, sched::TraceEvent event)>;

  explicit EventTeller(Tell tell) : tell_(std::move(tell)) {}

 private:
  void happens(World& world, const sched::SharedEvent& event) override;

  Tell tell_;
};

// Writes the trace of a run, whose header is `header`.
class Recorder final : public EventListener {
 public:
  // `out` must outlive the recorder.
  Recorder(std::ostream& out, const sched::TraceHeader& header);
  void ends(World& world, const RunReport& report) override;

 private:
  void happens(World& world, const sched::SharedEvent& event) override;

  sched::TraceWriter writer_;
  sched::TraceHeader header_;
};

}  // namespace rehearsal::simnet
