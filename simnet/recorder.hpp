// Tells the events of a run as a trace has them, and writes them down.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "sched/trace_writer.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::simnet {

// Calls `tell` with every event of a run, its number from 1 and its names filled in.
class EventTeller : public RunWatcher {
 public:
  using Tell = std::function<void(World& world, std::uint64_t number, sched::TraceEvent event)>;

  explicit EventTeller(Tell tell) : tell_(std::move(tell)) {}
  void begins(World& world) override;
  void ends(World& world, const RunReport& report) override;

 private:
  sched::TraceEvent named(World& world, const Event& event);
  std::string handle(const Network& network, const Event& event);

  Tell tell_;
  std::vector<std::string> running_;            // by host: the path of the task resumed last
  std::map<std::uint64_t, std::string> tasks_;  // by key
};

// Writes the trace of a run, whose header is `header`.
class Recorder final : public EventTeller {
 public:
  // `out` must outlive the recorder.
  Recorder(std::ostream& out, const sched::TraceHeader& header);
  void ends(World& world, const RunReport& report) override;

 private:
  sched::TraceWriter writer_;
  sched::TraceHeader header_;
};

}  // namespace rehearsal::simnet
