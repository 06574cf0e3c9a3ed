// Simulation tests, each of which fails in one way. gtest_test.py runs them as a program.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "examples/bank/bank_world.hpp"
#include "sched/base/check.hpp"
#include "sched/host.hpp"
#include "sched/sync/event.hpp"

namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using rehearsal::sched::Host;
using rehearsal::sched::Network;
using rehearsal::sched::Task;
using rehearsal::simnet::World;

REHEARSE(Bank, loses_no_deposit, {.runs = 1000, .policy = "random"}) { add_bank(world, false); }

class Hall : public testing::Test {};
REHEARSE_F(Hall, loses_no_deposit, {.runs = 1000, .policy = "random"}) { add_bank(world, false); }

// Fixtures whose SetUp() ends a run, so that no body runs.
struct CrashingSetUp : testing::Test {
  void SetUp() override { std::abort(); }
};
REHEARSE_F(CrashingSetUp, is_a_finding) { std::exit(7); }
struct FailingSetUp : testing::Test {
  void SetUp() override { ASSERT_EQ(1 + 1, 3); }
};
REHEARSE_F(FailingSetUp, is_a_finding) { std::exit(7); }
struct SkippingSetUp : testing::Test {
  void SetUp() override { GTEST_SKIP() << "not today"; }
};
REHEARSE_F(SkippingSetUp, skips_the_test) { std::exit(7); }

// Ten steps, each of which may fail: in a few seeds of a hundred, one does.
template <Network Net>
Task<> walk(Host<Net>& host, void (*goes_wrong)()) {
  for (int step = 0; step < 10; ++step) {
    co_await rehearsal::sched::sleep_for(1ms);
    const std::uint32_t stone = host.choose("stone", 40);
    if (stone == 7) {
      goes_wrong();
    }
  }
}

void add_walker(World& world, void (*goes_wrong)()) {
  world.host("walker").spawn("walk", [goes_wrong](auto& host) { return walk(host, goes_wrong); });
}

void overflow_the_stack(volatile int* depth) {
  volatile int here[1000] = {*depth + 1};  // NOLINT
  if (*depth >= 0) {                       // always
    overflow_the_stack(here);
  }
  *depth = here[1];
}

REHEARSE(Walk, segfaults) {
  add_walker(world, [] { std::raise(SIGSEGV); });
}
REHEARSE(Walk, reads_at_zero) {
  add_walker(world, [] {
    volatile int* volatile nowhere = nullptr;
    *nowhere = 1;
  });
}
REHEARSE(Walk, overflows_its_stack) {
  add_walker(world, [] {
    volatile int depth = 0;
    overflow_the_stack(&depth);
  });
}
REHEARSE(Walk, breaks_a_check) {
  add_walker(world, [] { rehearsal::sched::check(false, "nobody stumbles"); });
}
REHEARSE(Walk, never_ends) {
  add_walker(world, [] {
    static volatile bool forever = true;
    while (forever) {
    }
  });
}
REHEARSE(Walk, uses_what_is_freed) {
  add_walker(world, [] {
    // Hidden from the compiler.
    int* volatile freed = new int(1);  // NOLINT
    int* volatile still = freed;
    delete freed;  // NOLINT
    *still = 2;
  });
}

REHEARSE(Body, throws_what_is_no_exception) { throw 42; }  // NOLINT(hicpp-exception-baseclass)
REHEARSE(Body, crashes_before_any_event) {
  if (world.choose("stone", 3) == 2) {
    std::abort();
  }
}

REHEARSE(Walk, loses_memory) {
  add_walker(world, [] {
    int* volatile lost = new int(1);  // NOLINT
    ++*lost;
    lost = nullptr;
  });
}

Task<> swallow_all(bool stumbles) {
  co_await rehearsal::sched::sleep_for(1ms);
  try {
    CO_ASSERT_FALSE(stumbles) << "swallowed";
  } catch (...) {
  }
}

