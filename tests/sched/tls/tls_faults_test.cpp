// TLS whose connections break: no hang, no plaintext on the wire, the same run again.
#include <cstdio>
#include <cstdlib>
#include <initializer_list>

#include "simnet/search/faults.hpp"
#include "tests/sched/tls/tls_world.hpp"

namespace rehearsal::tls {
namespace {

using simnet::FaultRule;
using simnet::Operation;
using simnet::RunResult;
using simnet::RunWatcher;
using simnet::Scenario;
using simnet::SeededRun;
using simnet::Site;
using simnet::Verdict;

// Talks over TLS, and starts again if a connection breaks.
Task<> persistent_client(ProgramHost& host, World& world, int& handshakes) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    bool broken = false;
    ++handshakes;
    try {
      co_await echo_client(host, {"server", 7}, client_context(), 2);
    } catch (const std::system_error&) {
      broken = true;
    }
    world.sometimes("a client starts again", broken);
    if (!broken) {
      co_return;
    }
    co_await sched::sleep_for(10ms);
  }
  throw std::runtime_error("no connection lives long enough");
}

// Two clients of an echo server. `handshakes` counts those that began.
Scenario scenario(int& handshakes) {
  Scenario made("tls", "Two clients of an echo server over TLS", [&handshakes](World& world) {
    world.host("server").spawn(
        "serve", [](ProgramHost& host) { return echo_server(host, server_context()); });
    for (const char* name : {"client-0", "client-1"}) {
      world.host(name).spawn("talk", [&world, &handshakes](ProgramHost& host) {
        return persistent_client(host, world, handshakes);
      });
    }
  });
  made.options.time_limit = 10min;
  return made;
}

