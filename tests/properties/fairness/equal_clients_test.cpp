// Equal clients of one server are served alike: Jain's index over any window of rounds.
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/sync/sleep.hpp"
#include "tests/properties/fairness/policies.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::fairness {
namespace {

using namespace std::chrono_literals;
using simnet::ProgramHost;
using simnet::Site;
using simnet::World;

// Jain, Chiu, Hawe: A quantitative measure of fairness and discrimination for resource allocation
// in shared computer systems, 1984: (sum x)^2 / (n * sum x^2), which is 1 if all get the same.
double jain(const std::vector<double>& served) {
  double sum = 0;
  double squares = 0;
  for (const double one : served) {
    sum += one;
    squares += one * one;
  }
  return squares == 0 ? 1 : sum * sum / (static_cast<double>(served.size()) * squares);
}

constexpr std::size_t window = 100;  // rounds

// Records, at the end of each round, how many turns each session has had so far.
class Service final : public sched::Observer {
 public:
  explicit Service(std::size_t clients) : clients_(clients) {}

  void resumed(const sched::TaskRecord& task) override {
    if (task.parent() != nullptr) {  // a session of the server
      ++turns_[task.key()];
    }
  }
  void polled(sched::Wake /*wake*/, std::size_t /*ready*/) override {
    if (turns_.size() == clients_) {
      std::vector<double>& now = rounds_.emplace_back();
      for (const auto& [session, turns] : turns_) {
        now.push_back(turns);
      }
    }
  }
  // Returns the lowest index of any window after the clients' bytes have arrived, or 0 if none.
  [[nodiscard]] double least() const {
    double least = rounds_.size() > warm_up + window ? 1 : 0;
    for (std::size_t end = warm_up + window; end < rounds_.size(); ++end) {
      std::vector<double> served;
      for (std::size_t i = 0; i < clients_; ++i) {
        served.push_back(rounds_[end][i] - rounds_[end - window][i]);
      }
      least = std::min(least, jain(served));
    }
    return least;
  }

 private:
  static constexpr std::size_t warm_up = 100;  // rounds

  std::size_t clients_;
  std::map<std::uint64_t, double> turns_;  // by session
  std::vector<std::vector<double>> rounds_;
};

// Buffers hold more than the whole run serves, so the network always has work for each session.
simnet::HostOptions roomy(sched::Duration resumption_cost) {
  simnet::HostOptions options;
  options.resumption_cost = resumption_cost;
  options.send_buffer = options.recv_buffer = 2U << 20U;
  return options;
}

// Takes a few bytes at a time, so that the input lasts for many turns.
sched::Task<> sip(sched::Stream<simnet::SimulatedNetwork> client) {
  std::array<std::byte, 64> buffer{};
  for (;;) {
    const std::size_t size = co_await client.recv(buffer);
    co_await client.send_all(std::span(buffer).first(size));
  }
}

sched::Task<> serve_sips(ProgramHost& host) {
  auto listener = host.listen({"0.0.0.0", 7});
  sched::Supervisor sessions(host);
  for (;;) {
    auto client = co_await listener.accept();
    const std::string name = client->name();
    sessions.spawn(name, sip(std::move(*client)));
  }
}

sched::Task<> pour(ProgramHost& host) {
  co_await sched::sleep_for(3ms);
  auto server = co_await host.connect({"server", 7});
  const auto said = simnet::pattern(1U << 20U, 1);
  co_await server.send_all(said);
  co_await sched::sleep_until(sched::never);
}

double least_index(const simnet::Policy& policy, std::size_t clients) {
  Service service(clients);  // observes the server until the world is destroyed
  World world(policy);
  world.host("server", roomy(20us)).spawn([&service](ProgramHost& host) {
    host.scheduler().observe(service);
    return serve_sips(host);
  });
  for (std::size_t i = 0; i < clients; ++i) {
    world.host("client-" + std::to_string(i), roomy(100ns)).spawn([](ProgramHost& host) {
      return pour(host);
    });
  }
  world.run_for(10ms + 20us * static_cast<std::int64_t>(clients) * 500);
  return service.least();
}

TEST(EqualClients, are_served_alike_in_any_hundred_rounds) {
  for (const std::size_t clients : {2U, 3U, 10U, 50U}) {
    EXPECT_GE(least_index(simnet::Policy::nominal(), clients), 0.99) << clients;
  }
}

// Makes all decisions of a policy except delays of tasks: such a delay is exactly the turn that a
// session loses. Partial reads and writes, late segments, reordered readiness and interrupted waits
// must cost no session a turn.
class AllButDelays final : public simnet::PolicyAlgorithm {
 public:
  explicit AllButDelays(std::shared_ptr<simnet::PolicyAlgorithm> policy)
      : policy_(std::move(policy)) {}

  [[nodiscard]] bool decides(Site site) const override {
    return site != Site::run && policy_->decides(site);
  }
  std::uint32_t choose(const simnet::Question& question) override {
    return policy_->choose(question);
  }

 private:
  std::shared_ptr<simnet::PolicyAlgorithm> policy_;
};

RC_GTEST_PROP(EqualClients, are_served_alike_whatever_the_network_does_under_every_policy,
              (std::uint64_t seed)) {
  const auto clients = *rc::gen::inRange<std::size_t>(2, 12);
  for (const char* name : policies) {
    simnet::Policy policy = policy_of(name, seed);
    policy[Site::run] = {};
    if (policy.algorithm) {
      policy.algorithm = std::make_shared<AllButDelays>(policy.algorithm);
    }
    const double least = least_index(policy, clients);
    RC_LOG() << name << ": " << least << '\n';
    RC_ASSERT(least >= 0.99);
  }
}

}  // namespace
}  // namespace rehearsal::fairness
