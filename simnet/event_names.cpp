#include "simnet/event_names.hpp"

#include <source_location>
#include <utility>

#include "sched/task_record.hpp"
#include "simnet/draw.hpp"
#include "simnet/failure.hpp"
#include "simnet/network.hpp"

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

// Makes the vector so long that it has this place.
template <class T>
T& at(std::vector<T>& vector, std::size_t place) {
  if (place >= vector.size()) [[unlikely]] {
    vector.resize(place + 1);
  }
  return vector[place];
}

}  // namespace

sched::SharedEvent EventNames::name(const Fabric& fabric, const Event& event) {
  const Network& network = fabric.network(event.host);
  const bool of_the_world = is_of_the_world(event.op);
  const bool about_a_task = is_about_a_task(event.op);
  sched::SharedEvent named;
  named.t = event.at;
  named.host = host(fabric, event.host);
  named.op = operation(event);
  if (about_a_task) {
    named.task = task(network, event);
  } else if (!of_the_world) {
    named.task = at(running_, event.host);
  }
  const sched::TaskRecord* by = event.task != nullptr ? event.task : network.task();
  if (by != nullptr && !of_the_world) {
    named.at = line(by->where());
  }
  named.handle = event.op == Op::link ? host(fabric, static_cast<std::uint32_t>(event.descriptor))
                                      : handle(network, event);
  const auto number = static_cast<std::int64_t>(event.result);
  const bool any_value = event.op == Op::random || event.op == Op::choose;
  if (!any_value && number < 0 && number >= -most_errno) {
    error_ = sched::SharedText(sched::error_name(static_cast<std::errc>(-number)));
    named.error = &error_;
  } else if (!about_a_task) {
    named.result = event.result;
  }
  named.bytes = {reinterpret_cast<const char*>(event.data.data()), event.data.size()};  // NOLINT
  named.digest = fabric.digest.value();
  return named;
}

EventNames::Text EventNames::host(const Fabric& fabric, std::uint32_t number) {
  Text& text = at(hosts_, number);
  if (text == nullptr) {
    text = keep(fabric.network(number).name());
  }
  return text;
}

EventNames::Text EventNames::operation(const Event& event) {
  // A pause that ends has a name of its own.
  const bool ends = event.op == Op::pause && event.result == 0;
  Text& text = at(operations_, static_cast<std::size_t>(event.op) + (ends ? op_count : 0));
  if (text == nullptr) {
    const sched::TraceOp op = trace_op(event);
    text =
        keep(std::string(op == sched::TraceOp::other ? simnet::name(event.op) : sched::name(op)));
  }
  return text;
}

EventNames::Text EventNames::task(const Network& network, const Event& event) {
  Text& text = tasks_[event.key];
  if (text == nullptr && event.op == Op::spawn) {
    text = keep(event.task->path());
  } else if (text == nullptr && event.op == Op::resume) {  // spawned before anyone listened
    text = keep(network.task()->path());
  }
  if (text == nullptr) {
    unknown_ = sched::SharedText(sched::hex16(event.key));
    return &unknown_;
  }
  if (event.op == Op::resume) {
    at(running_, event.host) = text;
  }
  return text;
}

EventNames::Text EventNames::handle(const Network& network, const Event& event) {
  if (event.descriptor < 0) {
    return nullptr;
  }
  const auto* end = network.find<TcpEnd>(event.descriptor, Socket::Kind::stream);
  Text& text = end != nullptr ? connections_[end->key()]
                              : descriptors_[static_cast<std::uint64_t>(event.descriptor)];
  if (text == nullptr) {
    text = keep(end != nullptr ? end->name() : "fd " + std::to_string(event.descriptor));
  }
  return text;
}

// The address only finds again what was made of this place in the source before.
EventNames::Text EventNames::line(const std::source_location& where) {
  constexpr unsigned bits_of_address = 48;
  const auto file = reinterpret_cast<std::uintptr_t>(where.file_name());
  Text& text = lines_[mix(file ^ std::uint64_t{where.line()} << bits_of_address)];
  if (text == nullptr) {
    text = keep(line_of(where));
  }
  return text;
}

}  // namespace rehearsal::simnet
