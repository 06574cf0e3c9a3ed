// Servers of libevent.
#include <netinet/in.h>

#include <string>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

#include "tests/corpus/guests/programs/redis_protocol.hpp"
#include "tests/corpus/guests/programs/servers.hpp"

namespace rehearsal::guests {
namespace {

void echo(bufferevent* connection, void* /*argument*/) {
  evbuffer_add_buffer(bufferevent_get_output(connection), bufferevent_get_input(connection));
}

void answer_redis(bufferevent* connection, void* argument) {
  auto* commands = static_cast<RedisCommands*>(argument);
  evbuffer* input = bufferevent_get_input(connection);
  const std::size_t size = evbuffer_get_length(input);
  commands->append({reinterpret_cast<const char*>(evbuffer_pullup(input, -1)), size});
  evbuffer_drain(input, size);
  const std::string answers = commands->answers();
  bufferevent_write(connection, answers.data(), answers.size());
}

void finish(bufferevent* connection, short events, void* argument) {
  if ((events & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0) {
    delete static_cast<RedisCommands*>(argument);
    bufferevent_free(connection);
  }
}

template <bool redis>
void accept_connection(evconnlistener* listener, evutil_socket_t file, sockaddr* /*from*/,
                       int /*size*/, void* /*argument*/) {
  event_base* base = evconnlistener_get_base(listener);
  bufferevent* connection = bufferevent_socket_new(base, file, BEV_OPT_CLOSE_ON_FREE);
  bufferevent_setcb(connection, redis ? answer_redis : echo, nullptr, finish,
                    redis ? new RedisCommands : nullptr);
  bufferevent_enable(connection, EV_READ | EV_WRITE);
}

void serve(std::uint16_t port, evconnlistener_cb accept) {
  event_base* base = event_base_new();
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  evconnlistener* listener =
      evconnlistener_new_bind(base, accept, nullptr, LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE, -1,
                              reinterpret_cast<sockaddr*>(&at), sizeof at);
  if (listener != nullptr) {
    event_base_dispatch(base);
    evconnlistener_free(listener);
  }
  event_base_free(base);
}

void answer_page(evhttp_request* request, void* /*argument*/) {
  const char* path = evhttp_request_get_uri(request);
  evbuffer* body = evbuffer_new();
  evbuffer_add_printf(body, "page %s", path + 1);
  evhttp_send_reply(request, HTTP_OK, "OK", body);
  evbuffer_free(body);
}

}  // namespace

void event_echo_server(std::uint16_t port) { serve(port, accept_connection<false>); }
void event_redis_server(std::uint16_t port) { serve(port, accept_connection<true>); }

void event_http_server(std::uint16_t port) {
  event_base* base = event_base_new();
  evhttp* http = evhttp_new(base);
  evhttp_set_gencb(http, answer_page, nullptr);
  if (evhttp_bind_socket(http, "0.0.0.0", port) == 0) {
    event_base_dispatch(base);
  }
  evhttp_free(http);
  event_base_free(base);
}

}  // namespace rehearsal::guests
