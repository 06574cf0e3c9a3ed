// TLS over loopback, on both networks.
#include "tests/realnet/loopback.hpp"
#include "tests/sched/tls/tls_world.hpp"

namespace rehearsal::tls {
namespace {

template <class Net>
class TlsOver : public realnet::OverKernel<Net> {};
TYPED_TEST_SUITE(TlsOver, realnet::BothNetworks, realnet::NetworkNames);

template <Network Net>
Task<> serve_clients(sched::Listener<Net>& listener, Host<Net>& host, int clients) {
  sched::TaskGroup sessions(host);
  for (int i = 0; i < clients; ++i) {
    auto client = co_await listener.accept();
    sessions.spawn(echo_session(std::move(*client), server_context()));
  }
  co_await sessions.join();
}

TYPED_TEST(TlsOver, loopback_echoes_of_many_clients_come_back) {
  Host<TypeParam> host(this->net_);
  auto listener = host.listen({"127.0.0.1", 0});
  const std::uint16_t port = listener.local().port();
  host.spawn(serve_clients(listener, host, 20)).detach();
  for (int i = 0; i < 20; ++i) {
    host.spawn(echo_client(host, {"127.0.0.1", port}, client_context(), 50)).detach();
  }
  EXPECT_EQ(host.run(), sched::RunEnd::done);
  EXPECT_EQ(host.scheduler().failures(), 0U);
}

template <Network Net>
Task<> send_much(TlsStream<Stream<Net>>& to, std::size_t size) {
  const std::vector<std::byte> much(size, std::byte{3});
  co_await to.send_all(much);
  co_await to.shutdown_send();
}

template <Network Net>
Task<> receive_much(TlsStream<Stream<Net>>& from, std::size_t size) {
  std::vector<std::byte> much(size + 1);
  const std::size_t got = co_await from.recv_exactly(much);
  EXPECT_EQ(got, size);
  EXPECT_EQ(std::ranges::count(much, std::byte{3}), static_cast<std::ptrdiff_t>(size));
}

constexpr std::size_t much_bytes = 20'000'000;

template <Network Net>
Task<> exchange(TlsStream<Stream<Net>> stream, Host<Net>& host) {
  sched::TaskGroup both(host);
  both.spawn(send_much(stream, much_bytes));
  both.spawn(receive_much(stream, much_bytes));
  co_await both.join();
}

template <Network Net>
Task<> exchange_as_server(sched::Listener<Net>& listener, Host<Net>& host) {
  auto plain = co_await listener.accept();
  auto stream = co_await tls_accept(server_context(), std::move(*plain));
  co_await exchange(std::move(stream), host);
}

template <Network Net>
Task<> exchange_as_client(Host<Net>& host, std::uint16_t port) {
  auto stream = co_await connect_securely(host, {"127.0.0.1", port}, client_context());
  co_await exchange(std::move(stream), host);
}

TYPED_TEST(TlsOver, loopback_carries_much_both_ways_at_once) {
  Host<TypeParam> host(this->net_);
  auto listener = host.listen({"127.0.0.1", 0});
  host.spawn(exchange_as_server(listener, host)).detach();
  host.spawn(exchange_as_client(host, listener.local().port())).detach();
  EXPECT_EQ(host.run(), sched::RunEnd::done);
  EXPECT_EQ(host.scheduler().failures(), 0U);
}

template <Network Net>
Task<> send_three_records(sched::Listener<Net>& listener) {
  auto plain = co_await listener.accept();
  auto stream = co_await tls_accept(server_context(), std::move(*plain));
  co_await stream.send_all(std::string_view("a"));
  co_await stream.send_all(std::string_view("b"));
  std::byte byte{};
  const std::size_t first = co_await stream.recv(sched::Bytes(&byte, 1));
  EXPECT_EQ(first, 1U);
  co_await stream.send_all(std::string_view("c"));
  const std::size_t second = co_await stream.recv(sched::Bytes(&byte, 1));
  EXPECT_EQ(second, 0U);
}

// Receives the third record when it is in the kernel, and the second still in OpenSSL's buffer.
template <Network Net>
Task<> receive_three_records(Host<Net>& host, std::uint16_t port) {
  auto stream = co_await connect_securely(host, {"127.0.0.1", port}, client_context());
  std::byte byte{};
  // Both have come, or the second is read from the kernel, which tests less.
  co_await sched::sleep_for(10ms);
  const std::size_t one = co_await stream.recv(sched::Bytes(&byte, 1));
  EXPECT_EQ(one, 1U);
  EXPECT_EQ(byte, std::byte{'a'});
  co_await stream.send_all(std::string_view("!"));
  while (!realnet::readable(stream.handle().descriptor)) {
    co_await sched::yield();
  }
  co_await sched::yield();  // the network reports it
  const std::size_t two = co_await stream.recv(sched::Bytes(&byte, 1));
  EXPECT_EQ(two, 1U);
  EXPECT_EQ(byte, std::byte{'b'});
  const std::size_t three = co_await stream.recv(sched::Bytes(&byte, 1));
  EXPECT_EQ(three, 1U);
  EXPECT_EQ(byte, std::byte{'c'});
}

TYPED_TEST(TlsOver, loopback_wakes_a_read_by_what_came_before_the_last_one) {
  Host<TypeParam> host(this->net_);
  auto listener = host.listen({"127.0.0.1", 0});
  host.spawn(send_three_records(listener)).detach();
  host.spawn(receive_three_records(host, listener.local().port())).detach();
  EXPECT_EQ(host.run(), sched::RunEnd::done);
  EXPECT_EQ(host.scheduler().failures(), 0U);
}

}  // namespace
}  // namespace rehearsal::tls
