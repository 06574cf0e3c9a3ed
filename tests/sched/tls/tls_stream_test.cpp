// What a TlsStream promises, in a world.
#include "sched/tls/tls_stream.hpp"

#include <functional>
#include <memory>
#include <optional>

#include "sched/sync/event.hpp"
#include "sched/sync/when.hpp"
#include "tests/sched/tls/tls_world.hpp"

namespace rehearsal::tls {
namespace {

using simnet::RunReport;

constexpr std::size_t many = 3'000'000;

// Runs a server and a client over one TLS connection.
struct Pair {
  using End = std::function<Task<>(ProgramHost&, Secure&)>;

  TlsServerContext server_has = server_context();
  TlsClientContext client_has = client_context();

  RunReport run(World& world, End server, End client) const {
    world.host("server").spawn(
        "serve", [=, this](ProgramHost& host) { return serve(host, server_has, server); });
    world.host("client").spawn(
        "ask", [=, this](ProgramHost& host) { return ask(host, client_has, client); });
    return world.run();
  }

 private:
  static Task<> serve(ProgramHost& host, TlsServerContext context, End end) {
    auto listener = host.listen({"0.0.0.0", 7});
    auto plain = co_await listener.accept();
    auto stream = co_await tls_accept(context, std::move(*plain));
    co_await end(host, stream);
  }
  static Task<> ask(ProgramHost& host, TlsClientContext context, End end) {
    auto stream = co_await connect_securely(host, {"server", 7}, context);
    co_await end(host, stream);
  }
};

Task<> idle(ProgramHost& /*host*/, Secure& /*stream*/) { co_return; }

// Returns the codes with which the handshake ends, at the server and at the client.
struct Handshake {
  std::error_code server;
  std::error_code client;
  std::string client_says;
};
Handshake handshake(const TlsServerContext& server, const TlsClientContext& client,
                    const std::string& name = "server", const simnet::WorldOptions& options = {}) {
  World world(simnet::Policy::nominal(), options);
  auto& outcome = world.make<Handshake>();
  world.host("server").spawn([&](ProgramHost& host) -> Task<> {
    return [](ProgramHost& at, TlsServerContext context, Handshake& into) -> Task<> {
      auto listener = at.listen({"0.0.0.0", 7});
      auto plain = co_await listener.accept();
      into.server = co_await code_of(tls_accept(context, std::move(*plain)));
    }(host, server, outcome);
  });
  world.host("client").spawn([&](ProgramHost& host) -> Task<> {
    return
        [](ProgramHost& at, TlsClientContext context, std::string to, Handshake& into) -> Task<> {
          auto plain = co_await at.connect({"server", 7});
          try {
            auto stream = co_await tls_connect(context, std::move(plain), to);
            std::byte byte{};
            const std::size_t size = co_await stream.recv({&byte, 1});
            EXPECT_EQ(size, 0U);
          } catch (const std::system_error& error) {
            into.client = error.code();
            into.client_says = error.what();
          }
        }(host, client, name, outcome);
  });
  const RunReport report = world.run_for(1s);
  EXPECT_TRUE(report.ok()) << report.to_string();
  return outcome;
}

TEST(TlsStream, carries_what_a_stream_carries) {
  World world;
  const RunReport report = Pair().run(
      world,
      [](ProgramHost&, Secure& stream) -> Task<> {
        EXPECT_EQ(stream.version(), "TLSv1.3");
        const std::string line = co_await stream.recv_until("\n", 100);
        EXPECT_EQ(line, "a line\n");
        std::array<std::byte, 5> five{};
        const std::size_t size = co_await stream.recv_exactly(five);
        EXPECT_EQ(size, 5U);
        EXPECT_EQ(text(five), "exact");
        const auto peeked = co_await stream.peek(4);
        EXPECT_EQ(text(peeked).substr(0, 4), "peek");
        stream.consume(4);
        std::vector<std::byte> some(100);
        const std::size_t rest = co_await stream.recv(some);
        EXPECT_EQ(text(std::span(some).first(rest)), "rest");
        co_await stream.send_all(std::string_view("answer"));
        EXPECT_EQ(stream.bytes_sent(), 6U);
      },
      [](ProgramHost&, Secure& stream) -> Task<> {
        const std::string_view head = "a li";
        const std::string_view body = "ne\nexact";
        const std::array<sched::ConstBytes, 3> pieces{
            std::as_bytes(std::span(head)), std::as_bytes(std::span(body)),
            std::as_bytes(std::span(std::string_view("peekrest")))};
        co_await stream.send_all(sched::Pieces(pieces));
        std::vector<std::byte> all(100);
        const std::size_t size = co_await stream.recv_exactly(all);
        EXPECT_EQ(text(std::span(all).first(size)), "answer");
      });
  EXPECT_TRUE(report.ok()) << report.to_string();
}

TEST(TlsStream, carries_many_bytes_both_ways_at_once) {
  World world;
  const auto send_pattern = [](Secure& stream) -> Task<> {
    return [](Secure& to) -> Task<> {
      const std::vector<std::byte> bytes(many, std::byte{7});
      co_await to.send_all(bytes);
      co_await to.shutdown_send();
    }(stream);
  };
  const auto receive_pattern = [](Secure& stream) -> Task<> {
    return [](Secure& from) -> Task<> {
      std::vector<std::byte> bytes(many + 1);
      const std::size_t got = co_await from.recv_exactly(bytes);
      EXPECT_EQ(got, many);
      EXPECT_EQ(std::ranges::count(bytes, std::byte{7}), static_cast<std::ptrdiff_t>(many));
    }(stream);
  };
  const auto both = [=](ProgramHost&, Secure& stream) -> Task<> {
    return [](Task<> sending, Task<> receiving) -> Task<> {
      co_await sched::when_all(std::move(sending), std::move(receiving));
    }(send_pattern(stream), receive_pattern(stream));
  };
  const RunReport report = Pair().run(world, both, both);
  EXPECT_TRUE(report.ok()) << report.to_string();
}

TEST(TlsStream, tells_an_end_from_a_truncation) {
  for (const bool orderly : {true, false}) {
    World world;
    const RunReport report = Pair().run(
        world,
        [orderly](ProgramHost&, Secure& stream) -> Task<> {
          return [](Secure& to, bool says_goodbye) -> Task<> {
            co_await to.send_all(secret);
            if (says_goodbye) {
              co_await to.shutdown_send();
              co_await to.shutdown_send();
            } else {
              // What a proxy could do: end the connection below.
              static_cast<void>(to.scheduler().source().shutdown_send(to.handle().descriptor));
            }
            std::byte byte{};
            static_cast<void>(co_await code_of(sched::as_task(to.recv({&byte, 1}))));
          }(stream, orderly);
        },
        [orderly](ProgramHost&, Secure& stream) -> Task<> {
          return [](Secure& from, bool says_goodbye) -> Task<> {
            std::vector<std::byte> heard(100);
            const std::size_t size = co_await from.recv(heard);
            EXPECT_EQ(size, secret.size());
            const auto end = co_await code_of(sched::as_task(from.recv(heard)));
            EXPECT_EQ(end, says_goodbye ? std::error_code() : tls_truncated()) << end.message();
            const auto again = co_await code_of(sched::as_task(from.recv(heard)));
            EXPECT_EQ(again, end);
          }(stream, orderly);
        });
    EXPECT_TRUE(report.ok()) << report.to_string();
  }
}

TEST(TlsStream, says_goodbye_when_it_is_closed) {
  World world;
  const RunReport report = Pair().run(world, idle, [](ProgramHost&, Secure& stream) -> Task<> {
    std::byte byte{};
    const std::size_t size = co_await stream.recv({&byte, 1});
    EXPECT_EQ(size, 0U);
  });
  EXPECT_TRUE(report.ok()) << report.to_string();
}

TEST(TlsStream, is_reset_if_its_task_fails) {
  World world;
  const RunReport report = Pair().run(
      world,
      [](ProgramHost&, Secure& stream) -> Task<> {
        static_cast<void>(stream);
        throw std::runtime_error("planted");
        co_return;
      },
      [](ProgramHost&, Secure& stream) -> Task<> {
        std::byte byte{};
        const auto end = co_await code_of(sched::as_task(stream.recv({&byte, 1})));
        EXPECT_EQ(end, std::errc::connection_reset) << end.message();
      });
  EXPECT_EQ(report.failures.size(), 1U) << report.to_string();
}

TEST(TlsStream, a_read_that_is_cancelled_loses_no_byte) {
  World world;
  const RunReport report = Pair().run(
      world,
      [](ProgramHost&, Secure& stream) -> Task<> {
        co_await stream.send_all(std::string_view("half"));
        co_await sched::sleep_for(1s);
        co_await stream.send_all(std::string_view("half"));
      },
      [](ProgramHost&, Secure& stream) -> Task<> {
        std::array<std::byte, 8> all{};
        const auto cut = co_await code_of([](Secure& from, sched::Bytes into) -> Task<> {
          co_await sched::with_timeout(500ms, sched::as_task(from.recv_exactly(into)));
        }(stream, all));
        EXPECT_EQ(cut, std::errc::timed_out);
        std::array<std::byte, 8> again{};
        const std::size_t size = co_await stream.recv_exactly(again);
        EXPECT_EQ(text(std::span(again).first(size)), "halfhalf");
      });
  EXPECT_TRUE(report.ok()) << report.to_string();
}

// A cancelled send leaves a record half sent: what is sent later goes behind it.
TEST(TlsStream, a_send_that_is_cancelled_leaves_the_stream_in_order) {
  World world;
  auto& committed = world.make<std::uint64_t>(0);
  const RunReport report = Pair().run(
      world,
      [&](ProgramHost&, Secure& stream) -> Task<> {
        return [](Secure& to, std::uint64_t& sent) -> Task<> {
          const std::vector<std::byte> much(10'000'000, std::byte{1});
          const auto cut = co_await code_of([](Secure& into, sched::ConstBytes from) -> Task<> {
            co_await sched::with_timeout(500ms, sched::as_task(into.send_all(from)));
          }(to, much));
          EXPECT_EQ(cut, std::errc::timed_out);
          sent = to.bytes_sent();
          EXPECT_GT(sent, 0U);
          EXPECT_LT(sent, much.size());
          co_await to.send_all(std::string_view("end"));
        }(stream, committed);
      },
      [&](ProgramHost&, Secure& stream) -> Task<> {
        return [](Secure& from, std::uint64_t& sent) -> Task<> {
          co_await sched::sleep_for(1s);
          std::vector<std::byte> all(20'000'000);
          const std::size_t size = co_await from.recv_exactly(all);
          EXPECT_EQ(size, sent + 3);
          EXPECT_EQ(text(std::span(all).subspan(size - 3, 3)), "end");
          EXPECT_EQ(std::ranges::count(all, std::byte{1}), static_cast<std::ptrdiff_t>(sent));
        }(stream, committed);
      });
  EXPECT_TRUE(report.ok()) << report.to_string();
}

// A key update that arrives makes the reader answer while the writer is in the middle of a record.
TEST(TlsStream, answers_a_key_update_while_another_task_sends) {
  World world;
  const RunReport report = Pair().run(
      world,
      [](ProgramHost&, Secure& stream) -> Task<> {
        return [](Secure& end) -> Task<> {
          const auto sending = [](Secure& to) -> Task<> {
            const std::vector<std::byte> much(many, std::byte{1});
            co_await to.send_all(much);
          };
          const auto receiving = [](Secure& from) -> Task<> {
            for (int i = 0; i < 5; ++i) {
              const std::string line = co_await from.recv_until("\n", 100);
              EXPECT_EQ(line, "update\n");
            }
          };
          co_await sched::when_all(sending(end), receiving(end));
        }(stream);
      },
      [](ProgramHost&, Secure& stream) -> Task<> {
        for (int i = 0; i < 5; ++i) {
          EXPECT_TRUE(stream.update_keys());
          co_await stream.send_all(std::string_view("update\n"));
          co_await sched::sleep_for(100ms);
        }
        std::vector<std::byte> all(many + 1);
        const std::size_t got = co_await stream.recv_exactly(all);
        EXPECT_EQ(got, many);
      });
  EXPECT_TRUE(report.ok()) << report.to_string();
}

TEST(TlsStream, takes_over_what_the_stream_had_received) {
  World world;
  world.host("server").spawn([](ProgramHost& host) -> Task<> {
    auto listener = host.listen({"0.0.0.0", 7});
    auto plain = co_await listener.accept();
    const auto first = co_await plain->peek(1);
    EXPECT_EQ(first.front(), std::byte{0x16});  // a handshake record
    co_await echo_session(std::move(*plain), server_context());
  });
  world.host("client").spawn(
      [](ProgramHost& host) { return echo_client(host, {"server", 7}, client_context(), 2); });
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
}

TEST(TlsStream, refuses_a_peer_that_speaks_no_tls) {
  World world;
  world.host("server").spawn([](ProgramHost& host) -> Task<> {
    auto listener = host.listen({"0.0.0.0", 7});
    auto plain = co_await listener.accept();
    const auto code = co_await code_of(tls_accept(server_context(), std::move(*plain)));
    EXPECT_EQ(code.message(), "http request");
    EXPECT_EQ(code.category(), tls_category());
  });
  world.host("client").spawn([](ProgramHost& host) -> Task<> {
    auto stream = co_await host.connect({"server", 7});
    co_await stream.send_all(std::string_view("GET / HTTP/1.1\r\n\r\n"));
    std::vector<std::byte> heard(100);
    static_cast<void>(co_await code_of(sched::as_task(stream.recv_exactly(heard))));
  });
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
}

TEST(TlsStream, accepts_a_server_that_the_authority_knows) {
  for (const char* name : {"server", "localhost", "127.0.0.1"}) {
    const Handshake outcome = handshake(server_context(), client_context(), name);
    EXPECT_FALSE(outcome.server) << outcome.server.message();
    EXPECT_FALSE(outcome.client) << outcome.client_says;
  }
  TlsServerOptions chained = server_options();
  chained.certificate = Pem::text(chain_certificates);
  const Handshake outcome = handshake(TlsServerContext(chained), client_context());
  EXPECT_FALSE(outcome.client) << outcome.client_says;
}

TEST(TlsStream, refuses_a_server_of_another_name) {
  for (const char* name : {"another", "127.0.0.2"}) {
    const Handshake outcome = handshake(server_context(), client_context(), name);
    EXPECT_EQ(outcome.client.message(), "certificate verify failed") << name;
    EXPECT_EQ(outcome.server.message(), "sslv3 alert bad certificate") << name;
    EXPECT_NE(outcome.client_says.find("mismatch"), std::string::npos) << outcome.client_says;
  }
}

TEST(TlsStream, refuses_a_server_that_no_authority_knows) {
  TlsClientOptions options;
  options.authorities = Pem::text(stranger_certificate);
  const Handshake outcome = handshake(server_context(), TlsClientContext(options));
  EXPECT_EQ(outcome.client.message(), "certificate verify failed");
  EXPECT_EQ(outcome.server.message(), "tlsv1 alert unknown ca");
  options.verify = false;
  const Handshake trusting = handshake(server_context(), TlsClientContext(options));
  EXPECT_FALSE(trusting.client) << trusting.client_says;
}

TEST(TlsStream, refuses_a_certificate_whose_time_is_over) {
  TlsServerOptions options = server_options();
  options.certificate = Pem::text(old_certificate);
  const Handshake outcome = handshake(TlsServerContext(options), client_context());
  EXPECT_NE(outcome.client_says.find("certificate has expired at 2025-01-01 00:00:00 UTC"),
            std::string::npos)
      << outcome.client_says;
  EXPECT_EQ(outcome.server.message(), "sslv3 alert certificate expired");
  // The time is that of the world.
  simnet::WorldOptions in_1970;
  in_1970.epoch = sched::WallTime(24h);
  const Handshake before =
      handshake(TlsServerContext(options), client_context(), "server", in_1970);
  EXPECT_FALSE(before.client) << before.client_says;
}

TEST(TlsStream, knows_from_when_its_certificate_is_valid) {
  TlsServerOptions options = server_options();
  options.certificate = Pem::text(young_certificate);
  const TlsServerContext server(options);
  const Handshake too_early = handshake(server, client_context());
  EXPECT_NE(too_early.client_says.find("not yet valid at 2025-01-01 00:00:00 UTC"),
            std::string::npos)
      << too_early.client_says;
  simnet::WorldOptions late_enough;
  late_enough.epoch = server.valid_from();
  const Handshake valid = handshake(server, client_context(), "server", late_enough);
  EXPECT_FALSE(valid.client) << valid.client_says;
  simnet::WorldOptions a_second_before = late_enough;
  a_second_before.epoch -= 1s;
  const Handshake early = handshake(server, client_context(), "server", a_second_before);
  EXPECT_NE(early.client_says.find("not yet valid at 2039-12-31 23:59:5"), std::string::npos)
      << early.client_says;
}

TEST(TlsStream, asks_clients_for_a_certificate_if_it_should) {
  TlsServerOptions options = server_options();
  options.client_authorities = Pem::text(authority_certificate);
  const TlsServerContext server(options);
  const Handshake without = handshake(server, client_context());
  EXPECT_EQ(without.server.message(), "peer did not return a certificate");
  EXPECT_EQ(without.client.message(), "tlsv13 alert certificate required");
  TlsClientOptions known = client_options();
  known.certificate = Pem::text(client_certificate);
  known.key = Pem::text(client_key);
  const Handshake with = handshake(server, TlsClientContext(known));
  EXPECT_FALSE(with.server) << with.server.message();
  EXPECT_FALSE(with.client) << with.client_says;
}

TEST(TlsStream, agrees_on_a_protocol) {
  TlsServerOptions server = server_options();
  server.protocols = {"h2", "http/1.1"};
  TlsClientOptions client = client_options();
  client.protocols = {"http/1.1", "h2"};
  World world;
  Pair pair;
  pair.server_has = TlsServerContext(server);
  pair.client_has = TlsClientContext(client);
  const auto agreed = [](ProgramHost&, Secure& stream) -> Task<> {
    EXPECT_EQ(stream.protocol(), "h2");
    co_return;
  };
  const RunReport report = pair.run(world, agreed, agreed);
  EXPECT_TRUE(report.ok()) << report.to_string();
  client.protocols = {"other"};
  const Handshake outcome = handshake(pair.server_has, TlsClientContext(client));
  EXPECT_EQ(outcome.client.message(), "tlsv1 alert no application protocol");
}

}  // namespace
}  // namespace rehearsal::tls
