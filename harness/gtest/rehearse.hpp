// REHEARSE: a GoogleTest test that fills a world and is run many times, under seeds from 1 on.
//
//   REHEARSE(Echo, every_byte_comes_back) {
//     int& echoed = world.make<int>(0);            // lives as long as the world
//     world.host("server").spawn([](auto& host) { return echo_server(host, {"0.0.0.0", 25000}); });
//     world.host("client").spawn([&](auto& host) { return talk(host, echoed); });
//     world.run();                                 // left out: it is run when the body returns
//     EXPECT_EQ(echoed, 10);
//   }
//   REHEARSE(Echo, survives_resets, {.runs = 1000, .policy = "swarm"}) { ... }
//   REHEARSE_F(EchoFixture, restarts) { ... }      // a fixture of its own for each run
//
// The body is called once a run with a world of its own. A run fails where an EXPECT_* fails, in
// the body or in a task of any host, or where the world says so: a task that fails, a deadlock, an
// invariant. The first run that fails is shrunk, reported once, and ends the test. ASSERT_* works
// in the body, CO_ASSERT_* (assertions.hpp) in tasks. GTEST_SKIP() in the body skips the test.
//
// The test also fails where the first run, done again, comes out otherwise, and where a fault that
// was set up came in none of the runs.
//
// With the policy "exhaustive" it is run under every schedule, with "delays:2" under every one with
// up to two delays: it says how many there were, and that all were seen or which bound stopped it.
//
// Runs, policy and the rest: settings.hpp. REHEARSAL_REPLAY runs one schedule; tests of another
// name skip. The same build finds the same with the same settings: nothing is drawn from the time.
// With shards (GTEST_TOTAL_SHARDS) whole tests go to a shard, as GoogleTest promises; the seeds of
// one test are not split, so that its result does not depend on how many shards there are. Who
// wants many seeds of one test on many machines gives each a REHEARSAL_SEED and a REHEARSAL_RUNS of
// its own.
//
// The XML of GoogleTest has the properties runs, policy, seed, digest (of all runs, or of the one
// that failed) and, of a failure, schedule and kind ("deadlock": simnet/failure.hpp); of a search,
// search: what it says.
#pragma once

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "harness/gtest/assertions.hpp"
#include "harness/gtest/settings.hpp"
#include "simnet/world.hpp"

namespace rehearsal::harness {

struct RehearsedTest {
  std::string name;  // Suite.name
  const char* file = "";
  int line = 0;
  std::string traces;  // the folder of its kept schedules; empty: none
  std::function<void(simnet::World&)> body;
};

// What REHEARSE says of a test: no more than literals, which are soon compiled.
struct WrittenTest {
  const char* name = "";  // Suite.name
  const char* file = "";
  int line = 0;
  const char* traces = "";  // as RehearsedTest has it
  void (*body)(simnet::World&) = nullptr;
};

// Runs it as the options, the environment and the flags say; what fails is a failure of the
// GoogleTest test that runs now. What the body hands to tasks lives as long as the world.
void rehearse(const RehearsedTest& test, const RehearseOptions& options = {});
void rehearse(const WrittenTest& test, const RehearseOptions& options);
void rehearse(const WrittenTest& test);

// A run of a fixture's test, which is no test of its own.
template <class Fixture>
class FixtureRun : public Fixture {
 public:
  ~FixtureRun() override { Fixture::TearDown(); }
  void set_up() { Fixture::SetUp(); }
  void TestBody() override {}
};

}  // namespace rehearsal::harness

// rehearsal_kept_schedules() of CMake says where they are.
#ifdef REHEARSAL_TRACES
#define REHEARSAL_TRACES_ REHEARSAL_TRACES
#else
#define REHEARSAL_TRACES_ ""
#endif

// NOLINTBEGIN(cppcoreguidelines-macro-usage)
#define REHEARSE(suite, test, ...)                                                                 \
  static void suite##_##test##_rehearsed([[maybe_unused]] ::rehearsal::simnet::World& world);      \
  TEST(suite, test) {                                                                              \
    ::rehearsal::harness::rehearse(                                                                \
        ::rehearsal::harness::WrittenTest{#suite "." #test, __FILE__, __LINE__, REHEARSAL_TRACES_, \
                                          suite##_##test##_rehearsed} __VA_OPT__(, ) __VA_ARGS__); \
  }                                                                                                \
  static void suite##_##test##_rehearsed([[maybe_unused]] ::rehearsal::simnet::World& world)

#define REHEARSE_F(fixture, test, ...)                                              \
  class fixture##_##test##_Run : public ::rehearsal::harness::FixtureRun<fixture> { \
   public:                                                                          \
    void rehearse([[maybe_unused]] ::rehearsal::simnet::World& world);              \
  };                                                                                \
  TEST_F(fixture, test) {                                                           \
    ::rehearsal::harness::rehearse(::rehearsal::harness::WrittenTest {              \
      #fixture "." #test, __FILE__, __LINE__, REHEARSAL_TRACES_,                    \
          [](::rehearsal::simnet::World& world) {                                   \
            auto& run = world.make<fixture##_##test##_Run>();                       \
            run.set_up();                                                           \
            run.rehearse(world);                                                    \
          }                                                                         \
    } __VA_OPT__(, ) __VA_ARGS__);                                                  \
  }                                                                                 \
  void fixture##_##test##_Run::rehearse([[maybe_unused]] ::rehearsal::simnet::World& world)
// NOLINTEND(cppcoreguidelines-macro-usage)
