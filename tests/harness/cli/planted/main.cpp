// A user's program with its own scenarios, each of which fails in one way.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include "harness/cli/scenario_commands.hpp"
#include "sched/base/check.hpp"
#include "sched/sync/event.hpp"
#include "servers/echo.hpp"
#include "tests/simnet/search/racy_bank.hpp"

namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using rehearsal::harness::Scenarios;
using rehearsal::sched::Host;
using rehearsal::sched::Network;
using rehearsal::sched::Task;
using rehearsal::simnet::FaultRule;
using rehearsal::simnet::Operation;
using rehearsal::simnet::Scenario;
using rehearsal::simnet::Verdict;
using rehearsal::simnet::World;

// Ten steps, each of which may fail: in a few seeds of a hundred, one does.
template <Network Net>
Task<> walk(Host<Net>& host, std::function<void()> goes_wrong) {
  for (int step = 0; step < 10; ++step) {
    co_await rehearsal::sched::sleep_for(1ms);
    const std::uint32_t stone = host.choose("stone", 40);
    if (stone == 7) {
      spdlog::info("stumbles at step {}", step);
      goes_wrong();
    }
  }
}

Scenario walking(const std::string& name, std::function<void()> goes_wrong) {
  return {name, "Goes wrong at a stone", [goes_wrong = std::move(goes_wrong)](World& world) {
            world.host("walker").spawn("walk",
                                       [goes_wrong](auto& host) { return walk(host, goes_wrong); });
          }};
}

// The ledge guides later runs. Only those that have reached it can fall; any may crash, but for
// those of a careful climber. Steps take a random time, so that each data seed is another run.
Task<> climb(World& world, auto& host, bool careful, bool may_fall) {
  bool on_the_ledge = false;
  for (int step = 0; step < 10; ++step) {
    const auto longer = std::chrono::nanoseconds(host.random() % 1000);
    co_await rehearsal::sched::sleep_for(1ms + longer);
    const std::uint32_t stone = host.choose("stone", 20);
    on_the_ledge = on_the_ledge || stone == 5;
    world.sometimes("on the ledge", on_the_ledge);
    if (stone == 9 && step == 2 && !careful) {
      std::raise(SIGSEGV);
    }
    if (on_the_ledge && stone == 7 && may_fall) {
      throw std::runtime_error("it falls");
    }
  }
}

Scenario climbing() {
  return {"climbs", "Falls from a ledge; crashes at a stone", [](World& world) {
            world.host("climber").spawn(
                "climb", [&world](auto& host) { return climb(world, host, false, true); });
          }};
}

Scenario climbing_tired() {
  return {"tires", "Falls from a ledge, but not in the first two runs of its process",
          [memory = std::make_shared<int>(0)](World& world) {
            const bool tired = ++*memory >= 3;
            world.host("climber").spawn(
                "climb", [&world, tired](auto& host) { return climb(world, host, true, tired); });
          }};
}

Task<> wait_for_nothing() {
  rehearsal::sched::Event never;
  co_await never.wait();
}

// Does not survive a slow look-up.
template <Network Net>
Task<> ask_the_way(Host<Net>& host) {
  const auto before = host.now();
  const auto found = co_await host.resolve("walker");
  if (host.now() - before > 1ms) {
    std::raise(SIGSEGV);
  }
}

Scenario slow_name() {
  return {"slow-name", "Crashes if a name resolves late", [](World& world) {
            world.host("walker").spawn("ask", [](auto& host) { return ask_the_way(host); });
            world.host("walker").spawn("rest", [](auto& /*host*/) -> Task<> {
              co_await rehearsal::sched::sleep_for(5ms);
            });
          }};
}

Task<> turn_on_the_spot(int turns, bool falls = false) {
  for (int turn = 0; turn < turns; ++turn) {
    co_await rehearsal::sched::sleep_for(1us);
  }
  if (falls) {
    throw std::runtime_error("giddy");
  }
}

Task<> take_the_lead(std::shared_ptr<int> steps) {
  co_await rehearsal::sched::sleep_for(1ms);
  ++*steps;
  co_await rehearsal::sched::yield();
  ++*steps;
}

Task<> follow(std::shared_ptr<int> steps) {
  co_await rehearsal::sched::sleep_for(1ms);
  co_await rehearsal::sched::yield();
  if (*steps < 2) {
    std::raise(SIGSEGV);
  }
}

// Crashes in the first process that gets here, which leaves a mark: the schedule does
// not decide it.
Task<> crash_once(auto& host) {
  for (int choice = 0; choice < 10; ++choice) {
    static_cast<void>(host.choose("any", 16));
  }
  const char* mark = std::getenv("PLANTED_MARK");  // NOLINT: no thread sets it
  const int made = mark == nullptr ? -1 : ::open(mark, O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made >= 0) {
    ::close(made);
    std::raise(SIGSEGV);
  }
  co_return;
}

