// What is promised of a simulated host under every policy, over populations of up to thousands of
// tasks: how long a ready task is passed over, that no task starves another, how late a timer is.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/event.hpp"
#include "sched/key.hpp"
#include "sched/sleep.hpp"
#include "simnet/named_policy.hpp"
#include "simnet/scenario.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::fairness {
namespace {

using namespace std::chrono_literals;
using simnet::NamedPolicy;
using simnet::Op;
using simnet::ProgramHost;
using simnet::Site;
using simnet::World;

constexpr std::array policies = {"nominal", "random", "pct", "pos", "sparse", "swarm"};
constexpr sched::Duration cost = 100ns;  // of a resumption

// How many tasks of each kind share a host.
struct Population {
  int greedy = 0;  // yield, again and again
  int shy = 0;     // wait for an event that another sets
  int sleeping = 0;
  int cancelled = 0;
  int turns = 1;  // of each
};

void showValue(const Population& all, std::ostream& out) {
  out << all.greedy << " greedy, " << all.shy << " shy, " << all.sleeping << " sleeping, "
      << all.cancelled << " cancelled, " << all.turns << " turns";
}

rc::Gen<Population> population(int most) {
  namespace gen = rc::gen;
  return gen::resize(100,
                     gen::build<Population>(gen::set(&Population::greedy, gen::inRange(0, most)),
                                            gen::set(&Population::shy, gen::inRange(0, most)),
                                            gen::set(&Population::sleeping, gen::inRange(0, most)),
                                            gen::set(&Population::cancelled, gen::inRange(0, most)),
                                            gen::set(&Population::turns, gen::inRange(1, 12))));
}

// Small ones as a rule, so that what fails is small, and now and then thousands.
rc::Gen<Population> any_population() {
  return rc::gen::weightedOneOf<Population>(
      {{30, population(4)}, {9, population(40)}, {1, population(1'500)}});
}

struct Stage {
  sched::Event wake;
  std::vector<sched::JoinHandle<>> doomed;
  std::map<std::string, sched::Instant> deadlines;  // of those that sleep now, by path
};

sched::Task<> greedy(int turns) {
  for (int turn = 0; turn < turns; ++turn) {
    co_await sched::yield();
  }
}

sched::Task<> shy(Stage& stage, int turns) {
  for (int turn = 0; turn < turns; ++turn) {
    co_await stage.wake.wait();
    co_await sched::yield();
  }
}

sched::Task<> sleeper(ProgramHost& host, Stage& stage, int turns) {
  const std::string path = host.scheduler().current()->path();
  for (int turn = 0; turn < turns; ++turn) {
    const sched::Duration nap = 1us * static_cast<std::int64_t>(host.random() % 50);
    stage.deadlines[path] = host.now() + nap;
    co_await sched::sleep_for(nap);
    stage.deadlines.erase(path);
  }
}

sched::Task<> rouse_and_cancel(Stage& stage, int turns) {
  for (int turn = 0; turn < turns; ++turn) {
    co_await sched::yield();
    if (!stage.doomed.empty()) {
      stage.doomed.back().cancel();
      stage.doomed.pop_back();
    }
  }
  stage.wake.set();
  stage.doomed.clear();
}

sched::Task<> populate(ProgramHost& host, std::shared_ptr<Stage> stage, Population all) {
  for (int i = 0; i < all.greedy; ++i) {
    host.spawn(greedy(all.turns));
  }
  for (int i = 0; i < all.shy; ++i) {
    host.spawn(shy(*stage, all.turns));
  }
  for (int i = 0; i < all.sleeping; ++i) {
    host.spawn(sleeper(host, *stage, all.turns));
  }
  for (int i = 0; i < all.cancelled; ++i) {
    stage->doomed.push_back(host.spawn(greedy(2 * all.turns)));
  }
  auto last = host.spawn(rouse_and_cancel(*stage, all.turns));
  co_await last.join();
}

// Sees who becomes ready, with which delay, and who goes on.
class Watch {
 public:
  explicit Watch(World& world) : world_(world) {
    world.choices().listen([this](const simnet::Coordinate& at) { asked(at); });
    world.choices().on_deviation([this](const simnet::Deviation& deviation) {
      if (deviation.at.site == Site::run) {
        ready_[last_].bound += deviation.value;
      }
    });
    world.fabric().listener = [this](const simnet::Event& event) { happens(event); };
  }
  ~Watch() { world_.fabric().listener = nullptr; }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // `deadline()` gives when a task wanted to wake; `never` where it did not sleep.
  void expect_in_time(std::function<sched::Instant(const std::string& task)> deadline) {
    deadline_ = std::move(deadline);
  }
  [[nodiscard]] bool all_went_on() const { return ready_.empty(); }
  [[nodiscard]] bool nobody_was_passed_too_often() const { return !too_often_; }
  [[nodiscard]] std::uint64_t resumed() const { return resumed_; }
  // By how much a timer was late at most, and how long the longest round was.
  [[nodiscard]] sched::Duration latest() const { return latest_; }
  [[nodiscard]] sched::Duration longest_round() const { return cost * longest_round_; }

 private:
  struct Stay {
    std::uint64_t bound = 0;  // how many others may go first
    std::uint64_t since = 0;  // how many had gone when it became ready
  };

  void asked(const simnet::Coordinate& at) {
    if (at.site == Site::interrupt) {  // the source is asked: a round is over
      longest_round_ = std::max(longest_round_, resumed_ - polled_at_);
      polled_at_ = resumed_;
    }
    if (at.site != Site::run) {
      return;
    }
    last_ = sched::extend_key(sched::empty_key, at.entity);
    ready_[last_] = {ready_.size(), resumed_};
    const sched::Instant deadline = deadline_ ? deadline_(at.entity) : sched::never;
    if (deadline != sched::never && at.ordinal > 1) {
      latest_ = std::max(latest_, world_.now() - deadline);
    }
  }
  void happens(const simnet::Event& event) {
    if (event.op == Op::resume) {
      const auto found = ready_.find(event.key);
      too_often_ = too_often_ || resumed_ - found->second.since > found->second.bound;
      ready_.erase(found);
      ++resumed_;
    } else if (event.op == Op::done || event.op == Op::failed || event.op == Op::cancelled) {
      ready_.erase(event.key);
    }
  }

  World& world_;
  std::map<std::uint64_t, Stay> ready_;  // by key
  std::uint64_t last_ = 0;
  std::uint64_t resumed_ = 0;
  std::uint64_t polled_at_ = 0;
  std::uint64_t longest_round_ = 0;
  sched::Duration latest_{};
  bool too_often_ = false;
  std::function<sched::Instant(const std::string& task)> deadline_;
};

simnet::RunShape some_shape() {
  simnet::RunShape shape;
  shape.asked.fill(500);
  return shape;
}

simnet::Policy policy_of(const char* name, std::uint64_t seed) {
  return NamedPolicy::parse(name)->make(seed, simnet::Rates::usual(), some_shape());
}

// The exact bound is that of sched/scheduler.hpp. A task that becomes ready gets the place (arrival
// + delay) in the queue. Those that are ready already have places of their own, and each may go
// before it once: when one of them has gone on it comes back with a later arrival. Of those that
// become ready after it, only the next `delay` arrivals can have a smaller place. So at most (ready
// before it) + delay others go first; nominally the delay is 0.
RC_GTEST_PROP(EveryPolicy, passes_no_ready_task_over_by_more_than_its_delay_allows,
              (std::uint64_t seed)) {
  const Population all = *any_population();
  for (const char* policy : policies) {
    World world(policy_of(policy, seed));
    Watch watch(world);
    const auto stage = std::make_shared<Stage>();
    world.host("host").spawn([=](ProgramHost& host) { return populate(host, stage, all); });
    const simnet::RunReport report = world.run();
    RC_ASSERT(report.end == simnet::RunEnd::done);
    RC_ASSERT(watch.nobody_was_passed_too_often());
    RC_ASSERT(watch.all_went_on());
    RC_ASSERT(watch.resumed() == report.steps);
  }
}

// A timer fires at the first poll that is not before its deadline, and a round lies between two
// polls: under load, what is late is late by a round.
RC_GTEST_PROP(EveryPolicy, fires_a_timer_late_by_no_more_than_a_round, (std::uint64_t seed)) {
  Population all = *any_population();
  all.sleeping += 1;
  for (const char* policy : policies) {
    World world(policy_of(policy, seed));
    Watch watch(world);
    const auto stage = std::make_shared<Stage>();
    watch.expect_in_time([stage](const std::string& task) {
      const auto found = stage->deadlines.find(task);
      return found == stage->deadlines.end() ? sched::never : found->second;
    });
    world.host("host").spawn([=](ProgramHost& host) { return populate(host, stage, all); });
    RC_ASSERT(world.run().end == simnet::RunEnd::done);
    RC_ASSERT(watch.latest() <= watch.longest_round());
  }
}

// The server listens by then, however long its start was held back.
sched::Task<> late_client(ProgramHost& host) {
  co_await sched::sleep_for(3ms);
  co_await simnet::echo_client(host, "server", 5, 64);
}

constexpr std::array client_names = {"client-0", "client-1", "client-2"};

// Tasks that are always ready, and clients that are served all the same: the more there are, the
// longer a round, and that is all.
RC_GTEST_PROP(EveryPolicy, serves_its_clients_however_many_tasks_are_always_ready,
              (std::uint64_t seed)) {
  const int spinners = *rc::gen::inRange(0, 300);
  for (const char* policy : policies) {
    World world(policy_of(policy, seed));
    world.host("server").spawn([](ProgramHost& host) { return simnet::echo_server(host); });
    for (const char* name : client_names) {
      world.host(name).spawn([](ProgramHost& host) { return late_client(host); });
    }
    bool done = false;
    for (int i = 0; i < spinners; ++i) {
      world.host("server").spawn([&done](ProgramHost& /*host*/) -> sched::Task<> {
        while (!done) {
          co_await sched::yield();
        }
      });
    }
    const simnet::RunReport report = world.run_until([&] {
      done = std::ranges::all_of(client_names,
                                 [&](const char* name) { return world.host(name).idle(); });
      return done;
    });
    if (report.end != simnet::RunEnd::condition) {
      RC_FAIL(policy + (": " + report.to_string()));
    }
  }
}

}  // namespace
}  // namespace rehearsal::fairness
