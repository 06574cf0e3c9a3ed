#include "simnet/kernel/unix_sockets.hpp"

#include <algorithm>
#include <utility>

#include "sched/base/check.hpp"
#include "sched/core/footprint.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/kernel/kernel_note.hpp"
#include "simnet/kernel/unix_listener.hpp"
#include "simnet/kernel/unix_stream.hpp"

namespace rehearsal::simnet {

using sched::Descriptor;
using sched::Endpoint;
using sched::Result;

namespace {

bool is_path(std::string_view name) { return !name.empty() && name.front() != '\0'; }

}  // namespace

Result<UnixSocket*> UnixSockets::find(const Endpoint& to, Kind kind) const {
  sched::touch(kernel_.key_of(Kernel::Part::unix_names), sched::Access::read);
  if (!to.is_unix() || to.unix_name().empty()) {
    return std::errc::invalid_argument;
  }
  const auto found = names_.find(key_of(to, kind));
  if (found == names_.end()) {
    return is_path(to.unix_name()) ? std::errc::no_such_file_or_directory
                                   : std::errc::connection_refused;
  }
  const Bound& bound = found->second;
  if (bound.socket == nullptr) {
    return std::errc::connection_refused;
  }
  return bound.kind == kind ? Result<UnixSocket*>(bound.socket) : std::errc::wrong_protocol_type;
}

Descriptor UnixSockets::open(std::unique_ptr<UnixSocket> socket) {
  sched::touch(kernel_.key_of(Kernel::Part::descriptors));
  const Descriptor descriptor = kernel_.descriptors().open(*socket);
  open_[descriptor] = std::move(socket);
  return descriptor;
}

std::string UnixSockets::key_of(const Endpoint& at, Kind kind) {
  const std::string& name = at.unix_name();
  return is_path(name) ? name : name + (kind == Kind::listener ? 'l' : 'd');
}

UnixSockets::Bound* UnixSockets::claim(const Endpoint& at, Kind kind, bool replaces_stale) {
  const auto [place, fresh] = names_.try_emplace(key_of(at, kind));
  Bound& bound = place->second;
  if (!fresh && (bound.socket != nullptr || !replaces_stale)) {
    return nullptr;
  }
  bound.kind = kind;
  return &bound;
}

// Returns a name for a new socket. One that is unnamed is named after its task.
SocketName UnixSockets::name_of(const Endpoint& at, std::string_view protocol) {
  std::string name = at.unix_name();
  const bool unnamed = name.empty();
  if (!unnamed && !is_path(name)) {
    name.front() = '@';
  }
  return kernel_.socket_name(std::string(protocol) + ':' + name, unnamed);
}

Result<Descriptor> UnixSockets::listen(const Endpoint& at, const sched::ListenOptions& options) {
  sched::touch(kernel_.key_of(Kernel::Part::unix_names));
  if (options.reuse_port) {
    return std::errc::operation_not_supported;
  }
  if (at.unix_name().empty()) {
    return std::errc::invalid_argument;
  }
  Bound* bound = claim(at, Kind::listener, options.replace_stale);
  if (bound == nullptr) {
    return std::errc::address_in_use;
  }
  auto listener = std::make_unique<UnixListener>(*this, name_of(at, "unix"), at, options);
  bound->socket = listener.get();
  return open(std::move(listener));
}

Result<Descriptor> UnixSockets::bind(const Endpoint& at, const sched::BindOptions& options) {
  sched::touch(kernel_.key_of(Kernel::Part::unix_names));
  if (options.reuse_port) {
    return std::errc::operation_not_supported;
  }
  Bound* bound = nullptr;
  if (!at.unix_name().empty()) {
    bound = claim(at, Kind::datagram, options.replace_stale);
    if (bound == nullptr) {
      return std::errc::address_in_use;
    }
  }
  auto socket = std::make_unique<UnixDatagram>(*this, name_of(at, "unixgram"), at);
  if (bound != nullptr) {
    bound->socket = socket.get();
  }
  return open(std::move(socket));
}

Result<sched::Connecting> UnixSockets::connect(const Endpoint& to, const SocketName& connection) {
  const auto found = find(to, Kind::listener);
  if (!found.ok()) {
    return found.error();
  }
  auto& listener = static_cast<UnixListener&>(*found.value());
  sched::touch(listener.key());
  if (listener.full() ||
      kernel_.fabric()
              .choices.choose(Site::backlog, connection.key, 2, 2, [&] { return connection.text; })
              .matters() != 0) {
    return sched::would_block;
  }
  UnixStream::Ends ends = UnixStream::connect(*this, connection, to);
  listener.push(std::move(ends.server));
  return sched::Connecting{open(std::move(ends.client)), false};
}

Result<UnixSockets::Pair> UnixSockets::pair() {
  sched::touch(kernel_.key_of(Kernel::Part::descriptors));
  Descriptors& descriptors = kernel_.descriptors();
  if (descriptors.full()) {
    return std::errc::too_many_files_open;
  }
  const SocketName connection = kernel_.socket_name("pair", true);
  UnixStream::Ends ends = UnixStream::connect(*this, connection, sched::unix_unnamed());
  Pair pair;
  pair.one = open(std::move(ends.client));
  if (descriptors.full()) {
    kernel_.close(pair.one);
    return std::errc::too_many_files_open;
  }
  pair.other = open(std::move(ends.server));
  kernel_.fabric().note({Op::connect, kernel_.number(), -1, kernel_.at(), connection.key,
                         static_cast<std::uint64_t>(pair.one)});
  return pair;
}

Result<sched::Accepted> UnixSockets::accept(UnixSocket& socket) {
  const auto accepted = socket.accept();
  if (accepted.error() != sched::would_block) {
    kernel_.fabric().note({Op::accept, kernel_.number(), socket.descriptor(), kernel_.at(),
                           socket.key(),
                           accepted.ok() ? static_cast<std::uint64_t>(accepted.value().descriptor)
                                         : result_of(accepted.error())});
  }
  return accepted;
}

Result<> UnixSockets::connected(UnixSocket& socket) {
  const Result<> answer = socket.connected();
  return answer.error() == sched::would_block
             ? answer
             : note(kernel_, Op::connected, socket.descriptor(), socket.key(), answer);
}

Result<std::size_t> UnixSockets::recv(UnixSocket& socket, sched::Bytes into) {
  const auto received = socket.recv(into);
  if (received.error() != sched::would_block) {
    kernel_.fabric().note({Op::recv, kernel_.number(), socket.descriptor(), kernel_.at(),
                           socket.key(), noted_value(received),
                           into.first(received.ok() ? received.value() : 0), false});
  }
  return received;
}

Result<std::size_t> UnixSockets::send(UnixSocket& socket, sched::Pieces pieces) {
  const auto sent = socket.send(pieces);
  if (sent.error() == sched::would_block) {
    return sent;
  }
  const bool hashed = sent.ok() && !pieces.empty();
  return note(kernel_, Op::send, socket.descriptor(), socket.key(), sent,
              hashed ? pieces.front().first(std::min(pieces.front().size(), sent.value()))
                     : sched::ConstBytes());
}

Result<> UnixSockets::shutdown_send(UnixSocket& socket) {
  return note(kernel_, Op::shutdown_send, socket.descriptor(), socket.key(),
              socket.shutdown_send());
}

Result<> UnixSockets::set_options(UnixSocket& socket, const sched::StreamOptions& options) {
  return note(kernel_, Op::set_options, socket.descriptor(), socket.key(),
              options.valid() ? Result<>() : Result<>(std::errc::invalid_argument));
}

Result<> UnixSockets::set_peer(UnixSocket& socket, const Endpoint& peer) {
  return note(kernel_, Op::set_peer, socket.descriptor(), socket.key(), socket.set_peer(peer));
}

Result<sched::Received> UnixSockets::recv_from(UnixSocket& socket, sched::Bytes into) {
  const auto received = socket.recv_from(into);
  if (received.error() != sched::would_block) {
    const std::size_t size = received.ok() ? received.value().size : 0;
    kernel_.fabric().note({Op::recv_from, kernel_.number(), socket.descriptor(), kernel_.at(),
                           socket.key(), received.ok() ? size : result_of(received.error()),
                           into.first(size)});
  }
  return received;
}

Result<std::size_t> UnixSockets::send_to(UnixSocket& socket, sched::ConstBytes from,
                                         const Endpoint& to) {
  return note(kernel_, Op::send_to, socket.descriptor(), socket.key(), socket.send_to(from, to),
              from);
}

bool UnixSockets::listens() const {
  return std::ranges::any_of(names_, [](const auto& name) {
    return name.second.socket != nullptr && name.second.kind == Kind::listener;
  });
}

void UnixSockets::close(UnixSocket& socket, Descriptor descriptor) {
  socket.hang_up();
  const auto named =
      std::ranges::find(names_, &socket, [](const auto& name) { return name.second.socket; });
  if (named != names_.end()) {
    sched::touch(kernel_.key_of(Kernel::Part::unix_names));
    if (is_path(named->first)) {
      named->second.socket = nullptr;
    } else {
      names_.erase(named);
    }
  }
  open_.erase(descriptor);
}

}  // namespace rehearsal::simnet
