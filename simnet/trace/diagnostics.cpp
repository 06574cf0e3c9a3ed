#include "simnet/trace/diagnostics.hpp"

#include <algorithm>
#include <array>
#include <source_location>
#include <utility>

#include "simnet/choices/choices.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/network/fabric.hpp"

namespace rehearsal::simnet {
namespace {

// Returns the lines at which the running task is suspended.
std::string frames_of(const World& world) {
  std::string text;
  for (const std::source_location& frame : world.current()->kernel().task()->frames()) {
    if (frame.line() != 0) {
      text += (text.empty() ? "" : " < ") + line_of(frame);
    }
  }
  return text;
}

}  // namespace

DiagnosticsCollector::DiagnosticsCollector(Options options)
    : options_(std::move(options)),
      teller_([this](World& world, std::uint64_t number, TraceEvent event) {
        happens(world, {number, world.steps(), std::move(event), {}});
      }) {}

void DiagnosticsCollector::begins(World& world) {
  evidence_ = {};
  held_back_.clear();
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
    event.frames = frames_of(world);
    evidence_.failing_step = event;
    if (event.step == options_.point_of_no_return) {
      evidence_.point_of_no_return = event;
    }
  }
  const std::uint64_t number = event.number;
  HostDiagnostics& host = of_host(event.event.host);
  host.last.push_back(std::move(event));
  if (host.last.size() > options_.last_events) {
    host.last.pop_front();
  }
  if (number == options_.until_event) {
    look(world);
    options_.then(evidence_);
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
  for (std::uint32_t i = 0; i < fabric.size(); ++i) {
    const Kernel& kernel = fabric.kernel(i);
    HostDiagnostics& host = of_host(kernel.name());
    host.now = kernel.clock().local(std::max(world.now(), kernel.at()));
    host.tasks = world.host(kernel.name()).tasks();
    host.sockets = kernel.sockets();
  }
}

HostDiagnostics& DiagnosticsCollector::of_host(const std::string& name) {
  const auto found = std::ranges::find(evidence_.hosts, name, &HostDiagnostics::name);
  if (found != evidence_.hosts.end()) {
    return *found;
  }
  evidence_.hosts.emplace_back();
  evidence_.hosts.back().name = name;
  return evidence_.hosts.back();
}

}  // namespace rehearsal::simnet
