// Guarantees of a simulated host under every policy, over populations of up to thousands of tasks:
// how long a ready task is passed over, that no task starves another, and how late a timer is.
#include "tests/properties/fairness/policies.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/base/key.hpp"
#include "sched/sync/event.hpp"
#include "sched/sync/sleep.hpp"
#include "simnet/choices/choices.hpp"
#include "simnet/network/fabric.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::fairness {
namespace {

using namespace std::chrono_literals;
using simnet::Op;
using simnet::ProgramHost;
using simnet::Site;
using simnet::World;

constexpr sched::Duration cost = 100ns;  // per resumption

// How many tasks of each kind share a host.
struct Population {
  int greedy = 0;  // yield again and again
  int shy = 0;     // wait for an event that another task sets
  int sleeping = 0;
  int cancelled = 0;
  int receiving = 0;  // receive from connections that a peer keeps full
  int turns = 1;      // per task
};

void showValue(const Population& all, std::ostream& out) {
  out << all.greedy << " greedy, " << all.shy << " shy, " << all.sleeping << " sleeping, "
      << all.cancelled << " cancelled, " << all.receiving << " receiving, " << all.turns
      << " turns";
}

rc::Gen<Population> population(int most) {
  namespace gen = rc::gen;
  return gen::resize(100, gen::build<Population>(
                              gen::set(&Population::greedy, gen::inRange(0, most)),
                              gen::set(&Population::shy, gen::inRange(0, most)),
                              gen::set(&Population::sleeping, gen::inRange(0, most)),
                              gen::set(&Population::cancelled, gen::inRange(0, most)),
                              gen::set(&Population::receiving, gen::inRange(0, std::min(most, 12))),
                              gen::set(&Population::turns, gen::inRange(1, 12))));
}

// Usually small ones, so that a failing case is small, and sometimes thousands.
rc::Gen<Population> any_population() {
  return rc::gen::weightedOneOf<Population>(
      {{30, population(4)}, {9, population(40)}, {1, population(1'500)}});
}

struct Bedroom {
  sched::Event wake;
  std::vector<sched::JoinHandle<>> doomed;
  std::map<std::string, sched::Instant> deadlines;  // of the sleeping tasks, by path
};

sched::Task<> greedy(int turns) {
  for (int turn = 0; turn < turns; ++turn) {
    co_await sched::yield();
  }
}

sched::Task<> shy(Bedroom& bedroom, int turns) {
  for (int turn = 0; turn < turns; ++turn) {
    co_await bedroom.wake.wait();
    co_await sched::yield();
  }
}

sched::Task<> sleeper(ProgramHost& host, Bedroom& bedroom, int turns) {
  const std::string path = host.scheduler().current()->path();
  for (int turn = 0; turn < turns; ++turn) {
    const sched::Duration nap = 1us * static_cast<std::int64_t>(host.random() % 50);
    bedroom.deadlines[path] = host.now() + nap;
    co_await sched::sleep_for(nap);
    bedroom.deadlines.erase(path);
  }
}

sched::Task<> rouse_and_cancel(Bedroom& bedroom, int turns) {
  for (int turn = 0; turn < turns; ++turn) {
    co_await sched::yield();
    if (!bedroom.doomed.empty()) {
      bedroom.doomed.back().cancel();
      bedroom.doomed.pop_back();
    }
  }
  bedroom.wake.set();
  bedroom.doomed.clear();
}

constexpr std::size_t sip_size = 16;  // bytes

sched::Task<> receiver(sched::Stream<simnet::SimulatedNetwork> peer) {
  std::array<std::byte, sip_size> buffer{};
  for (;;) {
    const std::size_t size = co_await peer.recv(buffer);
    if (size == 0) {
      co_return;
    }
  }
}

// Sends as much as its receiver takes in many turns.
sched::Task<> pour(ProgramHost& host, int turns) {
  co_await sched::sleep_for(3ms);  // by then the other host listens, however long it was held back
  auto stream = co_await host.connect({"host", 7});
  const auto bytes = simnet::pattern(sip_size * 4 * static_cast<std::size_t>(turns), 1);
  co_await stream.send_all(bytes);
  stream.shutdown_send();
  std::array<std::byte, 1> nothing{};
  const std::size_t size = co_await stream.recv(nothing);  // until the receiver is done
  EXPECT_EQ(size, 0U);
}

// The world does not wait for a host that listens.
sched::Task<std::vector<sched::Stream<simnet::SimulatedNetwork>>> accept_all(ProgramHost& host,
                                                                             int count) {
  std::vector<sched::Stream<simnet::SimulatedNetwork>> peers;
  auto listener = host.listen({"0.0.0.0", 7});
  for (int i = 0; i < count; ++i) {
    auto peer = co_await listener.accept();
    peers.push_back(std::move(*peer));
  }
  co_return peers;
}

// There is something to receive on every connection when the others start.
sched::Task<> populate(ProgramHost& host, std::shared_ptr<Bedroom> bedroom, Population all) {
  auto peers = co_await accept_all(host, all.receiving);
  for (auto& peer : peers) {
    host.spawn(receiver(std::move(peer)));
  }
  for (int i = 0; i < all.greedy; ++i) {
    host.spawn(greedy(all.turns));
  }
  for (int i = 0; i < all.shy; ++i) {
    host.spawn(shy(*bedroom, all.turns));
  }
  for (int i = 0; i < all.sleeping; ++i) {
    host.spawn(sleeper(host, *bedroom, all.turns));
  }
  for (int i = 0; i < all.cancelled; ++i) {
    bedroom->doomed.push_back(host.spawn(greedy(2 * all.turns)));
  }
  auto last = host.spawn(rouse_and_cancel(*bedroom, all.turns));
  co_await last.join();
}

void inhabit(World& world, const std::shared_ptr<Bedroom>& bedroom, const Population& all) {
  world.host("host").spawn([=](ProgramHost& host) { return populate(host, bedroom, all); });
  for (int i = 0; i < all.receiving; ++i) {
    world.host("peer").spawn([=](ProgramHost& host) { return pour(host, all.turns); });
  }
}

// Observes which task becomes ready on "host", with which delay, and which task is resumed.
class Watch {
 public:
  explicit Watch(World& world) : world_(world) {
    world.choices().listen([this](const simnet::Coordinate& at) { asked(at); });
    world.choices().on_deviation([this](const simnet::Deviation& deviation) {
      if (deviation.at.site == Site::run && is_here(deviation.at.entity)) {
        ready_[last_].bound += deviation.value;
      }
    });
    world.fabric().listener = [this](const simnet::RunEvent& event) { happens(event); };
  }
  ~Watch() { world_.fabric().listener = nullptr; }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // `deadline()` returns when a task wanted to wake, or `never` if it did not sleep.
  void expect_in_time(std::function<sched::Instant(const std::string& task)> deadline) {
    deadline_ = std::move(deadline);
  }
  [[nodiscard]] bool all_went_on() const { return ready_.empty(); }
  [[nodiscard]] bool nobody_was_passed_too_often() const { return !too_often_; }
  // Returns whether the source was asked again before more tasks were resumed than were in the
  // queue when the round began. The queue holds ready tasks, and records of tasks that were ready
  // when they were cancelled.
  [[nodiscard]] bool asked_the_source_each_round() const { return !too_rarely_; }
  // Returns whether no timer was late by more than the round before the poll in which it fired.
  [[nodiscard]] bool all_in_time() const { return !too_late_; }
  [[nodiscard]] std::uint64_t resumed() const { return resumed_; }

 private:
  struct Stay {
    std::uint64_t bound = 0;  // how many others may go first
    std::uint64_t since = 0;  // how many had gone when it became ready
  };

  static bool is_here(std::string_view entity) {
    return entity == "host" || entity.starts_with("host/");
  }
  void asked(const simnet::Coordinate& at) {
    if (!is_here(at.entity)) {
      return;
    }
    if (at.site == Site::interrupt) {  // the source is asked: a round is over
      round_ = resumed_ - polled_at_;
      polled_at_ = resumed_;
      too_rarely_ = too_rarely_ || round_ > ready_at_start_ + cancelled_;
    }
    if (at.site != Site::run) {
      return;
    }
    last_ = sched::extend_key(sched::empty_key, at.entity);
    ready_[last_] = {ready_.size(), resumed_};
    const sched::Instant deadline = deadline_ ? deadline_(at.entity) : sched::never;
    if (deadline != sched::never && at.ordinal > 1) {
      too_late_ = too_late_ || world_.now() - deadline > cost * round_;
    }
  }
  void happens(const simnet::RunEvent& event) {
    const auto found = ready_.find(event.key);
    if (found == ready_.end()) {
      return;
    }
    if (event.op == Op::resume) {
      if (resumed_ == polled_at_) {
        ready_at_start_ = ready_.size();
      }
      too_often_ = too_often_ || resumed_ - found->second.since > found->second.bound;
      ready_.erase(found);
      ++resumed_;
    } else if (event.op == Op::done || event.op == Op::failed || event.op == Op::cancelled) {
      ready_.erase(found);
      ++cancelled_;
    }
  }

  World& world_;
  std::map<std::uint64_t, Stay> ready_;  // by key
  std::uint64_t last_ = 0;
  std::uint64_t resumed_ = 0;
  std::uint64_t polled_at_ = 0;
  std::uint64_t round_ = 0;           // how many tasks the latest round resumed
  std::uint64_t ready_at_start_ = 0;  // of the current round
  std::uint64_t cancelled_ = 0;       // while they were ready
  bool too_often_ = false;
  bool too_rarely_ = false;
  bool too_late_ = false;
  std::function<sched::Instant(const std::string& task)> deadline_;
};

// The exact bound is stated in sched/core/scheduler.hpp. A task that becomes ready gets the place
// (arrival + delay) in the queue. The tasks that are ready already have their own places, and each
// may go before it once: after its resumption it comes back with a later arrival. Of the tasks that
// become ready later, only the next `delay` arrivals can have a smaller place. So at most (ready
// before it) + delay others go first. By default the delay is 0.
RC_GTEST_PROP(EveryPolicy, passes_no_ready_task_over_by_more_than_its_delay_allows,
              (std::uint64_t seed)) {
  const Population all = *any_population();
  for (const char* policy : policies) {
    World world(policy_of(policy, seed));
    Watch watch(world);
    const auto bedroom = std::make_shared<Bedroom>();
    inhabit(world, bedroom, all);
    const simnet::RunReport report = world.run();
    RC_LOG() << policy << ": " << report.to_string() << '\n';
    RC_ASSERT(report.ok());
    RC_ASSERT(watch.nobody_was_passed_too_often());
    RC_ASSERT(watch.asked_the_source_each_round());
    RC_ASSERT(watch.all_went_on());
    RC_ASSERT(all.receiving != 0 || watch.resumed() == report.steps);
  }
}

// A timer fires at the first poll that is not before its deadline, and there is a round between two
// polls. So under load a timer is late by at most a round, unless the policy makes it later.
RC_GTEST_PROP(EveryPolicy, fires_a_timer_late_by_no_more_than_a_round, (std::uint64_t seed)) {
  Population all = *any_population();
  all.sleeping += 1;
  simnet::Rates in_time = simnet::Rates::usual();
  in_time[Site::timer] = {};
  for (const char* policy : policies) {
    World world(policy_of(policy, seed, in_time));
    Watch watch(world);
    const auto bedroom = std::make_shared<Bedroom>();
    watch.expect_in_time([bedroom](const std::string& task) {
      const auto found = bedroom->deadlines.find(task);
      return found == bedroom->deadlines.end() ? sched::never : found->second;
    });
    inhabit(world, bedroom, all);
    RC_ASSERT(world.run().ok());
    RC_ASSERT(watch.all_in_time());
  }
}

// By then the server listens, however long its start was held back.
sched::Task<> late_client(ProgramHost& host) {
  co_await sched::sleep_for(3ms);
  co_await simnet::echo_client(host, "server", 5, 64);
}

constexpr std::array client_names = {"client-0", "client-1", "client-2"};

// Several times the steps that the clients need at worst: a run that reaches this
// limit starves one.
simnet::WorldOptions in_bounds() {
  simnet::WorldOptions options;
  options.step_limit = 1'000'000;
  return options;
}

// Tasks that are always ready must not stop the server from serving its clients. More such tasks
// only make the rounds longer.
RC_GTEST_PROP(EveryPolicy, serves_its_clients_however_many_tasks_are_always_ready,
              (std::uint64_t seed)) {
  const int spinners = *rc::gen::inRange(0, 300);
  for (const char* policy : policies) {
    World world(policy_of(policy, seed), in_bounds());
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
    if (report.end != simnet::WorldEnd::condition) {
      RC_FAIL(std::string(policy) + ": " + std::to_string(spinners) +
              " tasks that are always ready starve a client: " + report.to_string());
    }
  }
}

}  // namespace
}  // namespace rehearsal::fairness
