// Servers of libuv.
#include <uv.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "tests/corpus/guests/programs/redis_protocol.hpp"
#include "tests/corpus/guests/programs/servers.hpp"

namespace rehearsal::guests {
namespace {

struct Client {
  uv_tcp_t tcp;
  bool redis;
  RedisCommands commands;
};

struct Write {
  uv_write_t request;
  std::string bytes;
};

void allocate(uv_handle_t* /*handle*/, std::size_t size, uv_buf_t* buffer) {
  *buffer = uv_buf_init(static_cast<char*>(std::malloc(size)), static_cast<unsigned>(size));
}

void close_client(uv_handle_t* handle) { delete static_cast<Client*>(handle->data); }

void written(uv_write_t* request, int /*status*/) { delete static_cast<Write*>(request->data); }

void write(uv_stream_t* stream, std::string bytes) {
  auto* write = new Write{{}, std::move(bytes)};
  write->request.data = write;
  uv_buf_t buffer = uv_buf_init(write->bytes.data(), static_cast<unsigned>(write->bytes.size()));
  uv_write(&write->request, stream, &buffer, 1, written);
}

void have_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
  auto* client = static_cast<Client*>(stream->data);
  if (count > 0) {
    std::string bytes(buffer->base, static_cast<std::size_t>(count));
    if (client->redis) {
      client->commands.append(bytes);
      bytes = client->commands.answers();
    }
    write(stream, std::move(bytes));
  } else if (count < 0) {
    uv_close(reinterpret_cast<uv_handle_t*>(stream), close_client);
  }
  std::free(buffer->base);
}

void accept_client(uv_stream_t* server, int status) {
  if (status < 0) {
    return;
  }
  auto* client = new Client{{}, server->data != nullptr, {}};
  uv_tcp_init(server->loop, &client->tcp);
  client->tcp.data = client;
  auto* stream = reinterpret_cast<uv_stream_t*>(&client->tcp);
  if (uv_accept(server, stream) == 0) {
    uv_read_start(stream, allocate, have_read);
  } else {
    uv_close(reinterpret_cast<uv_handle_t*>(stream), close_client);
  }
}

void serve(std::uint16_t port, bool redis) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  uv_tcp_t server;
  uv_tcp_init(&loop, &server);
  server.data = redis ? &server : nullptr;
  sockaddr_in at{};
  uv_ip4_addr("0.0.0.0", port, &at);
  uv_tcp_bind(&server, reinterpret_cast<sockaddr*>(&at), 0);
  if (uv_listen(reinterpret_cast<uv_stream_t*>(&server), 16, accept_client) == 0) {
    uv_run(&loop, UV_RUN_DEFAULT);
  }
  uv_loop_close(&loop);
}

}  // namespace

void uv_echo_server(std::uint16_t port) { serve(port, false); }
void uv_redis_server(std::uint16_t port) { serve(port, true); }

}  // namespace rehearsal::guests
