// Pairs of simulated hosts, each a client and an echo server, for the simulator's benches.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <span>
#include <string>
#include <vector>

#include "servers/echo.hpp"
#include "simnet/choices/choices.hpp"
#include "simnet/world.hpp"

namespace bench {

namespace sched = rehearsal::sched;
namespace servers = rehearsal::servers;
namespace simnet = rehearsal::simnet;

using ProgramHost = sched::Host<simnet::SimulatedNetwork>;
using Client = sched::Stream<simnet::SimulatedNetwork>;

constexpr std::uint16_t echo_port = 7;

// Processor time, so that time used by other programs does not count.
inline double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

inline void demand(bool holds, const char* what) {
  if (!holds) {
    std::fprintf(stderr, "sim_ours: %s\n", what);
    std::exit(1);
  }
}

inline void demand(const simnet::RunReport& report) {
  demand(report.ok(), report.to_string().c_str());
}

struct Load {
  Load() = default;

  int pairs = 1;
  int round_trips = 1;  // per pair
  std::size_t size = 64;
  int idle_pairs = 0;  // pairs that exchange one message, then wait for another
};

inline sched::Task<> echo(Client& client, std::span<std::byte> message) {
  co_await client.send_all(message);
  const std::size_t got = co_await client.recv_exactly(message);
  demand(got == message.size(), "an echo is cut short");
}

// The first message is sent alone, long before the others, so the timed part excludes connecting
// and the first use of everything.
inline sched::Task<> converse(ProgramHost& host, std::string server, Load load, int& ready) {
  auto client = co_await host.connect({server, echo_port});
  std::vector<std::byte> message(load.size, std::byte{'x'});
  co_await echo(client, message);
  ++ready;
  co_await sched::sleep_for(std::chrono::minutes(1));
  for (int i = 0; i < load.round_trips; ++i) {
    co_await echo(client, message);
  }
}

inline sched::Task<> wait_for_ever(ProgramHost& host, std::string server, int& ready) {
  auto client = co_await host.connect({server, echo_port});
  std::vector<std::byte> message(64, std::byte{'x'});
  co_await echo(client, message);
  ++ready;
  const std::size_t got = co_await client.recv(message);
  demand(got == 0, "nobody sends to the idle");
}

// A world in which all pairs are connected and have echoed one message.
class Pairs {
 public:
  explicit Pairs(const Load& load) : load_(load), world_(simnet::Policy::random(1)) {
    const double start = cpu_seconds();
    world_.choices().record(false);
    for (int i = 0; i < load.pairs; ++i) {
      const std::string server = add_server("s" + std::to_string(i));
      world_.host("c" + std::to_string(i)).spawn([this, server](ProgramHost& host) {
        return converse(host, server, load_, ready_);
      });
    }
    for (int i = 0; i < load.idle_pairs; ++i) {
      const std::string server = add_server("t" + std::to_string(i));
      simnet::SimulatedHost& client = world_.host("d" + std::to_string(i)).daemon();
      client.spawn(
          [this, server](ProgramHost& host) { return wait_for_ever(host, server, ready_); });
    }
    demand(world_.run_until([this] { return ready_ == load_.pairs + load_.idle_pairs; }));
    building_ = cpu_seconds() - start;
  }
  Pairs(const Pairs&) = delete;
  Pairs& operator=(const Pairs&) = delete;

  [[nodiscard]] simnet::World& world() { return world_; }
  // Returns the seconds until all were connected.
  [[nodiscard]] double building() const { return building_; }
  // Runs all exchanges and returns the seconds they took together. Call it once.
  double exchange() {
    const double start = cpu_seconds();
    demand(world_.run());
    return cpu_seconds() - start;
  }

 private:
  std::string add_server(std::string name) {
    world_.host(name).spawn(
        [](ProgramHost& host) { return servers::echo_server(host, {"0.0.0.0", echo_port}); });
    return name;
  }

  Load load_;
  int ready_ = 0;
  double building_ = 0;
  simnet::World world_;
};

inline double round_trips_of(const Load& load) {
  return static_cast<double>(load.pairs) * load.round_trips;
}

}  // namespace bench
