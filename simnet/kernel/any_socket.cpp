#include "simnet/kernel/any_socket.hpp"

#include "simnet/kernel/event_sources.hpp"
#include "simnet/kernel/tcp_end.hpp"
#include "simnet/kernel/tcp_listener.hpp"
#include "simnet/kernel/udp.hpp"
#include "simnet/kernel/unix_socket.hpp"

namespace rehearsal::simnet {

using sched::Endpoint;
using sched::Readiness;
using sched::Result;

namespace {

Result<Endpoint> peer_of_stream(TcpEnd& end) {
  if (end.state() != TcpEnd::State::established || end.finished()) {
    return std::errc::not_connected;
  }
  return end.shown(end.remote());
}

Result<Endpoint> peer_of_datagrams(const UdpSocket& socket) {
  if (!socket.peer().has_value() || socket.peer()->port() == 0) {
    return std::errc::not_connected;
  }
  return socket.shown(*socket.peer());
}

}  // namespace

std::uint64_t key_of(const OpenFile& socket) {
  switch (socket.kind()) {
    case OpenFile::Kind::stream:
      return static_cast<const TcpEnd&>(socket).key();
    case OpenFile::Kind::listener:
      return static_cast<const TcpListener&>(socket).key();
    case OpenFile::Kind::datagram:
      return static_cast<const UdpSocket&>(socket).key();
    case OpenFile::Kind::unix_socket:
      return static_cast<const UnixSocket&>(socket).key();
    default:
      return static_cast<const EventSource&>(socket).key();
  }
}

Readiness readiness_of(OpenFile& socket) {
  switch (socket.kind()) {
    case OpenFile::Kind::listener:
      return static_cast<TcpListener&>(socket).readiness();
    case OpenFile::Kind::stream:
      return static_cast<TcpEnd&>(socket).readiness();
    case OpenFile::Kind::datagram:
      return static_cast<UdpSocket&>(socket).readiness();
    case OpenFile::Kind::unix_socket:
      return static_cast<UnixSocket&>(socket).readiness();
    default:
      return static_cast<EventSource&>(socket).ready() ? Readiness::recv : Readiness::none;
  }
}

bool receiving_ended(const OpenFile& socket) {
  switch (socket.kind()) {
    case OpenFile::Kind::stream:
      return static_cast<const TcpEnd&>(socket).receiving_ended();
    case OpenFile::Kind::unix_socket:
      return static_cast<const UnixSocket&>(socket).receiving_ended();
    default:
      return false;
  }
}

Result<Endpoint> local_of(const OpenFile& socket) {
  switch (socket.kind()) {
    case OpenFile::Kind::stream: {
      const auto& end = static_cast<const TcpEnd&>(socket);
      return end.shown(end.local());
    }
    case OpenFile::Kind::listener:
      return static_cast<const TcpListener&>(socket).local();
    case OpenFile::Kind::datagram: {
      const auto& datagrams = static_cast<const UdpSocket&>(socket);
      return datagrams.shown(datagrams.local());
    }
    case OpenFile::Kind::unix_socket:
      return static_cast<const UnixSocket&>(socket).local();
    default:
      return std::errc::not_a_socket;
  }
}

Result<Endpoint> peer_of(OpenFile& socket) {
  switch (socket.kind()) {
    case OpenFile::Kind::stream:
      return peer_of_stream(static_cast<TcpEnd&>(socket));
    case OpenFile::Kind::listener:
      return std::errc::not_connected;
    case OpenFile::Kind::datagram:
      return peer_of_datagrams(static_cast<UdpSocket&>(socket));
    case OpenFile::Kind::unix_socket:
      return static_cast<UnixSocket&>(socket).peer();
    default:
      return std::errc::not_a_socket;
  }
}

}  // namespace rehearsal::simnet
