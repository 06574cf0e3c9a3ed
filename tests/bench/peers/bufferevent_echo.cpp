// An echo server over libevent's buffered streams, the level at which most programs use libevent.
// Messages move from the input to the output without a copy between the two. If a client's answers
// pile up, the server stops reading from it until it has taken all of them.
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "peer.hpp"

namespace {

void readable(bufferevent* client, void* argument) {
  const auto& options = *static_cast<const peers::Options*>(argument);
  evbuffer* output = ::bufferevent_get_output(client);
  ::bufferevent_read_buffer(client, output);
  if (::evbuffer_get_length(output) > options.buffer) ::bufferevent_disable(client, EV_READ);
}

void drained(bufferevent* client, void*) {
  if ((::bufferevent_get_enabled(client) & EV_READ) == 0) ::bufferevent_enable(client, EV_READ);
}

// The peer has finished or is gone. Bytes that it sent before may still be on their way back.
void ended(bufferevent* client, short, void*) {
  if (::evbuffer_get_length(::bufferevent_get_output(client)) == 0) {
    ::bufferevent_free(client);
    return;
  }
  ::bufferevent_disable(client, EV_READ);
  ::bufferevent_setcb(
      client, nullptr, [](bufferevent* done, void*) { ::bufferevent_free(done); },
      [](bufferevent* done, short, void*) { ::bufferevent_free(done); }, nullptr);
}

void accepted(evconnlistener* listener, evutil_socket_t socket, sockaddr*, int, void* argument) {
  const auto& options = *static_cast<const peers::Options*>(argument);
  event_base* base = ::evconnlistener_get_base(listener);
  bufferevent* client = ::bufferevent_socket_new(base, socket, BEV_OPT_CLOSE_ON_FREE);
  if (client == nullptr) peers::fail("bufferevent_socket_new");
  ::bufferevent_set_max_single_read(client, options.buffer);
  ::bufferevent_setcb(client, readable, drained, ended, argument);
  ::bufferevent_enable(client, EV_READ | EV_WRITE);
}

}  // namespace

int main(int count, char** arguments) {
  peers::Options options = peers::options_from(count, arguments);
  const int socket = peers::listen_on(options.port);
  event_base* base = ::event_base_new();
  if (base == nullptr) peers::fail("event_base_new");
  const unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC;
  if (::evconnlistener_new(base, accepted, &options, flags, 0, socket) == nullptr) {
    peers::fail("evconnlistener_new");
  }
  peers::announce(socket);
  return ::event_base_dispatch(base);
}
