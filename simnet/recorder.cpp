#include "simnet/recorder.hpp"

#include <optional>
#include <string_view>

namespace rehearsal::simnet {
namespace {

constexpr std::int64_t most_errno = 4095;

sched::TraceOp trace_op(const Event& event) {
  if (event.op == Op::kill) {
    return sched::TraceOp::crash;
  }
  if (event.op == Op::pause && event.result == 0) {
    return sched::TraceOp::unpause;
  }
  return sched::trace_op_named(name(event.op)).value_or(sched::TraceOp::other);
}

bool is_about_a_task(Op op) {
  return op == Op::spawn || op == Op::resume || op == Op::done || op == Op::failed ||
         op == Op::cancelled;
}

// Whether the world does it, and no task of the host.
bool is_of_the_world(Op op) {
  return op == Op::deliver || op == Op::kill || op == Op::power_off || op == Op::restart ||
         op == Op::pause || op == Op::link;
}

void set_result(sched::TraceEvent& told, const Event& event) {
  const auto number = static_cast<std::int64_t>(event.result);
  const bool any_value = event.op == Op::random || event.op == Op::choose;
  if (!any_value && number < 0 && number >= -most_errno) {
    told.error = sched::error_name(static_cast<std::errc>(-number));
  } else if (!is_about_a_task(event.op)) {
    told.result = event.result;
  }
}

}  // namespace

void EventTeller::begins(World& world) {
  running_.clear();
  tasks_.clear();
  Fabric& fabric = world.fabric();
  fabric.listener = [this, &world, before = std::move(fabric.listener)](const Event& event) {
    if (before) {
      before(event);
    }
    tell_(world, world.fabric().events, named(world, event));
  };
}

void EventTeller::ends(World& world, const RunReport& /*report*/) {
  world.fabric().listener = nullptr;
}

sched::TraceEvent EventTeller::named(World& world, const Event& event) {
  Fabric& fabric = world.fabric();
  const Network& network = fabric.network(event.host);
  running_.resize(std::max<std::size_t>(running_.size(), fabric.size()));
  if (event.op == Op::spawn) {
    tasks_[event.key] = event.task->path();
  } else if (event.op == Op::resume) {
    std::string& path = tasks_[event.key];
    if (path.empty()) {  // it was spawned before anyone listened
      path = network.task()->path();
    }
    running_[event.host] = path;
  }
  sched::TraceEvent told;
  told.t = event.at;
  told.host = network.name();
  told.op = trace_op(event);
  if (told.op == sched::TraceOp::other) {
    told.other_op = name(event.op);
  }
  if (is_about_a_task(event.op)) {
    const auto known = tasks_.find(event.key);
    told.task = known != tasks_.end() ? known->second : sched::hex16(event.key);
  } else if (!is_of_the_world(event.op)) {
    told.task = running_[event.host];
  }
  const sched::TaskRecord* task = event.task != nullptr ? event.task : network.task();
  if (task != nullptr && !is_of_the_world(event.op)) {
    told.at = line_of(task->where());
  }
  told.handle = event.op == Op::link
                    ? fabric.network(static_cast<std::uint32_t>(event.descriptor)).name()
                    : handle(network, event);
  set_result(told, event);
  if (!event.data.empty()) {
    told.bytes.assign(reinterpret_cast<const char*>(event.data.data()),  // NOLINT
                      event.data.size());
  }
  told.digest = fabric.digest.value();
  return told;
}

std::string EventTeller::handle(const Network& network, const Event& event) {
  if (event.descriptor < 0) {
    return {};
  }
  if (auto* end = network.find<TcpEnd>(event.descriptor, Socket::Kind::stream); end != nullptr) {
    return end->name();
  }
  return "fd " + std::to_string(event.descriptor);
}

Recorder::Recorder(std::ostream& out, const sched::TraceHeader& header)
    : EventTeller([this](World& /*world*/, std::uint64_t /*number*/,
                         const sched::TraceEvent& event) { writer_.write(event); }),
      writer_(out, header),
      header_(header) {}

void Recorder::ends(World& world, const RunReport& report) {
  const Schedule schedule{header_.scenario, header_.data_seed, world.choices().deviations()};
  sched::TraceEnd end;
  end.end = name(report.end);
  end.steps = report.steps;
  end.t = sched::Instant(report.time);
  end.digest = report.digest;
  end.schedule = schedule.to_string();
  writer_.end(end);
  EventTeller::ends(world, report);
}

}  // namespace rehearsal::simnet
