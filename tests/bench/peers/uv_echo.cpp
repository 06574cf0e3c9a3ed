// An echo server over libuv. It tries to write a message with uv_try_write, libuv's shortest way to
// the socket. Only the remaining bytes become a queued uv_write, and until that is done the
// connection is not read.
#include <uv.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "peer.hpp"

namespace {

struct Connection {
  Connection(uv_loop_t* loop, std::size_t bytes)
      : capacity(bytes), buffer(std::make_unique_for_overwrite<char[]>(bytes)) {
    uv_tcp_init(loop, &socket);
    socket.data = this;
    request.data = this;
  }

  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&socket); }
  uv_handle_t* handle() { return reinterpret_cast<uv_handle_t*>(&socket); }
  void end() {
    if (uv_is_closing(handle()) != 0) return;
    uv_close(handle(), [](uv_handle_t* closed) { delete static_cast<Connection*>(closed->data); });
  }

  uv_tcp_t socket;
  uv_write_t request;
  std::size_t capacity;
  std::unique_ptr<char[]> buffer;
};

Connection& connection_of(void* data) { return *static_cast<Connection*>(data); }

void give_buffer(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
  Connection& connection = connection_of(handle->data);
  *buffer = uv_buf_init(connection.buffer.get(), static_cast<unsigned>(connection.capacity));
}

void received(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer);

void written(uv_write_t* request, int status) {
  Connection& connection = connection_of(request->data);
  if (status < 0) return connection.end();
  uv_read_start(connection.stream(), give_buffer, received);
}

void received(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
  Connection& connection = connection_of(stream->data);
  if (count < 0) return connection.end();
  if (count == 0) return;  // would block
  uv_buf_t rest = uv_buf_init(buffer->base, static_cast<unsigned>(count));
  const int sent = uv_try_write(stream, &rest, 1);
  if (sent < 0 && sent != UV_EAGAIN) return connection.end();
  const std::size_t gone = sent < 0 ? 0 : static_cast<std::size_t>(sent);
  if (gone == rest.len) return;
  rest.base += gone;
  rest.len -= gone;
  uv_read_stop(stream);
  if (uv_write(&connection.request, stream, &rest, 1, written) != 0) connection.end();
}

void connected(uv_stream_t* listener, int status) {
  if (status < 0) return;
  const auto* options = static_cast<const peers::Options*>(listener->data);
  auto* connection = new Connection(listener->loop, options->buffer);
  if (uv_accept(listener, connection->stream()) != 0) return connection->end();
  uv_tcp_nodelay(&connection->socket, 1);
  uv_read_start(connection->stream(), give_buffer, received);
}

void check(int status, const char* what) {
  if (status >= 0) return;
  std::fprintf(stderr, "%s: %s\n", what, uv_strerror(status));
  std::exit(1);
}

}  // namespace

int main(int count, char** arguments) {
  peers::Options options = peers::options_from(count, arguments);
  const int socket = peers::listen_on(options.port);
  uv_loop_t* loop = uv_default_loop();
  uv_tcp_t listener;
  check(uv_tcp_init(loop, &listener), "uv_tcp_init");
  check(uv_tcp_open(&listener, socket), "uv_tcp_open");
  listener.data = &options;
  check(uv_listen(reinterpret_cast<uv_stream_t*>(&listener), SOMAXCONN, connected), "uv_listen");
  peers::announce(socket);
  return uv_run(loop, UV_RUN_DEFAULT);
}
