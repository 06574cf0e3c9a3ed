// An echo server written by hand over epoll: no coroutines, no library, no wasted system call. It
// is the limit that the other servers are measured against.
//
// Each socket is registered once in its life, edge-triggered and in both directions: with level
// triggering the next epoll_wait would poll a drained descriptor a second time. A recv that filled
// less than its buffer has drained the socket (epoll(7)), unless the peer has hung up: data and FIN
// may come as one edge.
#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>

#include "peer.hpp"

namespace {

struct Connection {
  Connection(int socket, std::size_t capacity)
      : descriptor(socket), buffer(std::make_unique_for_overwrite<char[]>(capacity)) {}
  ~Connection() { ::close(descriptor); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int descriptor;
  std::size_t begin = 0;  // [begin, end) of the buffer has been read and not yet sent
  std::size_t end = 0;
  std::unique_ptr<char[]> buffer;
};

enum class Outcome { waits, ended };

bool would_block() { return errno == EAGAIN; }

// Sends the pending bytes. The server reads no more until all of them are sent, so a peer that
// never reads clogs only itself.
Outcome flush(Connection& connection) {
  while (connection.begin != connection.end) {
    const ssize_t sent = ::send(connection.descriptor, connection.buffer.get() + connection.begin,
                                connection.end - connection.begin, MSG_NOSIGNAL);
    if (sent < 0) return would_block() ? Outcome::waits : Outcome::ended;
    connection.begin += static_cast<std::size_t>(sent);
  }
  return Outcome::waits;
}

Outcome echo(Connection& connection, std::size_t capacity, std::uint32_t events) {
  const bool hung_up = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if (connection.begin != connection.end && flush(connection) == Outcome::ended) {
    return Outcome::ended;
  }
  while (connection.begin == connection.end) {
    const ssize_t received = ::recv(connection.descriptor, connection.buffer.get(), capacity, 0);
    if (received == 0) return Outcome::ended;
    if (received < 0) return would_block() ? Outcome::waits : Outcome::ended;
    connection.begin = 0;
    connection.end = static_cast<std::size_t>(received);
    if (flush(connection) == Outcome::ended) return Outcome::ended;
    if (connection.end < capacity && !hung_up) return Outcome::waits;
  }
  return Outcome::waits;
}

void accept_all(int listener, int epoll, std::size_t capacity) {
  for (;;) {
    const int descriptor = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return;
    auto connection = std::make_unique<Connection>(descriptor, capacity);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = connection.get();
    if (::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) peers::fail("epoll_ctl");
    connection.release();  // owned by the registration, deleted when the connection ends
  }
}

}  // namespace

int main(int count, char** arguments) {
  const peers::Options options = peers::options_from(count, arguments);
  const int listener = peers::listen_on(options.port);
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) peers::fail("epoll_create1");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;  // the listener
  if (::epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) peers::fail("epoll_ctl");
  peers::announce(listener);

  std::array<epoll_event, 512> events;
  for (;;) {
    const int ready = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int index = 0; index < ready; ++index) {
      const epoll_event& happened = events[static_cast<std::size_t>(index)];
      auto* connection = static_cast<Connection*>(happened.data.ptr);
      if (connection == nullptr) {
        accept_all(listener, epoll, options.buffer);
      } else if (echo(*connection, options.buffer, happened.events) == Outcome::ended) {
        delete connection;
      }
    }
  }
}
