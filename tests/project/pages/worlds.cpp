// The tests of docs/writing-tests.md: worlds with links, faults and crashes, and what must hold.
#include <chrono>
#include <map>
#include <string>
#include <system_error>

#include <rehearsal/gtest.hpp>

#include "examples/echo/echo.hpp"

namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

// clang-format off
struct Seen {
  int answers = 0;
  int retries = 0;
};

// Asks until there is an answer.
rehearsal::Task<> ask(auto& host, Seen& seen) {
  for (bool answered = false; !answered;) {
    try {
      auto server = co_await host.connect({"server", 25000});
      co_await server.send_all("hello\n");
      const std::string answer =
          co_await rehearsal::with_timeout(10s, server.recv_until("\n", 100));
      answered = answer == "hello\n";
    } catch (const std::system_error&) {  // refused, reset, or timed out
      ++seen.retries;
    }
    co_await rehearsal::sleep_for(100ms);
  }
  ++seen.answers;
}

void add_server(rehearsal::World& world) {
  world.host("server").spawn("serve", [](auto& host) {
    return serve(host, host.listen({"0.0.0.0", 25000}));
  });
}

REHEARSE(World, answers_everyone) {
  add_server(world);
  auto& seen = world.make<Seen>();           // lives as long as the world and its tasks
  const auto clients = world.parameter("clients", 1, 5);
  for (unsigned i = 0; i < clients; ++i) {
    world.host("client-" + std::to_string(i)).spawn("ask", [&](auto& host) {
      return ask(host, seen);
    });
  }
  world.run();
  EXPECT_EQ(seen.answers, clients);
}

rehearsal::WorldOptions slow_network() {
  rehearsal::WorldOptions options;
  options.link.latency = 5ms;                // of every link, one way
  options.link.jitter = 2ms;
  options.link.bytes_per_second = 1'000'000;
  return options;
}

REHEARSE(World, has_a_client_far_away, {.runs = 50, .world = slow_network()}) {
  add_server(world);
  auto& seen = world.make<Seen>();
  world.host("Ada").spawn("ask", [&](auto& host) { return ask(host, seen); });
  rehearsal::LinkOptions far;
  far.latency = 80ms;
  world.link("Ada", "server").set_options(far);
  world.link("server", "Ada").set_options(far);
}

REHEARSE(World, survives_faults, {.runs = 200}) {
  add_server(world);
  auto& seen = world.make<Seen>();
  for (const char* name : {"Ada", "Grace"}) {
    world.host(name).spawn("ask", [&](auto& host) { return ask(host, seen); });
  }
  using rehearsal::FaultRule, rehearsal::Operation, rehearsal::Verdict;
  world.faults().add(FaultRule("first send", Operation::send, Verdict::reset()).from("Ada").nth(1));
  world.faults().add(FaultRule("no descriptor", Operation::accept,
                               Verdict::fail(std::errc::too_many_files_open)).nth(2));
  world.faults().add(FaultRule("loss", Operation::segment, Verdict::drop()).to("Grace").rate(50'000)
                         .may_stay_away());

  world.invariant("no answer too many", [&] { return seen.answers <= 2; });
  world.eventually("both are answered", 60s, [&] { return seen.answers == 2; });
  world.run();
  world.always("the reset was noticed", seen.retries >= 1);
  world.sometimes("only Ada retried, and only once", seen.retries == 1);
}

REHEARSE(World, survives_a_crash) {
  rehearsal::HostOptions options;
  options.clock_offset = 3s;                 // its clock is 3 s ahead
  options.clock_drift = 200;                 // and 200 parts per million fast
  world.host("server", options);
  add_server(world);
  auto& seen = world.make<Seen>();
  world.host("Ada").spawn("ask", [&](auto& host) { return ask(host, seen); });
  world.at(250us).partition("Ada", "server");
  world.at(1s).heal("Ada", "server").power_off("server");
  world.at(5s).restart("server");
}

REHEARSE(World, survives_faults_at_any_moment) {
  add_server(world);
  auto& seen = world.make<Seen>();
  world.host("Ada").spawn("ask", [&seen](auto& host) { return ask(host, seen); });
  using namespace rehearsal;
  world.survives({crash("server"), partition("Ada", "server"), pause("server")},
                 {.at_once = 1, .in_all = 2, .until = 10s});
  world.eventually("is answered", 60s, [&seen] { return seen.answers >= 1; });
}

rehearsal::Task<> read_clock(auto& host, rehearsal::WallTime& date) {
  date = host.wall_clock();
  co_return;
}

rehearsal::WorldOptions in_a_leap_year() {
  rehearsal::WorldOptions options;
  options.epoch = rehearsal::WallTime(std::chrono::sys_days(2028y / 2 / 29));
  return options;
}

REHEARSE(Clocks, of_two_hosts_differ, {.runs = 1, .world = in_a_leap_year()}) {
  rehearsal::HostOptions ahead;
  ahead.clock_offset = 12h;                  // its clock is 12 hours ahead
  world.host("server", ahead);
  auto& dates = world.make<std::map<std::string, rehearsal::WallTime>>();
  for (const char* name : {"server", "client"}) {
    world.host(name).spawn([&, name](auto& host) { return read_clock(host, dates[name]); });
  }
  world.run();
  EXPECT_EQ(dates["server"] - dates["client"], 12h);
}
// clang-format on

}  // namespace