Scenario with_faults(int& handshakes) {
  Scenario made = scenario(handshakes);
  made.rates[Site::reset] = {20'000, 1};
  made.rates[Site::recv] = {200'000, 40};
  made.rates[Site::send] = {200'000, 40};
  made.rates[Site::connect] = {20'000, 4};
  made.rates[Site::lost] = {10'000, 1};
  made.rates[Site::again] = {50'000, 1};
  return made;
}

RunResult run(const Scenario& of, const SeededRun& how, WireWatcher& wire) {
  RunWatcher* const watchers[] = {&wire};
  return simnet::run_scenario(of, how, watchers);
}

SeededRun nominal() { return {.seed = 1, .policy = *simnet::NamedPolicy::parse("nominal")}; }

// The number of handshakes is a row of ./dev prove; ./dev test makes fewer.
int handshakes_wanted() {
  const char* number = std::getenv("REHEARSAL_TLS_HANDSHAKES");
  return number == nullptr ? 1'000 : std::atoi(number);
}

TEST(TlsFaults, end_neither_in_a_hang_nor_in_plaintext) {
  int handshakes = 0;
  int broken = 0;
  WireWatcher wire;
  const Scenario faulty = with_faults(handshakes);
  std::uint64_t seed = 0;
  for (; handshakes < handshakes_wanted(); ++seed) {
    const RunResult result = run(faulty, {.seed = seed, .policy = {}}, wire);
    ASSERT_TRUE(result.report.ok()) << "seed " << seed << ": " << result.report.to_string();
    const auto again = result.sometimes.find("a client starts again");
    broken += again != result.sometimes.end() && again->second ? 1 : 0;
  }
  EXPECT_GT(broken, 0);
  EXPECT_GT(wire.looked_at(), 1'000U * static_cast<unsigned>(handshakes) / 2);
  EXPECT_EQ(wire.seen(), 0U);
  std::printf("%d handshakes in %lu runs, a connection broke in %d: no hang, no plaintext\n",
              handshakes, static_cast<unsigned long>(seed), broken);
}

Task<> say_openly(ProgramHost& host) {
  auto stream = co_await host.connect({"server", 7});
  co_await stream.send_all(secret);
}

// What the other tests rely on: plaintext would be seen, even in small pieces.
TEST(TlsFaults, are_watched_by_something_that_sees_plaintext) {
  Scenario open("open", "Plaintext on the wire", [](World& world) {
    world.host("server").spawn([](ProgramHost& host) -> Task<> {
      auto listener = host.listen({"0.0.0.0", 7});
      auto client = co_await listener.accept();
      static_cast<void>(co_await client->recv_until("never", 100));
    });
    world.host("client").spawn([](ProgramHost& host) { return say_openly(host); });
  });
  open.rates[Site::send] = {1'000'000, 3};
  WireWatcher wire;
  run(open, {.seed = 1, .policy = {}}, wire);
  EXPECT_GT(wire.seen(), 0U);
}

// Resets each receive and each send of either side, one after the other, from the first.
TEST(TlsFaults, of_each_step_of_a_conversation_are_survived) {
  for (const Operation operation : {Operation::recv, Operation::send}) {
    for (const char* side : {"server", "client-0"}) {
      std::uint64_t step = 1;
      for (bool fired = true; fired; ++step) {
        int handshakes = 0;
        WireWatcher wire;
        Scenario reset = scenario(handshakes);
        const auto build = reset.build;
        reset.build = [=](World& world) {
          build(world);
          world.faults().add(FaultRule("reset", operation, Verdict::reset()).from(side).nth(step));
        };
        const RunResult result = run(reset, nominal(), wire);
        ASSERT_TRUE(result.report.ok()) << side << " " << step << result.report.to_string();
        EXPECT_EQ(wire.seen(), 0U);
        fired = result.faults.front().fired != 0;
      }
      EXPECT_GE(step, 5U) << side;  // a handshake has as many
    }
  }
}

TEST(TlsFaults, are_enumerated) {
  int handshakes = 0;
  const simnet::SearchReport report = simnet::search_faults(with_faults(handshakes), 1);
  EXPECT_EQ(report.end, simnet::SearchEnd::faults);
  EXPECT_GT(report.runs, 100U);
}

TEST(TlsDeterminism, of_a_seed_is_a_run_and_no_run_leaves_anything_behind) {
  int handshakes = 0;
  const Scenario faulty = with_faults(handshakes);
  WireWatcher wire;
  const RunResult first = run(faulty, {.seed = 7, .policy = {}}, wire);
  for (std::uint64_t seed = 1; seed < 5; ++seed) {
    run(faulty, {.seed = seed, .policy = {}}, wire);
  }
  const RunResult again = run(faulty, {.seed = 7, .policy = {}}, wire);
  EXPECT_EQ(first.report.digest, again.report.digest);
}

// A digest that any compiler and build must come to. It is of OpenSSL's messages too.
TEST(TlsDeterminism, does_not_depend_on_the_build) {
  int handshakes = 0;
  WireWatcher wire;
  const RunResult result = run(scenario(handshakes), nominal(), wire);
  EXPECT_EQ(result.report.digest, 7571399859276050642U);
}

// OpenSSL blinds an RSA key with random numbers when it is used first, and then after some uses.
TEST(TlsDeterminism, holds_for_an_rsa_key_that_was_used_before) {
  TlsServerOptions options;
  options.certificate = Pem::text(rsa_certificate);
  options.key = Pem::text(rsa_key);
  const TlsServerContext server(options);
  std::vector<std::uint64_t> digests;
  for (int run = 0; run < 40; ++run) {
    World world;
    world.host("server").spawn([&](ProgramHost& host) { return echo_server(host, server); });
    world.host("client").spawn(
        [](ProgramHost& host) { return echo_client(host, {"server", 7}, client_context(), 1); });
    digests.push_back(world.run().digest);
  }
  EXPECT_EQ(std::ranges::count(digests, digests.front()), 40);
}

}  // namespace
}  // namespace rehearsal::tls
