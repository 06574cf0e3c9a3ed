// The kernel's socket calls, each against the other end of a connection over loopback.
#include "realnet/sockets.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <numeric>
#include <string_view>

#include "tests/realnet/has_ipv6.hpp"
#include "tests/realnet/loopback.hpp"

namespace rehearsal::realnet {
namespace {

class SocketCalls : public Guarded {};

int option(Descriptor socket, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(socket, level, name, &value, &size), 0);
  return value;
}

void expect_stream_options(Descriptor socket) {
  EXPECT_NE(option(socket, IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_NE(option(socket, SOL_SOCKET, SO_OOBINLINE), 0);
  EXPECT_NE(::fcntl(socket, F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(socket, F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(SocketCalls, both_ends_have_the_options_and_never_block) {
  for (const char* address : {"127.0.0.1", "::1"}) {
    if (address == std::string_view("::1") && !has_ipv6()) {
      GTEST_SKIP() << "this machine has no IPv6; IPv4 was tested";
    }
    const auto listener = Sockets::listen({address, 0});
    ASSERT_TRUE(listener.ok());
    const auto connecting = Sockets::connect(Sockets::local(listener.value()).value());
    ASSERT_TRUE(connecting.ok());
    const auto accepted =
        eventually(listener.value(), POLLIN, [&] { return Sockets::accept(listener.value()); });
    ASSERT_TRUE(accepted.ok());
    expect_stream_options(accepted.value().descriptor);
    expect_stream_options(connecting.value().descriptor);
    EXPECT_EQ(accepted.value().peer, Sockets::local(connecting.value().descriptor).value());
    Sockets::close(accepted.value().descriptor);
    Sockets::close(connecting.value().descriptor);
    Sockets::close(listener.value());
  }
}

TEST_F(SocketCalls, a_taken_port_is_refused_unless_both_share_it) {
  const Descriptor first = listen_on_loopback({.backlog = 0, .reuse_port = true});
  const Endpoint at = Sockets::local(first).value();
  EXPECT_EQ(Sockets::listen(at, {}).error(), std::errc::address_in_use);
  const auto second = Sockets::listen(at, {.backlog = 0, .reuse_port = true});
  ASSERT_TRUE(second.ok());
  Sockets::close(first);
  Sockets::close(second.value());
}

// Returns the number of the next descriptor that is opened.
Descriptor next_descriptor() {
  const Descriptor next = ::eventfd(0, EFD_CLOEXEC);
  EXPECT_GE(next, 0);
  ::close(next);
  return next;
}

TEST_F(SocketCalls, a_socket_that_cannot_be_set_up_is_closed) {
  const Descriptor listener = listen_on_loopback();
  const Endpoint taken = Sockets::local(listener).value();
  const Endpoint elsewhere("192.0.2.1", 0);  // reserved for documentation (RFC 5737)
  const Descriptor next = next_descriptor();
  EXPECT_EQ(Sockets::listen(taken).error(), std::errc::address_in_use);
  EXPECT_EQ(Sockets::listen(elsewhere).error(), std::errc::address_not_available);
  EXPECT_EQ(Sockets::bind(elsewhere, {}).error(), std::errc::address_not_available);
  EXPECT_FALSE(Sockets::connect({"255.255.255.255", 9}).ok());
  EXPECT_FALSE(Sockets::connect(Endpoint::of_unix("/nobody/listens/here")).ok());
  EXPECT_FALSE(Sockets::listen(Endpoint::of_unix("/nobody/listens/here")).ok());
  EXPECT_EQ(next_descriptor(), next);
  Sockets::close(listener);
}

TEST_F(SocketCalls, a_socket_may_have_the_number_0) {
  const Descriptor stdin_copy = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  ::close(STDIN_FILENO);
  errno = ENOTSUP;  // of an earlier call
  const auto listener = Sockets::listen({"127.0.0.1", 0});
  EXPECT_TRUE(listener.ok());
  EXPECT_EQ(listener.value(), STDIN_FILENO);
  ::close(STDIN_FILENO);
  EXPECT_FALSE(Sockets::listen({"192.0.2.1", 0}).ok());
  EXPECT_EQ(next_descriptor(), STDIN_FILENO) << "the socket that could not be bound is closed";
  if (stdin_copy >= 0) {
    ::dup2(stdin_copy, STDIN_FILENO);
    ::close(stdin_copy);
  }
}

TEST_F(SocketCalls, a_port_with_old_connections_can_be_listened_on_again) {
  const Descriptor first = listen_on_loopback();
  const Endpoint at = Sockets::local(first).value();
  const auto client = Sockets::connect(at);
  const auto served = eventually(first, POLLIN, [first] { return Sockets::accept(first); });
  // The end that closes first keeps the port in TIME_WAIT.
  Sockets::close(served.value().descriptor);
  EXPECT_EQ(receive(client.value().descriptor), "[end]");
  Sockets::close(client.value().descriptor);
  Sockets::close(first);
  const auto second = Sockets::listen(at);
  ASSERT_TRUE(second.ok());
  Sockets::close(second.value());
}

TEST_F(SocketCalls, an_ipv6_wildcard_takes_ipv4_clients_by_default) {
  for (const bool ipv6_only : {false, true}) {
    sched::ListenOptions options;
    options.ipv6_only = ipv6_only;
    if (!has_ipv6()) {
      GTEST_SKIP() << "this machine has no IPv6";
    }
    const auto listener = Sockets::listen({"::", 0}, options);
    ASSERT_TRUE(listener.ok());
    const auto port = Sockets::local(listener.value()).value().port();
    const auto client = Sockets::connect({"127.0.0.1", port});
    std::errc error = client.error();
    if (client.ok()) {
      const Descriptor socket = client.value().descriptor;
      error = eventually(socket, POLLOUT, [=] { return Sockets::connected(socket); }).error();
      Sockets::close(socket);
    }
    EXPECT_EQ(error, ipv6_only ? std::errc::connection_refused : std::errc{});
    Sockets::close(listener.value());
  }
}

TEST_F(SocketCalls, a_refused_connection_is_an_error) {
  const Descriptor listener = listen_on_loopback();
  const Endpoint nobody = Sockets::local(listener).value();
  Sockets::close(listener);
  const auto client = Sockets::connect(nobody);
  if (!client.ok()) {
    EXPECT_EQ(client.error(), std::errc::connection_refused);
    return;
  }
  const Descriptor socket = client.value().descriptor;
  const auto answer = eventually(socket, POLLOUT, [=] { return Sockets::connected(socket); });
  EXPECT_EQ(answer.error(), std::errc::connection_refused);
  Sockets::close(socket);
}

TEST_F(SocketCalls, a_connection_that_is_still_being_made_is_not_connected) {
  // A listener whose backlog is full does not answer.
  const Descriptor listener = listen_on_loopback({.backlog = 1});
  const Endpoint at = Sockets::local(listener).value();
  std::vector<Descriptor> clients;
  bool one_still_waits = false;
  for (int i = 0; i < 6; ++i) {
    const auto client = Sockets::connect(at);
    ASSERT_TRUE(client.ok());
    clients.push_back(client.value().descriptor);
    one_still_waits |= Sockets::connected(clients.back()).error() == sched::would_block;
  }
  EXPECT_TRUE(one_still_waits);
  for (const Descriptor client : clients) {
    Sockets::close(client);
  }
  Sockets::close(listener);
}

TEST_F(SocketCalls, a_call_that_cannot_continue_would_block) {
  const Ends ends;
  std::array<std::byte, 8> buffer{};
  EXPECT_EQ(Sockets::recv(ends.ours(), buffer).error(), sched::would_block);
  const Descriptor listener = listen_on_loopback();
  EXPECT_EQ(Sockets::accept(listener).error(), sched::would_block);
  Sockets::close(listener);
  EXPECT_GT(fill(ends.ours()), 0U);
}

TEST_F(SocketCalls, a_send_gathers_its_pieces_in_order) {
  const Ends ends;
  const std::array pieces{bytes("one "), bytes(""), bytes("two "), bytes("three")};
  EXPECT_EQ(Sockets::send(ends.ours(), pieces).value(), 13U);
  EXPECT_EQ(receive(ends.theirs()), "one two three");
}

TEST_F(SocketCalls, a_gather_send_beyond_the_buffer_takes_a_prefix) {
  const Ends ends;
  std::string sent(8U << 20U, '\0');
  std::iota(sent.begin(), sent.end(), '\0');
  const auto half = sent.size() / 2;
  const std::array pieces{bytes(sent).first(half), bytes(sent).subspan(half)};
  const std::size_t taken = Sockets::send(ends.ours(), pieces).value();
  ASSERT_LT(taken, sent.size());
  std::string received;
  while (received.size() < taken) {
    received += receive(ends.theirs());
  }
  EXPECT_TRUE(received == sent.substr(0, taken));
}

TEST_F(SocketCalls, sending_to_a_peer_that_is_gone_is_an_error_and_no_signal) {
  Ends ends;
  ends.abort_theirs();
  EXPECT_EQ(receive(ends.ours()), "[Connection reset by peer]");
  // SIGPIPE would end the process here.
  EXPECT_EQ(send(ends.ours(), "x").error(), std::errc::broken_pipe);
  const std::array pieces{bytes("x"), bytes("y")};
  EXPECT_EQ(Sockets::send(ends.ours(), pieces).error(), std::errc::broken_pipe);
}

TEST_F(SocketCalls, shutdown_send_is_half_a_close_and_may_be_repeated) {
  const Ends ends;
  EXPECT_TRUE(Sockets::shutdown_send(ends.ours()).ok());
  EXPECT_TRUE(Sockets::shutdown_send(ends.ours()).ok());
  EXPECT_EQ(receive(ends.theirs()), "[end]");
  EXPECT_EQ(send(ends.theirs(), "still there").value(), 11U);
  EXPECT_EQ(receive(ends.ours()), "still there");
}

TEST_F(SocketCalls, shutdown_send_is_ok_where_the_peer_is_gone) {
  Ends ends;
  ends.abort_theirs();
  EXPECT_EQ(receive(ends.ours()), "[Connection reset by peer]");
  EXPECT_TRUE(Sockets::shutdown_send(ends.ours()).ok());
}

TEST_F(SocketCalls, close_ends_the_peers_stream_after_what_was_sent) {
  Ends ends;
  EXPECT_EQ(send(ends.theirs(), "last").value(), 4U);
  ends.close_theirs();
  EXPECT_EQ(receive(ends.ours()), "last");
  EXPECT_EQ(receive(ends.ours()), "[end]");
}

TEST_F(SocketCalls, close_with_unread_data_resets_the_peer) {
  Ends ends;
  EXPECT_EQ(send(ends.ours(), "unread").value(), 6U);
  ASSERT_TRUE(readable(ends.theirs(), patience()));
  ends.close_theirs();
  EXPECT_EQ(receive(ends.ours()), "[Connection reset by peer]");
}

TEST_F(SocketCalls, abort_resets_the_peer) {
  Ends ends;
  ends.abort_theirs();
  EXPECT_EQ(receive(ends.ours()), "[Connection reset by peer]");
}

using SocketCallsDeathTest = SocketCalls;
TEST_F(SocketCallsDeathTest, closing_twice_is_a_bug_of_the_caller) {
  const Descriptor listener = listen_on_loopback();
  Sockets::close(listener);
  EXPECT_DEATH(Sockets::close(listener), "what is closed is an open descriptor");
}

TEST_F(SocketCalls, urgent_data_comes_inline_and_a_receive_stops_at_it) {
  const Ends ends;
  EXPECT_EQ(send(ends.theirs(), "abc").value(), 3U);
  EXPECT_EQ(::send(ends.theirs(), "!", 1, MSG_OOB), 1);
  EXPECT_EQ(send(ends.theirs(), "def").value(), 3U);
  EXPECT_EQ(receive(ends.ours()), "abc");
  EXPECT_EQ(receive(ends.ours()), "!def");
}

TEST_F(SocketCalls, a_datagram_goes_from_end_to_end_and_names_its_sender) {
  for (const char* address : {"127.0.0.1", "::1"}) {
    if (address == std::string_view("::1") && !has_ipv6()) {
      GTEST_SKIP() << "this machine has no IPv6; IPv4 was tested";
    }
    const auto here = Sockets::bind({address, 0});
    ASSERT_TRUE(here.ok());
    const auto there = Sockets::bind({address, 0});
    const Endpoint to = Sockets::local(there.value()).value();
    std::array<std::byte, 4> buffer{};
    const auto take = [&] {
      return eventually(there.value(), POLLIN,
                        [&] { return Sockets::recv_from(there.value(), buffer); });
    };
    EXPECT_EQ(Sockets::recv_from(there.value(), buffer).error(), sched::would_block);
    EXPECT_EQ(Sockets::send_to(here.value(), bytes("hi"), to).value(), 2U);
    EXPECT_EQ(Sockets::send_to(here.value(), bytes(""), to).value(), 0U);
    EXPECT_EQ(Sockets::send_to(here.value(), bytes("too long"), to).value(), 8U);
    const auto whole = take();
    EXPECT_EQ(text(std::span(buffer).first(whole.value().size)), "hi");
    EXPECT_FALSE(whole.value().truncated());
    EXPECT_EQ(whole.value().from, Sockets::local(here.value()).value());
    const auto empty = take();
    ASSERT_TRUE(empty.ok());
    EXPECT_EQ(empty.value().full_size, 0U);
    const auto cut = take();
    EXPECT_EQ(text(std::span(buffer).first(cut.value().size)), "too ");
    EXPECT_EQ(cut.value().full_size, 8U);
    EXPECT_TRUE(cut.value().truncated());
    Sockets::close(here.value());
    Sockets::close(there.value());
  }
}

TEST_F(SocketCalls, a_datagram_beyond_what_ip_carries_is_refused) {
  const auto socket = Sockets::bind({"127.0.0.1", 0});
  const std::string huge(70000, 'x');
  EXPECT_EQ(Sockets::send_to(socket.value(), bytes(huge), {"127.0.0.1", 9}).error(),
            std::errc::message_size);
  Sockets::close(socket.value());
}

TEST_F(SocketCalls, a_connection_is_named_after_its_peer) {
  Ends ends;
  EXPECT_EQ(Sockets::peer(ends.ours()).value(), Sockets::local(ends.theirs()).value());
  EXPECT_EQ(Sockets::connection_name(ends.ours()),
            Sockets::local(ends.theirs()).value().to_string());
  ends.abort_theirs();
  EXPECT_EQ(receive(ends.ours()), "[Connection reset by peer]");
  EXPECT_EQ(Sockets::peer(ends.ours()).error(), std::errc::not_connected);
  EXPECT_EQ(Sockets::connection_name(ends.ours()), "unconnected");
}

}  // namespace
}  // namespace rehearsal::realnet
