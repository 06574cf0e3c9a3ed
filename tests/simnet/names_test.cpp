// A name stands for one choice of a run: also if what it names is made again, by the same program
// or after a restart.
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/timeout.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

// What a task of a random program does next. Those that open a descriptor close it at the end.
enum class Deed : std::uint8_t {
  bind_again,
  bind_any,
  listen_again,
  listen_any,
  connect,
  resolve,
  work,
  choose,
  draw,
  signals,
  inbox,
  spawn,
  sleep
};
constexpr int deed_count = static_cast<int>(Deed::sleep) + 1;

// What a script does to a host.
enum class Blow : std::uint8_t { kill, power_off, restart, raise, post };
constexpr int blow_count = static_cast<int>(Blow::post) + 1;

struct Churn {
  std::vector<std::vector<Deed>> tasks;  // the same for each host; each is done over and over
  struct Event {
    int millisecond = 0;
    Blow blow{};
    bool first_host = true;
  };
  std::vector<Event> script;
};

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
  // What a deed meets, such as a port that another task has, does not end its task.
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

void strike(Host& host, Blow blow) {
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

// Hosts "PREFIXa" and "PREFIXb", which speak to each other alone.
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
    Host& host = world.host(event.first_host ? first : second);
    world.at(event.millisecond * 1ms, [&host, event] { strike(host, event.blow); });
  }
}

// Every site deviates, and often.
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

rc::Gen<int> up_to(int bound) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, bound));
}

Churn some_churn() {
  Churn churn;
  const int tasks = 1 + *up_to(3);
  for (int i = 0; i < tasks; ++i) {
    churn.tasks.emplace_back();
    const int deeds = 1 + *up_to(4);
    for (int j = 0; j < deeds; ++j) {
      churn.tasks.back().push_back(static_cast<Deed>(*up_to(deed_count)));
    }
  }
  const int events = *up_to(6);
  for (int i = 0; i < events; ++i) {
    const auto blow = static_cast<Blow>(*up_to(blow_count));
    churn.script.push_back({1 + *up_to(10), blow, *up_to(2) == 0});
    if (blow == Blow::kill || blow == Blow::power_off) {
      churn.script.push_back({11 + *up_to(5), Blow::restart, churn.script.back().first_host});
    }
  }
  return churn;
}