REHEARSE(Swallow, is_no_way_out) {
  world.host("glutton").spawn([](auto& host) -> Task<> {
    const bool stumbles = host.choose("stone", 4) == 3;
    return swallow_all(stumbles);
  });
}

// Fails in the default run; on nearly every other continuation after the first step, it crashes.
template <Network Net>
Task<> step_into_the_trap(Host<Net>& host) {
  co_await rehearsal::sched::sleep_for(1ms);
  const std::uint32_t stone = host.choose("stone", 1000);
  if (stone != 0) {
    std::raise(SIGSEGV);
  }
  EXPECT_TRUE(false) << "caught";
}
rehearsal::simnet::Rates mostly_off_the_path() {
  rehearsal::simnet::Rates rates;
  rates[rehearsal::simnet::Site::program] = {1'000'000, 1'000};
  return rates;
}
REHEARSE(Trap, is_beside_the_path, {.policy = "nominal", .rates = mostly_off_the_path()}) {
  world.host("walker").spawn("walk", [](auto& host) { return step_into_the_trap(host); });
}

Task<> wait_for_nothing() {
  rehearsal::sched::Event never;
  co_await never.wait();
}
REHEARSE(Deadlock, is_reported) {
  world.host("waiter").spawn("wait", [](auto& /*host*/) { return wait_for_nothing(); });
}

Task<> take_the_lead(int& steps) {
  ++steps;
  co_return;
}
Task<> follow(int& steps) {
  EXPECT_EQ(steps, 1) << "it was overtaken";
  co_return;
}
REHEARSE(Search, finds_the_one_order, {.policy = "exhaustive"}) {
  int& steps = world.make<int>(0);
  world.host("walker").spawn("lead", [&steps](auto& /*host*/) { return take_the_lead(steps); });
  world.host("walker").spawn("follow", [&steps](auto& /*host*/) { return follow(steps); });
}

Task<> crash_if_overtaken(int& steps) {
  if (steps != 1) {
    std::raise(SIGSEGV);
  }
  co_return;
}
REHEARSE(Search, crashes_in_one_order, {.policy = "exhaustive"}) {
  int& steps = world.make<int>(0);
  world.host("walker").spawn("lead", [&steps](auto& /*host*/) { return take_the_lead(steps); });
  world.host("walker").spawn("follow",
                             [&steps](auto& /*host*/) { return crash_if_overtaken(steps); });
}
REHEARSE(Search, of_a_run_that_never_ends, {.policy = "exhaustive"}) {
  static volatile bool forever = true;
  while (forever) {
  }
}
REHEARSE(Search, is_skipped, {.policy = "exhaustive"}) { GTEST_SKIP() << "not today"; }

Task<> nap(int naps) {
  for (int i = 0; i < naps; ++i) {
    co_await rehearsal::sched::sleep_for(1ms);
  }
}
REHEARSE(Memory, of_earlier_runs_is_found) {
  static int naps = 0;
  ++naps;
  world.host("sleeper").spawn([](auto& /*host*/) { return nap(naps); });
}
REHEARSE(Memory, that_makes_a_run_fail_is_found) {
  static int runs = 0;
  EXPECT_NE(++runs, 10);
}

REHEARSE(Memory, that_makes_a_run_crash_is_found) {
  static int runs = 0;
  if (++runs == 2) {
    std::abort();
  }
}

// Each run of a process takes longer than the one before, and fails at the end.
REHEARSE(Memory, differs_and_fails) {
  static int naps = 0;
  ++naps;
  world.host("sleeper").spawn([](auto& /*host*/) { return nap(naps); });
  world.run();
  EXPECT_TRUE(world.now() == rehearsal::sched::Instant()) << "it has slept";
}

Task<> nap_and_draw(Host<rehearsal::simnet::SimulatedNetwork>& host, int naps) {
  co_await nap(naps);
  CO_ASSERT_NE(host.random() % 32, 0U) << "it drew a blank";
}
// The seed alone decides which run fails. After ten other runs of its process, a run is longer.
REHEARSE(Memory, differs_after_other_runs_and_fails) {
  static int runs = 0;
  const int naps = ++runs > 10 ? 2 : 1;
  world.host("sleeper").spawn([naps](auto& host) { return nap_and_draw(host, naps); });
}

Task<> say_and_fail(Host<rehearsal::simnet::SimulatedNetwork>& host) {
  co_await rehearsal::sched::sleep_for(3ms);
  host.log("the consumer is slow");
  co_await rehearsal::sched::sleep_for(1ms);
  CO_ASSERT_TRUE(false) << "too slow";
}
REHEARSE(Log, is_in_the_report) {
  world.host("queue").spawn("watch", [](auto& host) { return say_and_fail(host); });
}

REHEARSE(Fault, that_never_comes) {
  world.host("sleeper").spawn([](auto& /*host*/) { return nap(1); });
  world.faults().add(rehearsal::simnet::FaultRule("no-such-send",
                                                  rehearsal::simnet::Operation::send,
                                                  rehearsal::simnet::Verdict::reset())
                         .nth(1));
}

// Its run ends before its checks and its action.
REHEARSE(Check, that_is_never_reached) {
  world.host("sleeper").spawn([](auto& /*host*/) { return nap(1); });
  world.sometimes("it was early", true);
  world.eventually("it is late", 1h, [] { return false; });
  world.at(2h).kill("sleeper");
  world.run_for(1s);
}

// The first task that is ready for the second time is late.
class OneIsLate final : public rehearsal::simnet::PolicyAlgorithm {
 public:
  [[nodiscard]] bool decides(rehearsal::simnet::Site site) const override {
    return site == rehearsal::simnet::Site::run;
  }
  std::uint32_t choose(const rehearsal::simnet::Question& question) override {
    const bool late = question.ordinal == 2 && !was_late_;
    was_late_ = was_late_ || late;
    return late ? 5 : 0;
  }

 private:
  bool was_late_ = false;
};
rehearsal::simnet::Policy one_is_late(std::uint64_t seed, const rehearsal::simnet::Rates& rates,
                                      const rehearsal::simnet::RunShape& /*shape*/) {
  return rehearsal::simnet::Policy::directed(seed, std::make_shared<OneIsLate>(), rates);
}
Task<> yield_and_lead(int& steps) {
  co_await rehearsal::sched::yield();
  ++steps;
}
Task<> yield_and_follow(int& steps) {
  co_await rehearsal::sched::yield();
  EXPECT_EQ(steps, 1) << "it was overtaken";
}
REHEARSE(Own, policy_makes_the_runs, {.runs = 1, .policy = "own", .own_policy = one_is_late}) {
  int& steps = world.make<int>(0);
  world.host("walker").spawn("lead", [&steps](auto& /*host*/) { return yield_and_lead(steps); });
  world.host("walker").spawn("follow",
                             [&steps](auto& /*host*/) { return yield_and_follow(steps); });
}
REHEARSE(Own, policy_is_missing, {.policy = "own"}) {
  world.host("sleeper").spawn([](auto& /*host*/) { return nap(1); });
}
REHEARSE(Runs, are_none, {.runs = 0}) {
  world.host("sleeper").spawn([](auto& /*host*/) { return nap(1); });
}
REHEARSE(Policy, of_its_options_is_unknown, {.policy = "bold"}) {
  world.host("sleeper").spawn([](auto& /*host*/) { return nap(1); });
}

REHEARSE(Good, passes, {.runs = 50}) {
  world.host("sleeper").spawn([](auto& host) {
    const std::uint64_t naps = host.random() % 100;
    return nap(static_cast<int>(naps));
  });
}
REHEARSE(Good, passes_too, {.runs = 50}) {
  world.host("sleeper").spawn([](auto& /*host*/) { return nap(4); });
}
// With its seconds, no machine does all of its runs.
REHEARSE(Good, takes_as_long_as_it_may, {.runs = ~std::uint64_t{0}, .seconds = 1}) {
  world.host("sleeper").spawn([](auto& /*host*/) { return nap(4); });
}

}  // namespace
