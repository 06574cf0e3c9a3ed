#include "simnet/kernel/socket_info.hpp"

#include <utility>

#include "simnet/kernel/kernel.hpp"

namespace rehearsal::simnet {
namespace {

SocketInfo of(const TcpListener& listener) {
  SocketInfo info;
  info.kind = "tcp";
  info.state = "LISTEN";
  info.recv_queue = listener.queued();
  info.send_queue = listener.backlog();
  info.local = listener.local().to_string();
  return info;
}

SocketInfo of(const TcpEnd& end) {
  SocketInfo info;
  info.kind = "tcp";
  info.state = end.shown_state();
  info.recv_queue = end.unread();
  info.send_queue = end.unacknowledged();
  info.local = end.local().to_string();
  info.peer = end.remote().to_string();
  info.name = end.name();
  return info;
}

SocketInfo of(const UdpSocket& socket) {
  SocketInfo info;
  info.kind = "udp";
  info.recv_queue = socket.queued_bytes();
  info.local = socket.local().to_string();
  return info;
}

SocketInfo of(const UnixSocket& socket) {
  SocketInfo info;
  info.kind = "unix";
  info.state = socket.shown_state();
  info.recv_queue = socket.recv_queue();
  info.send_queue = socket.send_queue();
  info.local = socket.local().to_string();
  if (const auto peer = socket.peer(); peer.ok()) {
    info.peer = peer.value().to_string();
  }
  info.name = socket.name();
  return info;
}

SocketInfo service(std::string kind) {
  SocketInfo info;
  info.kind = std::move(kind);
  return info;
}

}  // namespace

SocketInfo describe(const OpenFile& socket) {
  switch (socket.kind()) {
    case OpenFile::Kind::listener:
      return of(static_cast<const TcpListener&>(socket));
    case OpenFile::Kind::stream:
      return of(static_cast<const TcpEnd&>(socket));
    case OpenFile::Kind::datagram:
      return of(static_cast<const UdpSocket&>(socket));
    case OpenFile::Kind::unix_socket:
      return of(static_cast<const UnixSocket&>(socket));
    case OpenFile::Kind::completion:
      return service("work");
    case OpenFile::Kind::signals:
      return service("signals");
    case OpenFile::Kind::inbox:
      return service("inbox");
  }
  return {};
}

}  // namespace rehearsal::simnet
