// Two-phase commit: a participant that has voted yes must not decide alone, however long the
// decision takes. This participant aborts after a while, although the coordinator may have
// committed. The fixed variant asks for the outcome.
#include <array>
#include <map>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

using Outcomes = std::map<std::string, std::string>;  // by transaction

sched::Task<std::string> find_outcome(Version version, Host& host, Stream& coordinator,
                                      std::string transaction) {
  std::string outcome;
  try {
    outcome = co_await sched::with_timeout(10ms, expect_line(coordinator));
  } catch (const std::system_error&) {
    outcome = version == Version::buggy ? "abort" : "unknown";
  }
  while (outcome == "unknown") {
    co_await sched::sleep_for(5ms);
    const auto answer = co_await try_ask(host, "coordinator", transaction, 1s);
    outcome = answer ? *answer : outcome;
  }
  co_return outcome;
}

// One transaction per connection.
sched::Task<> participate(Version version, Host& host, std::shared_ptr<Outcomes> outcomes,
                          Stream coordinator) {
  const std::string transaction = co_await expect_line(coordinator);
  co_await send_line(coordinator, "yes");
  const std::string outcome = co_await find_outcome(version, host, coordinator, transaction);
  outcomes->emplace(transaction, outcome);
}

sched::Task<> commit(Host& host, Outcomes& decided, std::string transaction) {
  Stream first = co_await host.connect({"participant-0", port});
  Stream second = co_await host.connect({"participant-1", port});
  co_await send_line(first, transaction);
  co_await send_line(second, transaction);
  const std::string one = co_await expect_line(first);
  const std::string other = co_await expect_line(second);
  decided[transaction] = one == "yes" && other == "yes" ? "commit" : "abort";
  co_await send_line(first, decided[transaction]);
  co_await send_line(second, decided[transaction]);
}

sched::Task<std::string> tell_outcome(Outcomes& decided, std::string transaction) {
  const auto found = decided.find(transaction);
  co_return found == decided.end() ? "unknown" : found->second;
}

sched::Task<> run_transactions(World& world, std::array<std::shared_ptr<Outcomes>, 2> participants,
                               Host& host) {
  Outcomes decided;
  sched::TaskGroup answering(host);
  const Answer answer = [&decided](std::string transaction) {
    return tell_outcome(decided, std::move(transaction));
  };
  answering.spawn(serve_answers(host, answer));
  for (int i = 0; i < 3; ++i) {
    co_await commit(host, decided, "transaction-" + std::to_string(i));
  }
  co_await sched::sleep_for(10s);
  world.always("both participants know of one outcome", *participants[0] == *participants[1]);
}

}  // namespace

Scenario decided_alone(Version version) {
  Scenario scenario("decided_alone", "A participant aborts a transaction that was committed",
                    [version](World& world) {
                      std::array<std::shared_ptr<Outcomes>, 2> participants;
                      for (std::size_t i = 0; i < 2; ++i) {
                        auto outcomes = std::make_shared<Outcomes>();
                        participants[i] = outcomes;
                        world.host("participant-" + std::to_string(i))
                            .spawn("serve", [version, outcomes](Host& host) {
                              return serve(host, [version, outcomes, &host](Stream coordinator) {
                                return participate(version, host, outcomes, std::move(coordinator));
                              });
                            });
                      }
                      world.host("coordinator").spawn("run", [&world, participants](Host& host) {
                        return run_transactions(world, participants, host);
                      });
                    });
  scenario.run = [](World& world) { return world.run_for(30s); };
  scenario.rates[Site::late].most = 20'000;
  return scenario;
}

}  // namespace rehearsal::bugs
