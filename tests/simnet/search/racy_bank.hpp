// A scenario with a race that few interleavings show: a deposit reads the balance, waits for the
// disk and writes the balance plus one. If two deposits overlap, one is lost. Clients take turns,
// far enough apart that none overlap in the default run.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sched/sync/sleep.hpp"
#include "sched/sync/supervisor.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::simnet {

struct Bank {
  int balance = 0;
  int deposits = 0;
};

inline sched::Task<> serve_deposits(World& world, std::shared_ptr<Bank> bank,
                                    sched::Stream<SimulatedNetwork> client) {
  std::vector<std::byte> order(1);
  for (;;) {
    const std::size_t size = co_await client.recv(order);
    if (size == 0) {
      co_return;
    }
    const int before = bank->balance;
    co_await sched::sleep_for(std::chrono::microseconds(200));
    bank->balance = before + 1;
    ++bank->deposits;
    world.always("no deposit is lost", bank->balance == bank->deposits);
    co_await client.send_all(order);
  }
}

inline sched::Task<> run_bank(World& world, std::shared_ptr<Bank> bank,
                              sched::Host<SimulatedNetwork>& host) {
  auto listener = host.listen({"0.0.0.0", 7});
  sched::Supervisor sessions(host);
  for (;;) {
    auto client = co_await listener.accept();
    if (!client) {
      break;
    }
    const std::string name = client->name();
    sessions.spawn(name, serve_deposits(world, bank, std::move(*client)));
  }
}

inline sched::Task<> deposit(sched::Host<SimulatedNetwork>& host, std::uint32_t turn,
                             std::uint32_t clients, int messages) {
  auto bank = co_await host.connect({"bank", 7});
  std::vector<std::byte> order(1);
  for (int message = 0; message < messages; ++message) {
    const auto at = (static_cast<std::uint32_t>(message) * clients + turn + 1) * 1'500;
    co_await sched::sleep_until(sched::Instant(std::chrono::microseconds(at)));
    co_await bank.send_all(order);
    co_await bank.recv_exactly(order);
  }
}

// From two clients up to `most`.
inline Scenario racy_bank(std::uint32_t most, int messages) {
  return {"bank", "Loses a deposit if two overlap", [=](World& world) {
            auto bank = std::make_shared<Bank>();
            world.host("bank").spawn("serve", [&world, bank](sched::Host<SimulatedNetwork>& host) {
              return run_bank(world, bank, host);
            });
            const std::uint32_t clients = world.parameter("clients", 2, most);
            for (std::uint32_t i = 0; i < clients; ++i) {
              world.host("client-" + std::to_string(i))
                  .spawn("deposit", [=](sched::Host<SimulatedNetwork>& host) {
                    return deposit(host, i, clients, messages);
                  });
            }
          }};
}

// Returns the first run that fails, with seeds from `seed` on.
inline RunResult first_failure(const Scenario& scenario, std::uint64_t seed = 1) {
  for (;; ++seed) {
    RunResult run = run_scenario(scenario, {seed, NamedPolicy::Kind::random});
    if (!run.report.ok()) {
      return run;
    }
  }
}

}  // namespace rehearsal::simnet
