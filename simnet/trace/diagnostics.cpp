#include "simnet/trace/diagnostics.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "simnet/choices/choices.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/network/fabric.hpp"

namespace rehearsal::simnet {
namespace {

constexpr std::size_t most_faults = 1'000;

// Returns whether the operation changes a host or a link.
bool is_host_change(Op op) {
  return op == Op::crash || op == Op::power_off || op == Op::restart || op == Op::pause ||
         op == Op::unpause || op == Op::link || op == Op::clock_jump;
}

// Returns whether a task has ended, as many do when their host ends, or has not begun.
bool is_end(Op op) { return op == Op::cancelled || op == Op::spawn; }

}  // namespace

DiagnosticsCollector::DiagnosticsCollector(Options options)
    : options_(std::move(options)),
      teller_([this](World& world, std::uint64_t number, TraceEvent event) {
        happens(world, numbered(world, number, std::move(event)));
      }) {}

void DiagnosticsCollector::begins(World& world) {
  evidence_ = {};
  held_back_.clear();
  rule_counts_.clear();
  known_frames_.clear();
  teller_.begins(world);
  world.choices().on_deviation(
      [this, &world](const Deviation& deviation) { deviates(world, deviation); });
}

void DiagnosticsCollector::ends(World& world, const RunReport& report) {
  teller_.ends(world, report);
  look(world);
}

void DiagnosticsCollector::deviates(World& world, const Deviation& deviation) {
  AppliedDeviation applied;
  applied.deviation = deviation;
  applied.event = world.fabric().events;
  applied.at = world.now();
  if (const SimulatedHost* host = world.current(); host != nullptr) {
    applied.host = host->name();
    applied.at = std::max(applied.at, host->kernel().at());
  }
  if (deviation.at.site == Site::run) {
    held_back_.push_back(evidence_.deviations.size());
  }
  evidence_.deviations.push_back(std::move(applied));
}

void DiagnosticsCollector::happens(World& world, NumberedEvent event) {
  if (event.event.op == Op::resume) {
    resumes(event.event);
    evidence_.failing_step = event;
    if (event.step == options_.point_of_no_return) {
      evidence_.point_of_no_return = event;
    }
  }
  note_fault(world, event);
  note_sources(world, event);
  const std::uint64_t number = event.number;
  evidence_.history.add(std::move(event));
  if (number == options_.until_event) {
    look(world);
    options_.then(evidence_);
  }
}

// Notes a change of a host or a link, and a rule that had an effect since the last event.
void DiagnosticsCollector::note_fault(World& world, const NumberedEvent& event) {
  std::vector<std::string> causes;
  if (is_host_change(event.event.op)) {
    causes.emplace_back();
  }
  std::vector<FaultCount> counts = world.faults().counts();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i].mattered != (i < rule_counts_.size() ? rule_counts_[i].mattered : 0)) {
      causes.push_back(counts[i].name);
    }
  }
  rule_counts_ = std::move(counts);
  if (causes.empty() || evidence_.faults.size() >= most_faults) {
    return;
  }
  FaultEvent fault;
  fault.event = event;
  const auto is_doing = [&](const NumberedEvent& one) {
    return one.event.host == event.event.host && !one.event.task.empty() && !is_end(one.event.op);
  };
  const auto newest = std::make_reverse_iterator(evidence_.history.end());
  const auto oldest = std::make_reverse_iterator(evidence_.history.begin());
  if (const auto found = std::find_if(newest, oldest, is_doing); found != oldest) {
    fault.before = *found;
  }
  for (std::string& cause : causes) {
    fault.rule = std::move(cause);
    evidence_.faults.push_back(fault);
  }
}

void DiagnosticsCollector::note_sources(World& world, const NumberedEvent& event) {
  if (event.frames.empty() || !known_frames_.insert(event.frames).second) {
    return;
  }
  const Kernel* kernel = world.fabric().named(event.event.host);
  const sched::TaskRecord* task = kernel == nullptr ? nullptr : kernel->task();
  for (const std::source_location& frame :
       task == nullptr ? std::vector<std::source_location>() : task->frames()) {
    const std::string_view path = frame.file_name();
    const std::string_view file = path.substr(path.rfind('/') + 1);
    std::string& known = evidence_.sources.try_emplace(std::string(file), path).first->second;
    known = known == path ? known : std::string();
  }
}

// Notes for each delayed task that this task passes it, or that it runs itself at last.
void DiagnosticsCollector::resumes(const TraceEvent& event) {
  std::erase_if(held_back_, [&](std::size_t place) {
    AppliedDeviation& held = evidence_.deviations[place];
    std::vector<std::string>& others = held.went_first;
    if (held.deviation.at.entity != event.task) {
      if (held.host == event.host) {
        others.push_back(event.task);
      }
      return false;
    }
    // The tasks before those were ready earlier than it.
    if (others.size() > held.deviation.value) {
      others.erase(others.begin(), others.end() - held.deviation.value);
    }
    return true;
  });
}

void DiagnosticsCollector::look(World& world) {
  Fabric& fabric = world.fabric();
  evidence_.events = fabric.events;
  evidence_.steps = world.steps();
  evidence_.time = world.now().time_since_epoch();
  evidence_.parameters = std::as_const(world).parameters();
  evidence_.hosts.clear();
  for (std::uint32_t i = 0; i < fabric.size(); ++i) {
    const Kernel& kernel = fabric.kernel(i);
    HostDiagnostics& host = evidence_.hosts.emplace_back();
    host.name = kernel.name();
    host.now = kernel.clock().local(std::max(world.now(), kernel.at()));
    host.tasks = world.host(kernel.name()).tasks();
    host.sockets = kernel.sockets();
  }
}

}  // namespace rehearsal::simnet
