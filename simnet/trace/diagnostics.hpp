// Diagnostics: what is collected from a failing run to show why it fails.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sched/core/executor.hpp"
#include "simnet/kernel/socket_info.hpp"
#include "simnet/scenario.hpp"
#include "simnet/trace/history.hpp"
#include "simnet/trace/trace.hpp"
#include "simnet/trace/trace_recorder.hpp"

namespace rehearsal::simnet {

// A deviation, and the moment at which it applied.
struct AppliedDeviation {
  Deviation deviation;
  sched::Instant at{};      // on the world's clock
  std::uint64_t event = 0;  // number of events before it
  std::string host;         // the active host; empty: none
  // For a delayed task: the tasks that ran before it, but after it in the default order.
  std::vector<std::string> went_first;
};

// An event that changed a host or a link, or one of a call or packet that a fault rule changed.
struct FaultEvent {
  NumberedEvent event;
  std::string rule;  // the name of the rule; empty for a change of a host or a link
  std::optional<NumberedEvent> before;  // what a task of the host did last before
};

struct HostDiagnostics {
  std::string name;
  sched::Instant now{};  // on its own clock, as the times of its tasks
  std::vector<sched::TaskInfo> tasks;
  std::vector<SocketInfo> sockets;
};

struct Diagnostics {
  std::uint64_t events = 0;
  std::uint64_t steps = 0;
  sched::Duration time{};
  std::map<std::string, std::uint32_t, std::less<>> parameters;
  std::vector<AppliedDeviation> deviations;
  std::vector<FaultEvent> faults;  // the first 1,000
  History history;
  std::vector<HostDiagnostics> hosts;
  std::optional<NumberedEvent> failing_step;        // the last resumption
  std::optional<NumberedEvent> point_of_no_return;  // the resumption that was asked for
  // The paths of the source files of tasks, by their names without folders; empty for a name that
  // several files have.
  std::map<std::string, std::string, std::less<>> sources;
};

class DiagnosticsCollector final : public RunWatcher {
 public:
  struct Options {
    Options() = default;
    std::uint64_t point_of_no_return = 0;  // 0: none
    // After this event `then` is called, which must not return. Use it for a run that would crash
    // at the next event. 0: the run goes to its end.
    std::uint64_t until_event = 0;
    std::function<void(const Diagnostics& evidence)> then;
  };

  explicit DiagnosticsCollector(Options options);
  void begins(World& world) override;
  void ends(World& world, const RunReport& report) override;
  [[nodiscard]] const Diagnostics& evidence() const { return evidence_; }

 private:
  void deviates(World& world, const Deviation& deviation);
  void happens(World& world, NumberedEvent event);
  void resumes(const TraceEvent& event);
  void note_fault(World& world, const NumberedEvent& event);
  void note_sources(World& world, const NumberedEvent& event);
  void look(World& world);

  Options options_;
  EventReporter teller_;
  Diagnostics evidence_;
  std::vector<std::size_t> held_back_;   // indexes of evidence_.deviations
  std::vector<FaultCount> rule_counts_;  // before the present event
  std::set<std::string, std::less<>> known_frames_;
};

}  // namespace rehearsal::simnet
