// An echo server over plain libevent events, which report when a socket is ready and leave recv and
// send to the program. This is libevent's faster idiom: its buffered streams (bufferevent_echo.cpp)
// cost 1.4 to 1.6 times as much CPU a message, for the chain of buffers and the second event.
#include <cerrno>
#include <memory>

#include <event2/event.h>
#include <event2/listener.h>

#include "peer.hpp"

namespace {

struct EventDelete {
  void operator()(event* handle) const { ::event_free(handle); }
};
using OwnedEvent = std::unique_ptr<event, EventDelete>;

struct Server {
  event_base* base;
  std::size_t capacity;  // of one connection's buffer, in bytes
};

struct Connection {
  Connection(const Server& server, int socket, event_callback_fn readable,
             event_callback_fn writable)
      : descriptor(socket),
        capacity(server.capacity),
        buffer(std::make_unique_for_overwrite<char[]>(capacity)),
        reading(::event_new(server.base, socket, EV_READ | EV_PERSIST, readable, this)),
        writing(::event_new(server.base, socket, EV_WRITE | EV_PERSIST, writable, this)) {
    ::event_add(reading.get(), nullptr);
  }
  ~Connection() {
    reading.reset();
    writing.reset();
    ::close(descriptor);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int descriptor;
  std::size_t capacity;
  std::size_t begin = 0;  // [begin, end) of the buffer has been read and not yet sent
  std::size_t end = 0;
  std::unique_ptr<char[]> buffer;
  OwnedEvent reading;
  OwnedEvent writing;
};

bool would_block() { return errno == EAGAIN; }

// Returns false if the connection has ended and is destroyed.
bool send_pending(Connection& connection) {
  const ssize_t sent = ::send(connection.descriptor, connection.buffer.get() + connection.begin,
                              connection.end - connection.begin, MSG_NOSIGNAL);
  if (sent >= 0) {
    connection.begin += static_cast<std::size_t>(sent);
    return true;
  }
  if (would_block()) return true;
  delete &connection;
  return false;
}

void readable(evutil_socket_t, short, void* argument) {
  auto& connection = *static_cast<Connection*>(argument);
  const ssize_t received =
      ::recv(connection.descriptor, connection.buffer.get(), connection.capacity, 0);
  if (received <= 0) {
    if (received == 0 || !would_block()) delete &connection;
    return;
  }
  connection.begin = 0;
  connection.end = static_cast<std::size_t>(received);
  if (!send_pending(connection) || connection.begin == connection.end) return;
  // The server reads no more until all is sent, so a peer that never reads clogs only itself.
  ::event_del(connection.reading.get());
  ::event_add(connection.writing.get(), nullptr);
}

void writable(evutil_socket_t, short, void* argument) {
  auto& connection = *static_cast<Connection*>(argument);
  if (!send_pending(connection) || connection.begin != connection.end) return;
  ::event_del(connection.writing.get());
  ::event_add(connection.reading.get(), nullptr);
}

void accepted(evconnlistener*, evutil_socket_t socket, sockaddr*, int, void* argument) {
  new Connection(*static_cast<Server*>(argument), socket, readable, writable);
}

}  // namespace

int main(int count, char** arguments) {
  const peers::Options options = peers::options_from(count, arguments);
  const int socket = peers::listen_on(options.port);
  Server server{::event_base_new(), options.buffer};
  if (server.base == nullptr) peers::fail("event_base_new");
  const unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC;
  if (::evconnlistener_new(server.base, accepted, &server, flags, 0, socket) == nullptr) {
    peers::fail("evconnlistener_new");
  }
  peers::announce(socket);
  return ::event_base_dispatch(server.base);
}
