// The socket calls of a simulated kernel.
#include <algorithm>

#include "sched/base/check.hpp"
#include "sched/base/key.hpp"
#include "sched/core/task_record.hpp"
#include "simnet/kernel/network.hpp"
#include "simnet/kernel/network_note.hpp"
#include "simnet/kernel/ports.hpp"
#include "simnet/kernel/tcp_timing.hpp"

namespace rehearsal::simnet {

using sched::Descriptor;
using sched::Endpoint;
using sched::Result;

namespace {

// What a connection of an IPv6 socket says of an IPv4 address.
Endpoint shown_by(const TcpEnd& end, const Endpoint& at) {
  return end.shows_mapped ? mapped(at) : at;
}

}  // namespace

Result<Descriptor> Network::listen(const Endpoint& at, const sched::ListenOptions& options) {
  sched::touch(key_of(Part::descriptors));
  sched::touch(key_of(Part::listeners));
  sched::touch(key_of(Part::ports));
  const auto listen_at = [&]() -> Result<Descriptor> {
    if (fabric_.faults.any(Operation::listen)) {
      const Verdict verdict = judge(Operation::listen, nullptr, process_);
      if (verdict.kind == Verdict::Kind::fail) {
        fabric_.faults.mattered();
        return verdict.error;
      }
    }
    if (descriptors_.full()) {
      return std::errc::too_many_files_open;
    }
    if (!options.clients.valid()) {
      return std::errc::invalid_argument;
    }
    const Result<> address = check_address(at);
    if (!address.ok()) {
      return address.error();
    }
    const auto used = [&](const Endpoint& here) {
      return std::ranges::any_of(listeners_, [&](const auto& one) {
        return clash(one.second->local(), one.second->ipv6_only(), here, options.ipv6_only) &&
               !(options.reuse_port && one.second->shares_port());
      });
    };
    Endpoint here = at;
    if (at.port() == 0) {
      const auto port = ephemeral_port(next_port_, [&](std::uint16_t candidate) {
        return connecting_ports_.contains(candidate) || used(at.with_port(candidate));
      });
      if (!port.ok()) {
        return std::errc::address_in_use;
      }
      here = at.with_port(port.value());
    } else if (used(here) || is_clients(here, options.ipv6_only)) {
      return std::errc::address_in_use;
    }
    const auto added = listeners_.emplace(
        here.port(),
        std::make_unique<TcpListener>(*this, socket_name("tcp", at.port()), here, options));
    return descriptors_.open(*added->second);
  };
  return note(Op::listen, -1, key_, listen_at());
}

Result<sched::Accepted> Network::accept(Descriptor descriptor) {
  touch(descriptor);
  sched::touch(key_of(Part::descriptors));
  auto* listener = find<TcpListener>(descriptor, Socket::Kind::listener);
  const auto accept_one = [&]() -> Result<sched::Accepted> {
    if (listener == nullptr) {
      return unfit(descriptor, std::errc::invalid_argument, std::errc::operation_not_supported);
    }
    if (listener->empty()) {
      return sched::would_block;
    }
    const std::uint32_t fault =
        fabric_.choices.choose(Site::accept, listener->key(), listener->accepts++,
                               accept_errors.size() + 1, [&] { return listener->name(); });
    if (fault != 0) {
      fabric_.choices.mattered(Site::accept);
      return accept_errors[fault - 1];
    }
    if (fabric_.faults.any(Operation::accept)) {
      const Verdict verdict = judge(Operation::accept, nullptr, listener->name());
      if (verdict.kind == Verdict::Kind::fail) {
        fabric_.faults.mattered();
        return verdict.error;
      }
    }
    if (descriptors_.full()) {
      return std::errc::too_many_files_open;
    }
    TcpEnd& end = listener->pop();
    end.listener = nullptr;
    end.shows_mapped = is_ipv6(listener->local()) && !is_ipv6(end.local());
    descriptors_.open(end);
    end.report_early_end();
    return sched::Accepted{end.descriptor(), shown_by(end, end.remote())};
  };
  const auto accepted = accept_one();
  if (accepted.error() != sched::would_block) {
    fabric_.note({Op::accept, number_, descriptor, at_, listener == nullptr ? 0 : listener->key(),
                  accepted.ok() ? static_cast<std::uint64_t>(accepted.value().descriptor)
                                : result_of(accepted.error())});
  }
  return accepted;
}

Result<sched::Connecting> Network::connect(const Endpoint& to) {
  sched::touch(key_of(Part::descriptors));
  sched::touch(key_of(Part::ports));
  // Outside of every task, as in a test of the calls alone, the process itself connects.
  const sched::TaskRecord* task = caller();
  const std::uint64_t by = task == nullptr ? process_key_ : task->key();
  const std::uint32_t ordinal = connects_[by]++;
  const std::string suffix = '#' + std::to_string(ordinal);
  const std::uint64_t key = sched::extend_key(by, suffix);
  const auto name = [&] { return (task == nullptr ? process_ : task->path()) + suffix; };
  Network* host = host_at(to);
  const auto begin = [&]() -> Result<sched::Connecting> {
    const std::uint32_t fault =
        fabric_.choices.choose(Site::connect, key, 0, connect_errors.size() + 1, name);
    if (fault != 0) {
      fabric_.choices.mattered(Site::connect);
      return connect_errors[fault - 1];
    }
    if (fabric_.faults.any(Operation::connect)) {
      const Verdict verdict = judge(Operation::connect, host, name());
      if (verdict.kind == Verdict::Kind::fail) {
        fabric_.faults.mattered();
        return verdict.error;
      }
    }
    if (descriptors_.full()) {
      return std::errc::too_many_files_open;
    }
    if (host == nullptr && (to.family() != Endpoint::Family::ipv4 || to.bytes()[0] != 10)) {
      return std::errc::network_unreachable;
    }
    const auto port = ephemeral_port(next_port_, [&](std::uint16_t candidate) {
      return connecting_ports_.contains(candidate) || listeners_.contains(candidate);
    });
    if (!port.ok()) {
      return port.error();
    }
    connecting_ports_.insert(port.value());
    const Endpoint remote = meant_by(to);
    const Endpoint local = source_for(remote).with_port(port.value());
    TcpEnd& end =
        Connection::open(*this, host == nullptr ? *this : *host, name(), key, local, remote);
    descriptors_.open(end);
    if (host == nullptr) {
      end.expect_unreachable();
    } else {
      end.connect();
    }
    return sched::Connecting{end.descriptor(), true};
  };
  const auto connecting = begin();
  fabric_.note({Op::connect, number_, -1, at_, key,
                connecting.ok() ? static_cast<std::uint64_t>(connecting.value().descriptor)
                                : result_of(connecting.error())});
  return connecting;
}

Result<> Network::connected(Descriptor descriptor) {
  touch(descriptor);
  auto* end = find<TcpEnd>(descriptor, Socket::Kind::stream);
  if (end == nullptr) {
    auto* socket = find<UdpSocket>(descriptor, Socket::Kind::datagram);
    const std::errc error =
        socket == nullptr ? unfit(descriptor, sched::would_block, {}) : socket->take_error();
    if (error != std::errc{}) {
      return error;
    }
    return peer(descriptor).ok() ? Result<>() : Result<>(sched::would_block);
  }
  const Result<> answer = end->connected();
  return answer.error() == sched::would_block ? answer
                                              : note(Op::connected, descriptor, end->key(), answer);
}

Result<> Network::shutdown_send(Descriptor descriptor) {
  touch(descriptor);
  auto* end = find<TcpEnd>(descriptor, Socket::Kind::stream);
  if (end == nullptr) {
    // Of a listener it has no effect; of a datagram socket one, though it is not connected.
    if (auto* socket = find<UdpSocket>(descriptor, Socket::Kind::datagram); socket != nullptr) {
      socket->may_send = false;
    }
    return descriptors_.find(descriptor) == nullptr ? Result<>(std::errc::bad_file_descriptor)
                                                    : Result<>();
  }
  return note(Op::shutdown_send, descriptor, end->key(), end->shutdown_send());
}

Result<> Network::set_options(Descriptor descriptor, const sched::StreamOptions& options) {
  touch(descriptor);
  auto* end = find<TcpEnd>(descriptor, Socket::Kind::stream);
  sched::check(end != nullptr, "options are set of a TCP connection");
  if (!options.valid()) {
    return note(Op::set_options, descriptor, end->key(), Result<>(std::errc::invalid_argument));
  }
  end->set_options(options);
  return note(Op::set_options, descriptor, end->key(), Result<>());
}

void Network::close(Descriptor descriptor) { close(descriptor, Op::close); }
void Network::abort(Descriptor descriptor) { close(descriptor, Op::abort); }

void Network::close(Descriptor descriptor, Op op) {
  if (muted_) {
    return;
  }
  Socket* socket = descriptors_.find(descriptor);
  sched::check(socket != nullptr, "what is closed is an open descriptor");
  touch(descriptor);
  sched::touch(key_of(Part::descriptors));
  fabric_.note({op, number_, descriptor, at_, 0});
  descriptors_.close(*socket);
  switch (socket->kind()) {
    case Socket::Kind::stream: {
      auto& end = static_cast<TcpEnd&>(*socket);
      op == Op::abort ? end.abort() : end.close();
      break;
    }
    case Socket::Kind::listener: {
      auto& listener = static_cast<TcpListener&>(*socket);
      sched::touch(key_of(Part::listeners));
      sched::touch(listener.embryos_key());
      listener.refuse_all();
      std::erase_if(listeners_, [&](const auto& one) { return one.second.get() == &listener; });
      break;
    }
    case Socket::Kind::datagram:
      sched::touch(key_of(Part::datagrams));
      std::erase_if(datagram_sockets_, [&](const auto& one) { return one.second.get() == socket; });
      break;
    default: {
      const auto service = services_.find(descriptor);
      if (socket->kind() == Socket::Kind::completion &&
          static_cast<Completion&>(*socket).has_work_left()) {
        abandoned_.push_back(std::move(service->second));
      }
      services_.erase(service);
    }
  }
}

Result<Endpoint> Network::local(Descriptor descriptor) {
  Socket* socket = descriptors_.find(descriptor);
  if (socket == nullptr) {
    return std::errc::bad_file_descriptor;
  }
  switch (socket->kind()) {
    case Socket::Kind::stream: {
      const auto& end = static_cast<TcpEnd&>(*socket);
      return shown_by(end, end.local());
    }
    case Socket::Kind::listener:
      return static_cast<TcpListener&>(*socket).local();
    case Socket::Kind::datagram: {
      const auto& datagrams = static_cast<UdpSocket&>(*socket);
      return datagrams.shown(datagrams.local());
    }
    default:
      return std::errc::not_a_socket;
  }
}

Result<Endpoint> Network::peer(Descriptor descriptor) {
  touch(descriptor);
  auto* end = find<TcpEnd>(descriptor, Socket::Kind::stream);
  if (end == nullptr) {
    const auto* socket = find<UdpSocket>(descriptor, Socket::Kind::datagram);
    if (socket != nullptr && socket->peer().has_value() && socket->peer()->port() != 0) {
      return socket->shown(*socket->peer());
    }
    return unfit(descriptor, std::errc::not_connected, std::errc::not_connected);
  }
  if (end->state() != TcpEnd::State::established || end->finished()) {
    return std::errc::not_connected;
  }
  return shown_by(*end, end->remote());
}

}  // namespace rehearsal::simnet
