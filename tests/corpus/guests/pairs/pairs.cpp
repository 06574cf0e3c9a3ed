#include "tests/corpus/guests/pairs/pairs.hpp"

#include <uv.h>

#include <functional>
#include <string>
#include <utility>

#include <curl/curl.h>
#include <event2/event.h>

#include "tests/corpus/guests/pairs/console.hpp"
#include "tests/corpus/guests/programs/asio_examples.hpp"
#include "tests/corpus/guests/programs/clients.hpp"
#include "tests/corpus/guests/programs/servers.hpp"

namespace rehearsal::guests {
namespace {

using simnet::Rates;
using simnet::Scenario;
using simnet::Site;
using simnet::World;

constexpr std::uint16_t port = 9000;
constexpr int rounds = 5;

using Main = int (*)(int, char**);
using Serve = std::function<void()>;
using Client = int (*)(const Server&, int);

// Returns a program that calls main() with these arguments.
Serve program(Main main, std::vector<std::string> arguments) {
  return [main, arguments = std::move(arguments)] {
    std::vector<std::string> texts{"program"};
    texts.insert(texts.end(), arguments.begin(), arguments.end());
    std::vector<char*> words;
    for (std::string& text : texts) {
      words.push_back(text.data());
    }
    words.push_back(nullptr);
    main(static_cast<int>(texts.size()), words.data());
  };
}

Serve server(void (*serve)(std::uint16_t)) {
  return [serve] { serve(port); };
}

// Everything that a network does: connections break, cannot be made or accepted, calls move a part,
// datagrams are lost or come twice.
Rates rates() {
  Rates rates = Rates::usual();
  rates[Site::reset] = {5'000, 1};
  rates[Site::connect] = {5'000, 4};
  rates[Site::accept] = {5'000, 6};
  rates[Site::recv] = {50'000, 16};
  rates[Site::send] = {50'000, 16};
  rates[Site::lost] = {20'000, 1};
  rates[Site::duplicate] = {20'000, 1};
  return rates;
}

Scenario scenario(const std::string& name, const std::string& description,
                  std::function<void(World&)> build) {
  Scenario made(name, description, std::move(build));
  made.rates = rates();
  return made;
}

// Two clients that ask one server. Each answer is that of its question.
Scenario pair(const std::string& name, const std::string& description, const Serve& serve,
              Client client) {
  return scenario(name, description, [serve, client](World& world) {
    world.make<Console>("");
    world.host("server").daemon().guest("serve", serve);
    for (const char* one : {"client-1", "client-2"}) {
      world.host(one).guest("ask", [&world, client] {
        const int answered = client({"server", port}, rounds);
        world.always("each answer is that of its question", answered >= 0);
        world.sometimes("all questions are answered", answered == rounds);
      });
    }
  });
}

// These servers stop to accept after an accept that fails (README.md).
Scenario accepts_all(Scenario scenario) {
  scenario.rates[Site::accept] = {};
  return scenario;
}

// One of asio's example clients, which prints `expected` unless its connection breaks.
Scenario example(const std::string& name, const std::string& description, const Serve& serve,
                 const Serve& client, const std::string& typed, const std::string& expected) {
  return scenario(name, description, [=](World& world) {
    auto& console = world.make<Console>(typed);
    world.host("server").daemon().guest("serve", serve);
    world.host("client").guest("ask", [=, &world, &console] {
      client();
      const std::string written = console.written();
      const bool answered = written.find(expected) != std::string::npos;
      world.always("the client is answered or its connection breaks",
                   answered || written.find("Exception: ") != std::string::npos);
      world.sometimes("the client is answered", answered);
    });
  });
}

// What these libraries keep for the whole process, such as a pipe, then belongs to no guest.
void initialise_libraries() {
  event_set_log_callback([](int /*severity*/, const char* /*message*/) {});
  curl_global_init(CURL_GLOBAL_ALL);
  uv_loop_t loop;
  uv_loop_init(&loop);
  uv_loop_close(&loop);
}

}  // namespace

std::vector<Scenario> pairs() {
  initialise_libraries();
  const std::string at = std::to_string(port);
  const Serve asio_echo = program(async_tcp_echo::main, {at});
  const Serve asio_lines = program(line_server::main, {at, "10.0.0.1", "9001"});
  return {
      accepts_all(pair("asio_echo.sockets", "asio's asynchronous echo server, blocking sockets",
                       asio_echo, socket_client)),
      accepts_all(example("asio_echo.asio", "asio's asynchronous echo server and blocking client",
                          asio_echo, program(blocking_tcp_client::main, {"server", at}),
                          "a question", "Reply is: a question\n")),
      accepts_all(example("asio_lines.asio", "asio's server and client with timeouts", asio_lines,
                          program(line_client::main, {"server", at, "a question"}), "",
                          "Round trip time: ")),
      accepts_all(pair("asio_chat.sockets", "asio's chat server, blocking sockets",
                       program(chat::main, {at}), chat_client)),
      pair("asio_datagrams.sockets", "asio's asynchronous UDP echo server, blocking sockets",
           program(async_udp_echo::main, {at}), datagram_client),
      pair("asio_blocking_datagrams.sockets", "asio's blocking UDP echo server, blocking sockets",
           program(blocking_udp_echo::main, {at}), datagram_client),
      accepts_all(pair("asio_redis.hiredis", "A server of asio's coroutines, hiredis",
                       server(asio_redis_server), hiredis_client)),
      pair("libevent_redis.hiredis", "A libevent server, hiredis", server(event_redis_server),
           hiredis_client),
      pair("libuv_redis.hiredis", "A libuv server, hiredis", server(uv_redis_server),
           hiredis_client),
      pair("libevent_echo.sockets", "A libevent server, blocking sockets",
           server(event_echo_server), socket_client),
      pair("libuv_echo.sockets", "A libuv server, blocking sockets", server(uv_echo_server),
           socket_client),
      pair("sockets_postgres.libpq", "A server of blocking sockets, libpq",
           server(socket_postgres_server), postgres_client),
      accepts_all(pair("asio_postgres.libpq", "A server of asio's coroutines, libpq",
                       server(asio_postgres_server), postgres_client)),
      pair("libevent_http.curl", "libevent's HTTP server, libcurl", server(event_http_server),
           curl_client),
      pair("microhttpd_select.curl", "libmicrohttpd with select(), libcurl",
           server(microhttpd_select_server), curl_client),
      accepts_all(pair("microhttpd_epoll.curl", "libmicrohttpd with epoll, libcurl",
                       server(microhttpd_epoll_server), curl_client)),
  };
}

}  // namespace rehearsal::guests
