// Measures the simulator: round trips of TCP echo per second, a fresh world, memory, and how the
// cost of an event depends on the size of the world. Times are processor time, for one core. Prints
// one JSON object with the parts whose names are arguments, or with all parts.
#include <malloc.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include "sim_pairs.hpp"
#include "simnet/choices/choices.hpp"
#include "simnet/network/fabric.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/shrink.hpp"
#include "simnet/trace/trace_recorder.hpp"

namespace {

using bench::cpu_seconds;
using bench::demand;
using bench::Load;
using bench::ProgramHost;
using bench::round_trips_of;
namespace sched = rehearsal::sched;
namespace simnet = rehearsal::simnet;
using namespace std::chrono_literals;

using Figures = std::vector<std::pair<std::string, double>>;

constexpr std::size_t large_message = 16384;

Figures pairs(int count, int round_trips) {
  Load load;
  load.pairs = count;
  load.round_trips = round_trips;
  bench::Pairs all(load);
  const double seconds = all.exchange();
  return {{"round_trips_per_s", round_trips_of(load) / seconds},
          {"building_s", all.building()},
          {"ns_per_round_trip", seconds / round_trips_of(load) * 1e9}};
}

// Returns the bytes copied per second. Both buffers fit into the first-level cache: the best case.
double memcpy_bytes_per_s() {
  std::vector<char> from(large_message, 'x');
  std::vector<char> to(large_message);
  constexpr int copies = 1'000'000;
  const double start = cpu_seconds();
  for (int i = 0; i < copies; ++i) {
    std::memcpy(to.data(), from.data(), large_message);
    asm volatile("" : : "r"(to.data()), "r"(from.data()) : "memory");  // keeps the copy
  }
  return static_cast<double>(large_message) * copies / (cpu_seconds() - start);
}

// Counts payload: the bytes of a message count once in each direction.
Figures large_messages() {
  Load load;
  load.round_trips = 100'000;
  load.size = large_message;
  const double before = memcpy_bytes_per_s();
  bench::Pairs all(load);
  const double rate = 2.0 * large_message * load.round_trips / all.exchange();
  const double copied = (before + memcpy_bytes_per_s()) / 2;
  return {{"bytes_per_s", rate}, {"memcpy_bytes_per_s", copied}, {"of_memcpy", rate / copied}};
}

sched::Task<> send_ten(ProgramHost& host) {
  auto client = co_await host.connect({"server", bench::echo_port});
  std::array<std::byte, 64> message{};
  for (int i = 0; i < 10; ++i) {
    co_await bench::echo(client, message);
  }
}

void run_fresh_world(std::uint64_t seed) {
  simnet::World world(simnet::Policy::random(seed));
  world.choices().record(false);
  world.host("server").spawn([](ProgramHost& host) {
    return bench::servers::echo_server(host, {"0.0.0.0", bench::echo_port});
  });
  for (const char* client : {"client-0", "client-1", "client-2"}) {
    world.host(client).spawn([](ProgramHost& host) { return send_ten(host); });
  }
  demand(world.run());
}

Figures fresh_world() {
  constexpr std::uint64_t worlds = 10'000;
  for (std::uint64_t seed = 0; seed < worlds / 10; ++seed) {
    run_fresh_world(seed);
  }
  const double start = cpu_seconds();
  for (std::uint64_t seed = 0; seed < worlds; ++seed) {
    run_fresh_world(seed);
  }
  return {{"us", (cpu_seconds() - start) / worlds * 1e6}};
}

// For each client, the waiting time of each of its ten messages.
using Waits = std::array<std::array<sched::Duration, 10>, 3>;

sched::Task<> time_ten(ProgramHost& host, simnet::World& world, std::shared_ptr<Waits> waits,
                       std::size_t client) {
  auto server = co_await host.connect({"server", bench::echo_port});
  std::array<std::byte, 64> message{};
  for (sched::Duration& wait : waits->at(client)) {
    const sched::Instant start = host.now();
    co_await bench::echo(server, message);
    wait = host.now() - start;
  }
  // Simulates a server that tolerates one late message of two clients, but not both.
  world.always("not both wait", waits->at(0)[4] < 3ms || waits->at(2)[7] < 3ms);
}

// A server and three clients with ten messages each, in which every kind of choice deviates often.
simnet::Scenario waiting() {
  simnet::Scenario scenario("waiting", "Fails if two messages are late", [](simnet::World& world) {
    world.host("server").spawn([](ProgramHost& host) {
      return bench::servers::echo_server(host, {"0.0.0.0", bench::echo_port});
    });
    const auto waits = std::make_shared<Waits>();
    for (std::size_t i = 0; i < waits->size(); ++i) {
      world.host("client-" + std::to_string(i)).spawn([&world, waits, i](ProgramHost& host) {
        return time_ten(host, world, waits, i);
      });
    }
  });
  for (simnet::Rate& rate : scenario.rates.of) {
    rate.per_million = rate.per_million == 0 ? 0 : 420'000;
  }
  return scenario;
}

Figures shrinking() {
  const simnet::Scenario scenario = waiting();
  simnet::RunResult found;
  for (std::uint64_t seed = 1; found.report.ok() || found.schedule.deviations.size() < 1000;
       ++seed) {
    demand(seed < 100'000, "no run fails with so many deviations");
    found = run_scenario(scenario, {seed, simnet::NamedPolicy::Kind::random});
  }
  const double start = cpu_seconds();
  const simnet::Shrunk shrunk = shrink(found.schedule, attempt_here(scenario));
  const double took = cpu_seconds() - start;
  demand(shrunk.minimal, "the bound was reached");
  return {{"ms", took * 1e3},
          {"deviations_before", static_cast<double>(shrunk.deviations_before)},
          {"deviations_after", static_cast<double>(shrunk.schedule.deviations.size())},
          {"runs", static_cast<double>(shrunk.runs)}};
}

std::size_t heap_in_use() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;  // a large block has its own mapping
}

constexpr std::size_t idle_connections = 10'000;

sched::Task<> echo_one(bench::Client& client) {
  std::array<std::byte, 64> message{};
  const std::size_t size = co_await client.recv_exactly(message);
  co_await client.send_all(std::span(message).first(size));
}

sched::Task<> echo_one_each(ProgramHost& host, std::vector<bench::Client>& kept) {
  auto listener = host.listen({"0.0.0.0", bench::echo_port});
  for (;;) {
    auto client = co_await listener.accept();
    co_await echo_one(*client);
    kept.push_back(std::move(*client));
  }
}

sched::Task<> connect_many(ProgramHost& host, std::vector<bench::Client>& kept, bool& done) {
  std::array<std::byte, 64> message{};
  for (std::size_t i = 0; i < idle_connections; ++i) {
    auto client = co_await host.connect({"server", bench::echo_port});
    co_await bench::echo(client, message);
    kept.push_back(std::move(client));
  }
  co_await sched::sleep_for(1min);  // until nothing is in flight
  done = true;
}

// Bytes for both ends together: kernel, descriptors, streams. Each has echoed a message;
// no task waits.
Figures idle_memory() {
  const std::size_t before = heap_in_use();
  std::vector<bench::Client> served;
  std::vector<bench::Client> connected;
  served.reserve(idle_connections);
  connected.reserve(idle_connections);
  simnet::World world(simnet::Policy::random(1));
  world.choices().record(false);
  simnet::HostOptions options;
  options.descriptors = 2 * idle_connections;
  world.host("server", options).spawn([&](ProgramHost& host) {
    return echo_one_each(host, served);
  });
  bool done = false;
  world.host("client", options).spawn([&](ProgramHost& host) {
    return connect_many(host, connected, done);
  });
  demand(world.run_until([&] { return done; }));
  const std::size_t used = heap_in_use() - before;
  demand(served.size() == idle_connections, "not all are connected");
  served.clear();
  connected.clear();
  return {{"bytes", static_cast<double>(used) / idle_connections},
          {"bytes_of_streams", 2.0 * sizeof(bench::Client)}};
}

// Sleeps 1 to 2 seconds each time, in an order unrelated to the task numbers
// (Knuth's multiplicative hash).
sched::Task<> sleep_times(int times, std::size_t number) {
  const auto longer = std::chrono::nanoseconds((number * 2'654'435'761U & 0xffff'ffffU) / 4);
  for (int i = 0; i < times; ++i) {
    co_await sched::sleep_for(1s + longer);
  }
}

double ns_per_timer(std::size_t pending) {
  constexpr std::size_t timers = 1'000'000;
  simnet::World world(simnet::Policy::random(1));
  world.choices().record(false);
  const int times = static_cast<int>(timers / pending) + 1;
  world.host("host").spawn([&](ProgramHost& host) -> sched::Task<> {
    for (std::size_t i = 0; i < pending; ++i) {
      host.spawn(sleep_times(times, i));
    }
    co_return;
  });
  demand(world.run_for(1ms));
  const double start = cpu_seconds();
  demand(world.run());
  return (cpu_seconds() - start) / (static_cast<double>(pending) * times) * 1e9;
}

double ns_among(int hosts) {
  Load load;
  load.round_trips = 300'000;
  load.idle_pairs = hosts / 2;
  bench::Pairs all(load);
  return all.exchange() / load.round_trips * 1e9;
}

Figures by_count(const std::vector<int>& counts, const std::function<double(int)>& measure) {
  Figures figures;
  for (const int count : counts) {
    figures.emplace_back(std::to_string(count), measure(count));
  }
  return figures;
}

Figures by_pending() {
  return by_count({100, 1000, 10'000, 100'000},
                  [](int count) { return ns_per_timer(static_cast<std::size_t>(count)); });
}

Figures by_hosts() { return by_count({10, 100, 1000, 10'000}, ns_among); }

// The trace is written in full and discarded.
Figures recording() {
  Load load;
  load.pairs = 50;
  load.round_trips = 2000;
  bench::Pairs plain(load);
  const double without = plain.exchange();
  bench::Pairs traced(load);
  std::ofstream out("/dev/null");
  simnet::TraceRecorder recorder(out, {});
  recorder.begins(traced.world());
  const double with = traced.exchange();
  traced.world().fabric().listener = nullptr;
  demand(plain.world().digest() == traced.world().digest(), "recording changes the run");
  const double round_trips = round_trips_of(load);
  return {{"times", with / without}, {"ns_per_round_trip", with / round_trips * 1e9}};
}

struct Part {
  const char* name;
  std::function<Figures()> measure;
};

// Each part takes about a second.
const std::vector<Part>& parts() {
  static const std::vector<Part> all = {
      {"pairs_1", [] { return pairs(1, 1'500'000); }},
      {"pairs_50", [] { return pairs(50, 30'000); }},
      {"pairs_100", [] { return pairs(100, 15'000); }},
      {"pairs_1000", [] { return pairs(1000, 1000); }},
      {"pairs_5000", [] { return pairs(5000, 200); }},
      {"pairs_10000", [] { return pairs(10'000, 100); }},
      {"large", large_messages},
      {"fresh", fresh_world},
      {"idle", idle_memory},
      {"pending", by_pending},
      {"hosts", by_hosts},
      {"recording", recording},
      {"shrinking", shrinking},
  };
  return all;
}

void print(const Figures& figures) {
  const char* separator = "";
  std::printf("{");
  for (const auto& [name, value] : figures) {
    std::printf(R"(%s"%s": %.9g)", separator, name.c_str(), value);
    separator = ", ";
  }
  std::printf("}");
}

}  // namespace

int main(int count, char** arguments) {
  spdlog::set_level(spdlog::level::err);
  const std::vector<std::string_view> asked(arguments + 1, arguments + count);
  const char* separator = "{";
  for (const Part& part : parts()) {
    if (asked.empty() || std::ranges::find(asked, part.name) != asked.end()) {
      std::printf(R"(%s"%s": )", separator, part.name);
      print(part.measure());
      std::fflush(stdout);
      separator = ", ";
    }
  }
  demand(*separator == ',', "no part is called that");
  std::printf("}\n");
}
