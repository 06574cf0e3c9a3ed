#include "tests/simnet/choices/churn.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/sync/timeout.hpp"
#include "simnet/choices/choices.hpp"
#include "tests/simnet/echo_world.hpp"
#include "tests/whole_range.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

struct Deeds {
  ProgramHost& host;
  std::string peer;  // another host

  Task<> bind(std::uint16_t port) {
    auto socket = host.bind({"0.0.0.0", port});
    const auto addresses = co_await host.resolve(peer);
    const std::array word{std::byte{1}};
    co_await socket.send_to(word, addresses.front().with_port(53));
    std::array<std::byte, 4> heard{};
    co_await sched::with_timeout(500us, socket.recv_from(heard));
  }
  Task<> listen(std::uint16_t port) {
    auto listener = host.listen({"0.0.0.0", port});
    auto client = co_await sched::with_timeout(1ms, listener.accept());
    std::array<std::byte, 4> heard{};
    std::ignore = co_await client->recv(heard);
  }
  Task<> connect() {
    auto stream = co_await sched::with_timeout(1ms, host.connect({peer, 80}));
    co_await stream.send_all("hello");
  }
  Task<> await_signal() {
    auto signals = host.signals({SIGUSR1});
    std::ignore = co_await sched::with_timeout(1ms, signals.next());
  }
  Task<> await_message() {
    auto inbox = host.inbox("orders");
    co_await sched::with_timeout(1ms, inbox.recv());
  }
  Task<> spawn_child() {
    auto child = host.spawn("child", [](ProgramHost& runs) -> Task<> {
      std::ignore = runs.choose("child", 3);
      co_await sched::yield();
    });
    co_await child.join();
  }

  Task<> perform(Deed deed) {
    switch (deed) {
      case Deed::bind_again:
        return bind(53);
      case Deed::bind_any:
        return bind(0);
      case Deed::listen_again:
        return listen(80);
      case Deed::listen_any:
        return listen(0);
      case Deed::connect:
        return connect();
      case Deed::resolve:
        return [](Deeds& self) -> Task<> { co_await self.host.resolve(self.peer); }(*this);
      case Deed::work:
        return [](Deeds& self) -> Task<> {
          auto work = [] { return 7; };
          co_await self.host.run_blocking(work);
        }(*this);
      case Deed::signals:
        return await_signal();
      case Deed::inbox:
        return await_message();
      case Deed::spawn:
        return spawn_child();
      case Deed::sleep:
        return []() -> Task<> { co_await sched::sleep_for(1ms); }();
      default:
        return [](Deeds& self, Deed at_once) -> Task<> {
          std::ignore = at_once == Deed::choose ? self.host.choose("any", 4) : self.host.random();
          co_return;
        }(*this, deed);
    }
  }
  // A failed deed, e.g. on a port that another task has, does not end its task.
  Task<> attempt(Deed deed) {
    try {
      co_await perform(deed);
    } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch)
    }
  }
};

Task<> live(ProgramHost& host, std::string peer, std::vector<Deed> does) {
  Deeds deeds{host, std::move(peer)};
  for (;;) {
    for (const Deed deed : does) {
      co_await deeds.attempt(deed);
    }
    co_await sched::sleep_for(200us);
  }
}

void strike(SimulatedHost& host, Blow blow) {
  switch (blow) {
    case Blow::kill:
      return host.kill();
    case Blow::power_off:
      return host.power_off();
    case Blow::restart:
      return host.restart();
    case Blow::raise:
      return host.raise(SIGUSR1);
    case Blow::post:
      return host.post("orders", {std::byte{1}});
  }
}

// Adds hosts "PREFIXa" and "PREFIXb", which communicate only with each other.
void add_churn(World& world, const std::string& prefix, const Churn& churn) {
  const std::string first = prefix + 'a';
  const std::string second = prefix + 'b';
  for (const auto& [name, peer] : {std::pair(first, second), std::pair(second, first)}) {
    for (const std::vector<Deed>& does : churn.tasks) {
      world.host(name).daemon().spawn(
          [peer, does](ProgramHost& host) { return live(host, peer, does); });
    }
  }
  for (const Churn::Event& event : churn.script) {
    SimulatedHost& host = world.host(event.first_host ? first : second);
    world.at(event.millisecond * 1ms, [&host, event] { strike(host, event.blow); });
  }
}

// Adds rules with rates, on packets and on calls.
void add_rules(World& world) {
  world.faults().add(FaultRule("cut", Operation::send, Verdict::reset()).rate(50'000));
  world.faults().add(FaultRule("slow", Operation::datagram, Verdict::late(1ms)).rate(200'000));
  world.faults().add(FaultRule("slower", Operation::datagram, Verdict::late(2ms)).rate(200'000));
  world.faults().add(FaultRule("taken", Operation::listen, Verdict::fail(std::errc::address_in_use))
                         .rate(200'000));
}

}  // namespace

// Every kind of choice deviates, and often.
Policy every_site(std::uint64_t seed) {
  Policy policy = Policy::random(seed);
  policy[Site::reset] = policy[Site::accept] = policy[Site::connect] = {0, 3};
  for (Rate& rate : policy.rates.of) {
    rate.per_million = 200'000;
  }
  policy[Site::lost] = policy[Site::duplicate] = {200'000, 2};
  policy[Site::step] = {};
  return policy;
}

Churn some_churn() {
  Churn churn;
  const int tasks = 1 + *whole_range(0, 3);
  for (int i = 0; i < tasks; ++i) {
    churn.tasks.emplace_back();
    const int deeds = 1 + *whole_range(0, 4);
    for (int j = 0; j < deeds; ++j) {
      churn.tasks.back().push_back(static_cast<Deed>(*whole_range(0, deed_count)));
    }
  }
  const int events = *whole_range(0, 6);
  for (int i = 0; i < events; ++i) {
    const auto blow = static_cast<Blow>(*whole_range(0, blow_count));
    churn.script.push_back({1 + *whole_range(0, 10), blow, *whole_range(0, 2) == 0});
    if (blow == Blow::kill || blow == Blow::power_off) {
      churn.script.push_back(
          {11 + *whole_range(0, 5), Blow::restart, churn.script.back().first_host});
    }
  }
  return churn;
}

ChurnRun run_churn(World& world, const Churn& churn, int pairs) {
  ChurnRun run;
  world.choices().listen(
      [&](const Coordinate& at) { run.asked[at.entity].emplace_back(at.site, at.ordinal); });
  for (int pair = 0; pair < pairs; ++pair) {
    add_churn(world, "pair-" + std::to_string(pair) + '-', churn);
  }
  add_rules(world);
  run.report = world.run_for(20ms);
  run.deviations = world.choices().deviations();
  run.not_applied = world.choices().not_applied();
  return run;
}

}  // namespace rehearsal::simnet