// A user's own policy: at the third choice of the whole program the seed decides, and
// nothing else deviates.
class ThirdChoice final : public rehearsal::simnet::PolicyAlgorithm {
 public:
  explicit ThirdChoice(std::uint64_t seed) : seed_(seed) {}
  [[nodiscard]] bool decides(rehearsal::simnet::Site /*site*/) const override { return true; }
  std::uint32_t choose(const rehearsal::simnet::Question& question) override {
    const bool third = question.site == rehearsal::simnet::Site::program && ++choices_ == 3;
    return third ? static_cast<std::uint32_t>(seed_ % question.outcomes) : 0;
  }

 private:
  std::uint64_t seed_;
  int choices_ = 0;
};

using SimulatedHost = rehearsal::sched::Host<rehearsal::simnet::SimulatedNetwork>;
using SimulatedStream = rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>;

// Answers each order, then books it: a crash between the two loses what was answered.
Task<> keep_shop(SimulatedHost& host, std::shared_ptr<int> booked) {
  auto listener = host.listen({"0.0.0.0", 7});
  for (;;) {
    std::optional<SimulatedStream> client = co_await listener.accept();
    if (!client) {
      break;
    }
    std::vector<std::byte> order(6);
    co_await client->recv_exactly(order);
    const std::string answer = "done\n";
    co_await client->send_all(answer);
    co_await rehearsal::sched::sleep_for(1ms);
    ++*booked;
  }
}

Task<> order_once(SimulatedHost& host, World& world, std::shared_ptr<int> booked) {
  co_await rehearsal::sched::sleep_for(1ms);
  try {
    SimulatedStream shop = co_await host.connect({"shop", 7});
    const std::string order = "order\n";
    co_await shop.send_all(order);
    std::vector<std::byte> answer(5);
    const std::size_t size = co_await shop.recv_exactly(answer);
    if (size != answer.size()) {
      co_return;
    }
    co_await rehearsal::sched::sleep_for(10ms);
    world.always("an order that was answered is booked", *booked == 1);
  } catch (const std::system_error&) {
    co_return;  // without an answer nothing was promised
  }
}

// Whether the shop survives a crash at any moment, or crashes at a fixed time while it is cut off.
Scenario shop(const std::string& name, bool any_moment) {
  return {name, "Answers an order before it is booked", [any_moment](World& world) {
            auto booked = std::make_shared<int>(0);
            world.host("shop").spawn(
                "sell", [booked](SimulatedHost& host) { return keep_shop(host, booked); });
            world.host("client").spawn("buy", [&world, booked](SimulatedHost& host) {
              return order_once(host, world, booked);
            });
            if (any_moment) {
              world.survives({rehearsal::simnet::crash("shop")}, {.until = 20ms});
            } else {
              world.at(1700us).partition("shop", "client").kill("shop");
              world.at(5ms).heal("shop", "client").restart("shop");
              world.at(1h).restart("shop");
            }
          }};
}

// Fails if `follow` runs first; otherwise it turns on the spot until the step limit.
Task<> lead_on(std::shared_ptr<int> steps) {
  ++*steps;
  co_return;
}

Task<> follow_forever(std::shared_ptr<int> steps) {
  if (*steps == 0) {
    throw std::runtime_error("lost");
  }
  for (;;) {
    co_await rehearsal::sched::yield();
  }
}

Task<> step_or_fall(auto& host) {
  if (host.choose("step", 2) == 0) {
    std::raise(SIGSEGV);
  }
  throw std::runtime_error("it hurts");
  co_return;
}

// Adds scenarios whose reports have something that those of the others do not have.
void add_reported(Scenarios& all) {
  all.push_back(shop("early-answer", true));
  all.push_back(shop("early-answer-scripted", false));
  all.emplace_back(
      "unchecked", "Sets up checks and actions that it does not come to", [](World& world) {
        world.host("idler").spawn("idle", [](auto& /*host*/) { return turn_on_the_spot(3); });
        world.eventually("it rains", 1h, [] { return false; });
        world.at(2h, [] {});
        world.at(1us, [] {});
        world.sometimes("it was dry", true);
      });
  all.back().run = [](World& world) { return world.run_for(1ms); };
  all.emplace_back("loses-the-leader", "Fails, or never ends", [](World& world) {
    auto steps = std::make_shared<int>(0);
    world.host("walker").spawn("lead", [steps](auto& /*host*/) { return lead_on(steps); });
    world.host("walker").spawn("follow", [steps](auto& /*host*/) { return follow_forever(steps); });
  });
  all.emplace_back("falls", "Crashes by default; otherwise it hurts", [](World& world) {
    world.host("walker").spawn("walk", [](auto& host) { return step_or_fall(host); });
  });
  all.emplace_back("stumbles", "Fails if the scenario chooses so", [](World& world) {
    const std::uint32_t stone = world.parameter("stone", 0, 1);
    world.host("walker").spawn("walk",
                               [stone](auto& /*host*/) { return turn_on_the_spot(1, stone == 1); });
  });
}

