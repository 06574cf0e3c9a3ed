// A server that uses sockets directly, one client at a time.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "tests/corpus/guests/programs/postgres_protocol.hpp"
#include "tests/corpus/guests/programs/servers.hpp"

namespace rehearsal::guests {
namespace {

bool send_all(int file, const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = send(file, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return false;
    }
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

void serve(int file) {
  PostgresSession session;
  while (!session.over()) {
    char bytes[1024];
    const ssize_t count = recv(file, bytes, sizeof bytes, 0);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return;
    }
    session.append({bytes, static_cast<std::size_t>(count)});
    if (!send_all(file, session.answers())) {
      return;
    }
  }
}

}  // namespace

void socket_postgres_server(std::uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  if (bind(listener, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 ||
      listen(listener, 16) != 0) {
    return;
  }
  for (;;) {
    const int file = accept(listener, nullptr, nullptr);
    if (file >= 0) {
      serve(file);
      close(file);
    }
  }
}

}  // namespace rehearsal::guests
