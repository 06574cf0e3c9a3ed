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

SocketInfo service(std::string kind) {
  SocketInfo info;
  info.kind = std::move(kind);
  return info;
}

SocketInfo info_of(const OpenFile& socket) {
  switch (socket.kind()) {
    case OpenFile::Kind::listener:
      return of(static_cast<const TcpListener&>(socket));
    case OpenFile::Kind::stream:
      return of(static_cast<const TcpEnd&>(socket));
    case OpenFile::Kind::datagram:
      return of(static_cast<const UdpSocket&>(socket));
    case OpenFile::Kind::completion:
      return service("work");
    case OpenFile::Kind::signals:
      return service("signals");
    case OpenFile::Kind::inbox:
      return service("inbox");
  }
  return {};
}

}  // namespace

std::vector<SocketInfo> Kernel::sockets() const {
  std::vector<SocketInfo> sockets;
  descriptors_.for_each([&](const OpenFile& socket) {
    sockets.push_back(info_of(socket));
    sockets.back().descriptor = socket.descriptor();
  });
  return sockets;
}

std::string_view TcpEnd::shown_state() const {
  switch (state_) {
    case State::fresh:
    case State::closed:
      return "CLOSED";
    case State::syn_sent:
      return "SYN-SENT";
    case State::syn_received:
      return "SYN-RECV";
    case State::established:
      break;
  }
  if (fin_sent_ && fin_received_) {
    return fin_acked_ ? "TIME-WAIT" : "LAST-ACK";
  }
  if (fin_sent_) {
    return fin_acked_ ? "FIN-WAIT-2" : "FIN-WAIT-1";
  }
  return fin_received_ ? "CLOSE-WAIT" : "ESTAB";
}

}  // namespace rehearsal::simnet
