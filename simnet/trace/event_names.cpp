#include "simnet/trace/event_names.hpp"

#include <source_location>
#include <utility>

#include "sched/base/draw.hpp"
#include "sched/base/hex.hpp"
#include "sched/core/task_record.hpp"
#include "sched/seam/error_name.hpp"
#include "simnet/failure.hpp"
#include "simnet/kernel/kernel.hpp"

namespace rehearsal::simnet {
namespace {

constexpr std::int64_t most_errno = 4095;

// Returns the operation as a trace has it: the end of a pause has its own name.
Op traced(const RunEvent& event) {
  return event.op == Op::pause && event.result == 0 ? Op::unpause : event.op;
}

bool is_about_a_task(Op op) {
  return op == Op::spawn || op == Op::resume || op == Op::done || op == Op::failed ||
         op == Op::cancelled;
}

// Returns whether the world performs the operation, not a task of the host.
bool is_of_the_world(Op op) {
  return op == Op::deliver || op == Op::crash || op == Op::power_off || op == Op::restart ||
         op == Op::pause || op == Op::link || op == Op::clock_jump;
}

// Returns the element at `place`, and extends the vector if needed.
template <class T>
T& at(std::vector<T>& vector, std::size_t place) {
  if (place >= vector.size()) [[unlikely]] {
    vector.resize(place + 1);
  }
  return vector[place];
}

}  // namespace

std::string opposite_end(std::string name) {
  if (!name.empty()) {
    name.back() = name.back() == '>' ? '<' : '>';
  }
  return name;
}

SharedEvent EventNames::name(const Fabric& fabric, const RunEvent& event) {
  const Kernel& kernel = fabric.kernel(event.host);
  const bool of_the_world = is_of_the_world(event.op);
  const bool about_a_task = is_about_a_task(event.op);
  SharedEvent named;
  named.t = event.at;
  named.host = host(fabric, event.host);
  named.op = operation(event);
  if (about_a_task) {
    named.task = task(kernel, event);
  } else if (!of_the_world) {
    named.task = hosts_[event.host].running;
  }
  const sched::TaskRecord* by = event.task != nullptr ? event.task : kernel.task();
  if (by != nullptr && !of_the_world) {
    named.at = line(by->where());
  }
  named.handle = event.op == Op::link ? host(fabric, static_cast<std::uint32_t>(event.descriptor))
                                      : handle(kernel, event);
  const auto number = static_cast<std::int64_t>(event.result);
  const bool any_value =
      event.op == Op::random || event.op == Op::choose || event.op == Op::wall_clock;
  if (!any_value && number < 0 && number >= -most_errno) {
    named.error = error(-number);
  } else if (!about_a_task) {
    named.result = event.op == Op::link ? event.key : event.result;  // its new state
  }
  named.bytes = {reinterpret_cast<const char*>(event.data.data()), event.data.size()};  // NOLINT
  named.cause = event.cause;
  named.address = address(kernel, event);
  named.digest = fabric.digest.value();
  return named;
}

EventNames::Text EventNames::host(const Fabric& fabric, std::uint32_t number) {
  Text& text = at(hosts_, number).name;
  if (text == nullptr) [[unlikely]] {
    text = keep(fabric.kernel(number).name());
  }
  return text;
}

EventNames::Text EventNames::operation(const RunEvent& event) {
  const Op op = traced(event);
  Text& text = operations_[static_cast<std::size_t>(op)];
  if (text == nullptr) [[unlikely]] {
    text = keep(std::string(simnet::name(op)));
  }
  return text;
}

EventNames::Text EventNames::task(const Kernel& kernel, const RunEvent& event) {
  Text& text = tasks_[event.key];
  if (text == nullptr && event.op == Op::spawn) {
    text = keep(event.task->path());
  } else if (text == nullptr && event.op == Op::resume) {  // spawned before the listener was set
    text = keep(kernel.task()->path());
  }
  if (text == nullptr) {  // it ends, and its start was not seen
    return keep(sched::hex16(event.key));
  }
  if (event.op == Op::resume) {
    hosts_[event.host].running = text;
  }
  return text;
}

EventNames::Text EventNames::handle(const Kernel& kernel, const RunEvent& event) {
  const auto result = static_cast<std::int64_t>(event.result);
  if ((event.op == Op::accept || event.op == Op::connect) && result >= 0) {
    return handle(kernel, static_cast<sched::Descriptor>(result));
  }
  if (event.op == Op::deliver && event.descriptor < 0) {  // no program has accepted it yet
    const Text* sender = ends_.find(event.key);
    return sender == nullptr ? nullptr : keep(opposite_end((*sender)->text()));
  }
  return handle(kernel, event.descriptor);
}

// A descriptor that is used again names another connection.
EventNames::Text EventNames::handle(const Kernel& kernel, sched::Descriptor descriptor) {
  if (descriptor < 0) {
    return nullptr;
  }
  const auto* end = kernel.find<TcpEnd>(descriptor, OpenFile::Kind::stream);
  const auto* socket = kernel.find<UnixSocket>(descriptor, OpenFile::Kind::unix_socket);
  const std::uint64_t key = end != nullptr ? end->key() : socket != nullptr ? socket->key() : 0;
  Handle& known = at(hosts_[kernel.number()].handles, static_cast<std::size_t>(descriptor));
  if (known.text == nullptr || known.key != key) [[unlikely]] {
    known = {key, keep(end != nullptr      ? end->name()
                       : socket != nullptr ? socket->name()
                                           : "fd " + std::to_string(descriptor))};
    if (end != nullptr) {
      ends_[key] = known.text;
    }
  }
  return known.text;
}

// Returns the address of a call: of a new connection, that of its peer; of a new socket, its own.
EventNames::Text EventNames::address(const Kernel& kernel, const RunEvent& event) {
  const bool makes = event.op == Op::connect || event.op == Op::accept || event.op == Op::listen ||
                     event.op == Op::bind;
  if (event.address != nullptr) {
    return address(*event.address);
  }
  if (!makes || static_cast<std::int64_t>(event.result) < 0) {
    return nullptr;
  }
  const auto made = static_cast<sched::Descriptor>(event.result);
  if (const auto* end = kernel.find<TcpEnd>(made, OpenFile::Kind::stream); end != nullptr) {
    return address(end->remote());
  }
  if (const auto* one = kernel.find<TcpListener>(made, OpenFile::Kind::listener); one != nullptr) {
    return address(one->local());
  }
  const auto* datagram = kernel.find<UdpSocket>(made, OpenFile::Kind::datagram);
  return datagram == nullptr ? nullptr : address(datagram->local());
}

EventNames::Text EventNames::address(const sched::Endpoint& endpoint) {
  const auto [found, added] = addresses_.try_emplace(endpoint, nullptr);
  if (added) {
    found->second = keep(endpoint.to_string());
  }
  return found->second;
}

EventNames::Text EventNames::error(std::int64_t number) {
  Text& text = errors_[static_cast<std::uint64_t>(number)];
  if (text == nullptr) {
    text = keep(sched::error_name(static_cast<std::errc>(number)));
  }
  return text;
}

// The address of the file name only finds the text made earlier for this line.
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
