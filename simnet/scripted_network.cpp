#include "simnet/scripted_network.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sched/base/check.hpp"
#include "sched/core/scheduler.hpp"

namespace rehearsal::simnet {

using sched::Descriptor;
using sched::Endpoint;
using sched::Result;

static_assert(sched::Network<ScriptedNetwork>);

namespace {

constexpr std::errc not_scripted = std::errc::operation_not_supported;

// Takes and returns the front of `script`; returns `when_used_up` if it is empty.
template <class T>
Result<T> next(std::deque<std::variant<T, std::errc>>& script, Result<T> when_used_up) {
  if (script.empty()) {
    return when_used_up;
  }
  const auto front = std::move(script.front());
  script.pop_front();
  if (const auto* error = std::get_if<std::errc>(&front)) {
    return *error;
  }
  return std::get<T>(front);
}

}  // namespace

void ScriptedNetwork::script(Descriptor descriptor, ScriptedSocket socket) {
  sockets_[descriptor].script = std::move(socket);
}

const ScriptedRecord& ScriptedNetwork::record(Descriptor descriptor) const {
  const auto found = sockets_.find(descriptor);
  sched::check(found != sockets_.end(), "a record is asked of a scripted descriptor");
  return found->second.record;
}

Result<Descriptor> ScriptedNetwork::take_lowest() {
  for (auto& [descriptor, socket] : sockets_) {
    if (!socket.in_use) {
      socket.in_use = true;
      return descriptor;
    }
  }
  return std::errc::too_many_files_open;
}

Result<Descriptor> ScriptedNetwork::listen(const Endpoint& /*at*/,
                                           const sched::ListenOptions& /*options*/) {
  return take_lowest();
}

Result<sched::Accepted> ScriptedNetwork::accept(Descriptor listener) {
  const auto accepted =
      next(sockets_[listener].script.accepts, Result<Descriptor>(sched::would_block));
  if (!accepted.ok()) {
    return accepted.error();
  }
  sockets_[accepted.value()].in_use = true;
  return sched::Accepted{accepted.value(), Endpoint()};
}

Result<sched::Connecting> ScriptedNetwork::connect(const Endpoint& /*to*/) {
  const Result<Descriptor> descriptor = take_lowest();
  if (!descriptor.ok()) {
    return descriptor.error();
  }
  return sched::Connecting{descriptor.value(), false};
}

Result<> ScriptedNetwork::connected(Descriptor /*descriptor*/) { return {}; }

Result<std::size_t> ScriptedNetwork::recv(Descriptor descriptor, sched::Bytes into) {
  auto& script = sockets_[descriptor].script.receives;
  const auto bytes = next(script, Result<std::string>(sched::would_block));
  if (!bytes.ok()) {
    return bytes.error();
  }
  const std::string& text = bytes.value();
  const std::size_t size = std::min(text.size(), into.size());
  std::memcpy(into.data(), text.data(), size);
  if (size < text.size()) {
    script.emplace_front(text.substr(size));
  }
  return size;
}

Result<std::size_t> ScriptedNetwork::send(Descriptor descriptor, sched::Pieces pieces) {
  Socket& socket = sockets_[descriptor];
  std::string all;
  for (const sched::ConstBytes& piece : pieces) {
    all.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  }
  const auto room = next(socket.script.sends, Result<std::size_t>(all.size()));
  if (!room.ok()) {
    return room.error();
  }
  const std::size_t size = std::min(room.value(), all.size());
  if (size == 0 && !all.empty()) {
    return sched::would_block;
  }
  socket.record.sent.append(all, 0, size);
  return size;
}

Result<> ScriptedNetwork::shutdown_send(Descriptor descriptor) {
  sockets_[descriptor].record.finished_sending = true;
  return {};
}

void ScriptedNetwork::close(Descriptor descriptor) {
  sockets_[descriptor].record.closed = true;
  sockets_[descriptor].in_use = false;
}

void ScriptedNetwork::abort(Descriptor descriptor) {
  sockets_[descriptor].record.aborted = true;
  sockets_[descriptor].in_use = false;
}

Result<> ScriptedNetwork::set_options(Descriptor descriptor, const sched::StreamOptions& options) {
  if (!options.valid()) {
    return std::errc::invalid_argument;
  }
  sockets_[descriptor].record.options = options;
  return {};
}

Result<Descriptor> ScriptedNetwork::bind(const Endpoint& /*at*/,
                                         const sched::BindOptions& /*options*/) {
  return take_lowest();
}

Result<> ScriptedNetwork::set_peer(Descriptor descriptor, const Endpoint& peer) {
  sockets_[descriptor].record.peer = peer;
  return {};
}

Result<sched::Received> ScriptedNetwork::recv_from(Descriptor descriptor, sched::Bytes into) {
  const auto bytes =
      next(sockets_[descriptor].script.receives, Result<std::string>(sched::would_block));
  if (!bytes.ok()) {
    return bytes.error();
  }
  const std::size_t size = std::min(bytes.value().size(), into.size());
  std::memcpy(into.data(), bytes.value().data(), size);
  return sched::Received{size, bytes.value().size(), Endpoint()};
}

Result<std::size_t> ScriptedNetwork::send_to(Descriptor descriptor, sched::ConstBytes from,
                                             const Endpoint& /*to*/) {
  return send(descriptor, sched::Pieces(&from, 1));
}

Result<Endpoint> ScriptedNetwork::local(Descriptor /*descriptor*/) { return Endpoint(); }
Result<Endpoint> ScriptedNetwork::peer(Descriptor /*descriptor*/) { return Endpoint(); }

std::string ScriptedNetwork::connection_name(Descriptor descriptor) {
  return "client-" + std::to_string(descriptor);
}

Result<Descriptor> ScriptedNetwork::resolve(std::string_view /*name*/) { return not_scripted; }
Result<std::vector<Endpoint>> ScriptedNetwork::resolved(Descriptor /*descriptor*/) {
  return not_scripted;
}
Result<Descriptor> ScriptedNetwork::signals(std::span<const int> /*numbers*/) {
  return not_scripted;
}
Result<int> ScriptedNetwork::next_signal(Descriptor /*descriptor*/) { return not_scripted; }
Result<Descriptor> ScriptedNetwork::inbox(std::string_view /*name*/) { return not_scripted; }
Result<sched::Message> ScriptedNetwork::next_message(Descriptor /*descriptor*/) {
  return not_scripted;
}
Result<Descriptor> ScriptedNetwork::start_blocking(std::function<void()> /*work*/) {
  return not_scripted;
}

}  // namespace rehearsal::simnet

template class rehearsal::sched::Scheduler<rehearsal::simnet::ScriptedNetwork>;
