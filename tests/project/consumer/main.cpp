// What a program outside this tree includes and links: an echo round trip with itself over
// the real network.
#include <array>
#include <cstddef>
#include <cstdio>
#include <span>
#include <utility>

#include <rehearsal/epoll.hpp>
#include <rehearsal/server.hpp>

using Net = rehearsal::Epoll;

namespace {

rehearsal::Task<> echo_once(rehearsal::Listener<Net>& listener) {
  auto client = co_await listener.accept();
  std::array<std::byte, 16> buffer{};
  const std::size_t count = co_await client->recv(buffer);
  co_await client->send_all(std::span(buffer).first(count));
}

rehearsal::Task<> ask(rehearsal::Host<Net>& host, rehearsal::Endpoint server, std::byte question,
                      std::byte& answer) {
  auto stream = co_await host.connect(server);
  const std::array question_bytes{question};
  co_await stream.send_all(question_bytes);
  std::array<std::byte, 1> answer_bytes{};
  co_await stream.recv_exactly(answer_bytes);
  answer = answer_bytes.front();
}

}  // namespace

int main() {
  Net network;
  rehearsal::Host<Net> host(network);
  auto listener = host.listen(rehearsal::Endpoint("127.0.0.1", 0));
  std::byte answer{};
  host.spawn("server", echo_once(listener)).detach();
  host.spawn("client", ask(host, listener.local(), std::byte{42}, answer)).detach();
  host.run();
  std::puts(answer == std::byte{42} ? "echoed" : "not echoed");
  return answer == std::byte{42} ? 0 : 1;
}
