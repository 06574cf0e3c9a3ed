// Clients that ask a server, each written as the manual of its library shows. Each asks `rounds`
// questions, in order. It opens a new connection if one breaks, up to a limit, and then stops.
// Returns how many questions were answered, or -1 if an answer was wrong.
#pragma once

#include <cstdint>

namespace rehearsal::guests {

struct Server {
  const char* host;
  std::uint16_t port;
};

// Sends lines to an echo server by blocking calls of sockets.
int socket_client(const Server& server, int rounds);
// Sends datagrams to an echo server, and sends each again until it is answered.
int datagram_client(const Server& server, int rounds);
// Says lines in the chat of asio's examples, and waits until it hears each.
int chat_client(const Server& server, int rounds);
// Sends ECHO to a server that speaks the protocol of Redis, three at a time.
int hiredis_client(const Server& server, int rounds);
// Sends SELECT to a server that speaks the protocol of PostgreSQL.
int postgres_client(const Server& server, int rounds);
// Gets pages by HTTP. The body of "/N" must be "page N".
int curl_client(const Server& server, int rounds);

}  // namespace rehearsal::guests