// Rules with rates, on what links carry and on calls.
void add_rules(World& world) {
  world.faults().add(FaultRule("cut", Operation::send, Verdict::reset()).rate(50'000));
  world.faults().add(FaultRule("slow", Operation::datagram, Verdict::late(1ms)).rate(200'000));
  world.faults().add(FaultRule("slower", Operation::datagram, Verdict::late(2ms)).rate(200'000));
  world.faults().add(FaultRule("taken", Operation::listen, Verdict::fail(std::errc::address_in_use))
                         .rate(200'000));
}

// The choices that were asked, by entity, in order.
using ChoicesAsked = std::map<std::string, std::vector<std::pair<Site, std::uint32_t>>>;

struct ChurnRun {
  RunReport report;
  ChoicesAsked asked;
  std::vector<Deviation> deviations;
  std::vector<Deviation> not_applied;
};

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

RC_GTEST_PROP(Names, stand_for_one_choice_of_a_run_and_replay_it, (std::uint64_t seed)) {
  const Churn churn = some_churn();
  World world(every_site(seed));
  const ChurnRun found = run_churn(world, churn, 1);
  RC_ASSERT(found.report.ok());
  for (auto [entity, asked] : found.asked) {
    std::ranges::sort(asked);
    const auto twice = std::ranges::adjacent_find(asked);
    if (twice != asked.end()) {
      RC_LOG() << name(twice->first) << '/' << entity << '/' << twice->second << '\n';
    }
    RC_ASSERT(twice == asked.end());
  }
  RC_CLASSIFY(
      std::ranges::any_of(found.asked,
                          [](const auto& one) { return one.first.find('~') != std::string::npos; }),
      "something is made again");
  World replayed(found.deviations);
  const ChurnRun again = run_churn(replayed, churn, 1);
  RC_ASSERT(again.report.digest == found.report.digest);
  RC_ASSERT(again.deviations == found.deviations);
  RC_ASSERT(again.not_applied.empty());
}

RC_GTEST_PROP(Names, of_unrelated_objects_stay_without_a_deviation, (std::uint64_t seed)) {
  constexpr int pairs = 2;
  const Churn churn = some_churn();
  World world(every_site(seed));
  const ChurnRun found = run_churn(world, churn, pairs);
  std::vector<Deviation> deviations = found.deviations;
  RC_PRE(!deviations.empty());
  const auto removed =
      deviations.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(deviations));
  const std::string touched = removed->at.entity;
  deviations.erase(removed);
  World fewer(deviations);
  const ChurnRun without = run_churn(fewer, churn, pairs);
  const auto of_pair = [](const ChoicesAsked& asked, int pair) {
    const std::string prefix = "pair-" + std::to_string(pair) + '-';
    ChoicesAsked of;
    for (const auto& [entity, choices] : asked) {
      if (entity.find(prefix) != std::string::npos) {
        std::copy_if(choices.begin(), choices.end(), std::back_inserter(of[entity]),
                     // A tie is between two hosts, which may be of two pairs.
                     [](const auto& choice) { return choice.first != Site::tie; });
      }
    }
    return of;
  };
  for (int pair = 0; pair < pairs; ++pair) {
    if (touched.find("pair-" + std::to_string(pair) + '-') == std::string::npos) {
      RC_ASSERT(of_pair(found.asked, pair) == of_pair(without.asked, pair));
    }
  }
}

TEST(Names, of_a_port_that_the_network_picks_are_those_of_the_tasks) {
  const auto asked = [](std::vector<Deviation> deviations) {
    World world(std::move(deviations));
    std::set<std::string> sent;
    world.choices().listen([&](const Coordinate& at) {
      if (at.site == Site::late) {
        sent.insert(at.entity);
      }
    });
    for (const char* task : {"first", "second"}) {
      world.host("host").spawn(task, [](ProgramHost& host) -> Task<> {
        auto socket = host.bind({"0.0.0.0", 0});
        const std::array word{std::byte{1}};
        co_await socket.send_to(word, {"10.0.0.1", 9});
      });
    }
    EXPECT_TRUE(world.run().ok());
    EXPECT_TRUE(world.choices().not_applied().empty());
    return sent;
  };
  const std::set<std::string> expected = {"host/first:udp/0", "host/second:udp/0"};
  EXPECT_EQ(asked({}), expected);
  EXPECT_EQ(asked({{{Site::run, "host/first", 1}, 1}}), expected);
}

// A server that binds its port again and again: every socket has a name of its own.
TEST(Names, of_sockets_that_are_bound_again_count_them) {
  World world;
  std::set<std::string> asked;
  world.choices().listen([&](const Coordinate& at) { asked.insert(at.entity); });
  world.host("server").daemon().spawn("serve", [](ProgramHost& host) -> Task<> {
    for (;;) {
      auto socket = host.bind({"0.0.0.0", 53});
      const std::array word{std::byte{1}};
      co_await socket.send_to(word, {"10.0.0.1", 9});
      co_await sched::sleep_for(1ms);
    }
  });
  world.at(2500us).restart("server");
  EXPECT_TRUE(world.run_for(4ms).ok());
  for (const char* name : {"server:udp/53", "server:udp/53~2", "server:udp/53~3", "server~2:udp/53",
                           "server~2:udp/53~2", "server", "server~2", "server~2/serve"}) {
    EXPECT_TRUE(asked.contains(name)) << name;
  }
  EXPECT_FALSE(asked.contains("server:udp/53~4"));
}

// How often the first choice of each of two generations deviates over many seeds.
struct Pairs {
  int both = 0;
  int first = 0;
  int second = 0;
};

void expect_independent(const std::function<std::pair<bool, bool>(std::uint64_t seed)>& draws) {
  constexpr int seeds = 2000;
  Pairs count;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto [first, second] = draws(seed);
    count.both += first && second ? 1 : 0;
    count.first += first ? 1 : 0;
    count.second += second ? 1 : 0;
  }
  EXPECT_GT(count.first, seeds / 10);
  EXPECT_GT(count.second, seeds / 10);
  const double expected = 1.0 * count.first * count.second / seeds;
  EXPECT_NEAR(count.both, expected, expected / 4);
}

TEST(Names, of_two_generations_draw_independently) {
  const auto deviates_first = [](std::uint64_t seed, const char* first, const char* second) {
    Policy policy = Policy::random(seed, Rates{});
    policy[Site::late] = policy[Site::program] = policy[Site::resolve] = {300'000, 100};
    World world(policy);
    world.host("server").daemon().spawn("serve", [](ProgramHost& host) -> Task<> {
      auto socket = host.bind({"0.0.0.0", 53});
      const std::array word{std::byte{1}};
      co_await socket.send_to(word, {"10.0.0.1", 9});
      std::ignore = host.choose("way", 100);
      co_await host.resolve("server");
    });
    world.at(1ms).restart("server");
    EXPECT_TRUE(world.run_for(4ms).ok());
    const auto has = [&](const char* name) {
      return std::ranges::any_of(world.choices().deviations(),
                                 [&](const Deviation& one) { return one.at.to_string() == name; });
    };
    return std::pair(has(first), has(second));
  };
  for (const auto& [first, second] :
       {std::pair("late/server:udp/53/0", "late/server~2:udp/53/0"),
        std::pair("program/server:way/0", "program/server~2:way/0"),
        std::pair("resolve/server:server/0", "resolve/server~2:server/0")}) {
    expect_independent([&](std::uint64_t seed) { return deviates_first(seed, first, second); });
  }
}

TEST(Names, of_two_rules_with_rates_draw_independently) {
  expect_independent([](std::uint64_t seed) {
    World world(Policy::random(seed, Rates{}));
    // The first rule that applies decides: so each looks at a direction of its own.
    Faults& faults = world.faults();
    faults.add(FaultRule("one", Operation::datagram, Verdict::drop()).rate(300'000));
    faults.add(FaultRule("two", Operation::bind, Verdict::drop()).rate(300'000));
    Choices& choices = world.choices();
    const Verdict one = faults.judge(Operation::datagram, "a", "b", "a:udp/53", choices);
    const Verdict two = faults.judge(Operation::bind, "a", "b", "a:udp/53", choices);
    return std::pair(one.kind == Verdict::Kind::drop, two.kind == Verdict::Kind::drop);
  });
}

TEST(Names, a_second_deviation_of_one_is_refused_with_both_places) {
  const auto choose_twice = [](bool records) {
    Policy policy = Policy::nominal();
    policy.draws = true;
    policy[Site::program] = {1'000'000, 1};
    Choices choices(policy);
    std::uint64_t events = 3;
    choices.count_by(events);
    choices.record(records);
    const auto choose = [&] {
      return choices.choose(Site::program, 7, 0, 2, [] { return "host:way"; });
    };
    EXPECT_EQ(choose(), 1U);
    events = 8;
    choose();
  };
  const char* message =
      "after program/host:way/0, which deviates after event 3, comes another program/host:way/0, "
      "after event 8";
  EXPECT_DEATH(choose_twice(true), message);
  EXPECT_DEATH(choose_twice(false), message);
}

TEST(Names, of_hosts_leave_out_what_their_objects_names_are_built_with) {
  World world;
  for (const char* name : {"", "a b", "a/b", "a:b", "a~2", "a#0"}) {
    EXPECT_DEATH(world.host(name), "the name of a host is not empty and has no");
  }
  EXPECT_DEATH(world.host("world"), "the name of a host is not 'world'");
}

}  // namespace
}  // namespace rehearsal::simnet
