// Servers, each written as the manual of its library shows. They listen on the port and serve
// until their host ends.
#pragma once

#include <cstdint>

namespace rehearsal::guests {

// Servers that return what they receive.
void event_echo_server(std::uint16_t port);
void uv_echo_server(std::uint16_t port);

// Servers that answer PING and ECHO in the protocol of Redis.
void asio_redis_server(std::uint16_t port);
void event_redis_server(std::uint16_t port);
void uv_redis_server(std::uint16_t port);

// Servers that answer SELECT 'text' in the protocol of PostgreSQL.
void socket_postgres_server(std::uint16_t port);
void asio_postgres_server(std::uint16_t port);

// Servers that answer GET /N with "page N".
void event_http_server(std::uint16_t port);
void microhttpd_select_server(std::uint16_t port);
void microhttpd_epoll_server(std::uint16_t port);

}  // namespace rehearsal::guests
