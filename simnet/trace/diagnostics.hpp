// What is gathered of a failing run, for a person to be shown why it fails.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sched/core/executor.hpp"
#include "simnet/kernel/socket_info.hpp"
#include "simnet/scenario.hpp"
#include "simnet/trace/trace.hpp"
#include "simnet/trace/trace_recorder.hpp"

namespace rehearsal::simnet {

// An event of a run, and of which step it is; both count from 1. The steps are the resumptions of
// tasks.
struct NumberedEvent {
  std::uint64_t number = 0;
  std::uint64_t step = 0;
  TraceEvent event;
};

// A deviation as it came about.
struct AppliedDeviation {
  Deviation deviation;
  sched::Instant at{};      // on the world's clock
  std::uint64_t event = 0;  // how many had happened
  std::string host;         // that was doing something; empty: none
  // Of a task that was held back: the tasks that ran before it, and after it nominally.
  std::vector<std::string> went_first;
};

struct HostDiagnostics {
  std::string name;
  sched::Instant now{};  // on its own clock, as those of its tasks
  std::deque<NumberedEvent> last;
  std::vector<sched::TaskInfo> tasks;
  std::vector<SocketInfo> sockets;
};

struct Diagnostics {
  std::uint64_t events = 0;
  std::uint64_t steps = 0;
  sched::Duration time{};
  std::map<std::string, std::uint32_t, std::less<>> parameters;
  std::vector<AppliedDeviation> deviations;
  std::vector<HostDiagnostics> hosts;
  std::optional<NumberedEvent> failing_step;   // the last resumption
  std::optional<NumberedEvent> critical_step;  // the resumption that was asked for
  std::optional<NumberedEvent> parted;         // the first event that the other run has not
};

// The digests of a run's events, in order: what another run is compared with.
using EventDigests = std::vector<std::uint64_t>;

class Digests final : public RunWatcher {
 public:
  void begins(World& world) override;
  void ends(World& world, const RunReport& report) override;
  [[nodiscard]] const EventDigests& of_events() const { return digests_; }

 private:
  static constexpr std::size_t most = 4'000'000;
  EventDigests digests_;
};

class DiagnosticsCollector final : public RunWatcher {
 public:
  struct Options {
    Options() = default;
    std::size_t last_events = 10;     // of each host
    std::uint64_t critical_step = 0;  // 0: none
    // Where the run ends before its end, because it would crash: after this event `then` is called,
    // which must not return. 0: at its end.
    std::uint64_t until_event = 0;
    std::function<void(const Diagnostics& evidence)> then;
  };

  // `other` must outlive this; null: there is none.
  DiagnosticsCollector(Options options, const EventDigests* other);
  void begins(World& world) override;
  void ends(World& world, const RunReport& report) override;
  [[nodiscard]] const Diagnostics& evidence() const { return evidence_; }

 private:
  void deviates(World& world, const Deviation& deviation);
  void happens(World& world, NumberedEvent event);
  void resumes(const TraceEvent& event);
  void look(World& world);
  HostDiagnostics& of_host(const std::string& name);

  Options options_;
  const EventDigests* other_;
  EventReporter teller_;
  Diagnostics evidence_;
  std::vector<std::size_t> held_back_;  // places in evidence_.deviations
};

// The event of this number of a run that does not crash. `watchers` are of that run.
[[nodiscard]] std::optional<NumberedEvent> event_of(const Scenario& scenario,
                                                    const Schedule& schedule, std::uint64_t number,
                                                    RunWatchers watchers = {});

}  // namespace rehearsal::simnet