Scenarios scenarios() {
  Scenarios all;
  all.push_back(walking("throws", [] { throw std::runtime_error("it hurts"); }));
  all.back().own_policy = [](std::uint64_t seed, const auto& rates, const auto& /*shape*/) {
    return rehearsal::simnet::Policy::directed(seed, std::make_shared<ThirdChoice>(seed), rates);
  };
  all.push_back(walking("segfaults", [] { std::raise(SIGSEGV); }));
  all.push_back(walking("checks", [] { rehearsal::sched::check(false, "nobody stumbles"); }));
  all.push_back(walking("exits", [] { ::_exit(0); }));
  all.push_back(climbing());
  all.push_back(climbing_tired());
  all.push_back(rehearsal::simnet::racy_bank(5, 10));
  all.emplace_back("always-crashes", "Every run ends in a crash",
                   [](World& /*world*/) { std::raise(SIGABRT); });
  all.emplace_back("crashes-once", "One process of many crashes", [](World& world) {
    world.host("host").spawn("crash", [](auto& host) { return crash_once(host); });
  });
  all.emplace_back("refuses", "Its world cannot be built",
                   [](World& /*world*/) { throw std::runtime_error("no bricks"); });
  all.emplace_back("waits", "A deadlock", [](World& world) {
    world.host("waiter").spawn("wait", [](auto& /*host*/) { return wait_for_nothing(); });
  });
  all.emplace_back("overtakes", "Crashes if one task overtakes another", [](World& world) {
    auto steps = std::make_shared<int>(0);
    world.host("walker").spawn("lead", [steps](auto& /*host*/) { return take_the_lead(steps); });
    world.host("walker").spawn("follow", [steps](auto& /*host*/) { return follow(steps); });
  });
  all.emplace_back("never", "Sets up what never comes", [](World& world) {
    world.host("idler").spawn("idle", [](auto& /*host*/) { return turn_on_the_spot(1); });
    world.faults().add(
        FaultRule("no-such-send", Operation::send, Verdict::reset()).from("nobody").nth(1));
    world.faults().add(
        FaultRule("may-stay-away", Operation::send, Verdict::reset()).nth(2).may_stay_away());
    world.sometimes("the moon is blue", false);
  });
  all.back().rates[rehearsal::simnet::Site::duplicate] = {500'000, 1};
  all.push_back(slow_name());
  add_reported(all);
  all.emplace_back("long", "Takes a while", [](World& world) {
    world.host("turner").spawn("turn", [](auto& /*host*/) { return turn_on_the_spot(20'000); });
  });
  all.emplace_back("livelock", "Never ends", [](World& world) {
    world.host("turner").spawn("turn", [](auto& /*host*/) { return turn_on_the_spot(20'000); });
  });
  all.back().options.step_limit = 500;
  all.emplace_back("endless", "Takes more time than there is", [](World& world) {
    world.host("turner").spawn("turn", [](auto& /*host*/) { return turn_on_the_spot(20'000); });
  });
  all.back().options.time_limit = 100us;
  all.emplace_back("remembers", "Reads what its last run left",
                   [memory = std::make_shared<int>(0)](World& world) {
                     const int turns = ++*memory;
                     world.host("turner").spawn(
                         "turn", [turns](auto& /*host*/) { return turn_on_the_spot(turns, true); });
                   });
  all.emplace_back("recalls", "Fails in the third run of its process, and in those after it",
                   [memory = std::make_shared<int>(0)](World& world) {
                     const bool falls = ++*memory >= 3;
                     world.host("turner").spawn(
                         "turn", [falls](auto& /*host*/) { return turn_on_the_spot(1, falls); });
                   });
  all.emplace_back("forgets", "Fails in the first run of its process, and in no other",
                   [memory = std::make_shared<int>(0)](World& world) {
                     const bool falls = ++*memory == 1;
                     world.host("turner").spawn(
                         "turn", [falls](auto& /*host*/) { return turn_on_the_spot(1, falls); });
                   });
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  return rehearsal::harness::run_scenarios(argc, argv, scenarios());
}
