// REHEARSE: a GoogleTest test that builds a simulated world and runs it many times, once per seed.
//
//     REHEARSE(Echo, every_byte_comes_back) {
//       int& echoed = world.make<int>(0);  // lives as long as the world
//       world.host("server").spawn([](auto& host) {
//         return echo_server(host, {"0.0.0.0", 25000});
//       });
//       world.host("client").spawn([&](auto& host) { return talk(host, echoed); });
//       world.run();                       // optional: without it, the world runs after the body
//       EXPECT_EQ(echoed, 10);
//     }
//     REHEARSE(Echo, survives_resets, {.runs = 1000, .policy = "swarm"}) { ... }
//     REHEARSE_F(EchoFixture, restarts) { ... }  // with a new fixture for each run
//
// The body is called once per run with a new `world`. A run fails if an EXPECT_* fails in the body
// or in a task of any host. It also fails if the world does: a task of a host throws, all tasks
// wait (deadlock), or an invariant is violated. The first failing run is shrunk and reported, and
// ends the test. Use ASSERT_* in the body and CO_ASSERT_* (assertions.hpp) in tasks. GTEST_SKIP()
// in the body or in SetUp() skips the test.
//
// The runs are in child processes, one for each core, so a crash of a run is a failure like others.
// What a run writes to memory outside of its world is lost. The result does not depend on the
// number of processes. Under a debugger the runs are in this process, which ends at a crash.
//
// The test also fails if the first run, or a failing one, has another result when it is repeated
// (nondeterminism), or if a configured fault fires in none of the runs. Faults are not checked
// under the policy "nominal", or if settings reduce the number of runs below that of the test.
//
// The policy "exhaustive" runs the test under every schedule; "delays:2" under every schedule with
// at most two delays; "faults:2" with each single fault that the default run offers, then with each
// pair. The test prints the number of runs and whether all were seen, or which limit ended the
// search, and what was not tried.
//
// RehearseOptions, environment variables and flags set the number of runs, the policy and more
// (settings.hpp). REHEARSAL_REPLAY runs one schedule, and the other tests are skipped. The same
// build with the same settings has the same results: no seed depends on the time.
//
// With GoogleTest's sharding (GTEST_TOTAL_SHARDS) each test runs on one shard, with all its seeds,
// so its result does not depend on the number of shards. To spread the seeds of one test over
// machines, set REHEARSAL_SEED and REHEARSAL_RUNS on each.
//
// The XML report has the properties runs, policy, seed and digest. The digest is of all runs, or
// of the failing run. A failure adds schedule and kind (such as "deadlock"; simnet/failure.hpp). A
// search adds search, the line that it prints.
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
  std::string traces;  // the folder of its kept schedules; empty if there is none
  std::function<void(simnet::World&)> body;
};

// A test in the form that REHEARSE passes: only literals, which compile fast.
struct WrittenTest {
  const char* name = "";  // Suite.name
  const char* file = "";
  int line = 0;
  const char* traces = "";  // the folder of its kept schedules; empty if there is none
  void (*body)(simnet::World&) = nullptr;
};

// Runs the test with the options, the environment and the flags. Failures are reported to the
// current GoogleTest test. Objects that the body shares with tasks must live as long as the world.
void rehearse(const RehearsedTest& test, const RehearseOptions& options = {});
void rehearse(const WrittenTest& test, const RehearseOptions& options);
void rehearse(const WrittenTest& test);

// A run of a test with a fixture. GoogleTest does not know it as a test.
template <class Fixture>
class FixtureRun : public Fixture {
 public:
  ~FixtureRun() override { Fixture::TearDown(); }
  void set_up() { Fixture::SetUp(); }
  void TestBody() override {}
};

// The test with a fixture that GoogleTest knows. Only the runs call SetUp() and TearDown().
template <class Fixture>
class FixtureTest : public Fixture {
 public:
  explicit FixtureTest(void (*body)()) : body_(body) {}
  void SetUp() override {}
  void TearDown() override {}
  void TestBody() override { body_(); }

 private:
  void (*body_)();
};

template <class Run>
void rehearse_with_fixture(simnet::World& world) {
  Run& run = world.make<Run>();
  run.set_up();
  if (!world.failed()) {
    run.rehearse(world);
  }
}

// Adds a test to GoogleTest. Returns true.
template <class Fixture>
bool add_test(const char* fixture, const char* test, const char* file, int line, void (*body)()) {
  testing::RegisterTest(fixture, test, nullptr, nullptr, file, line,
                        [body]() -> Fixture* { return new FixtureTest<Fixture>(body); });
  return true;
}

}  // namespace rehearsal::harness

// rehearsal_kept_schedules() of CMake defines REHEARSAL_TRACES, the folder of kept schedules.
#ifdef REHEARSAL_TRACES
#define REHEARSAL_TRACES_ REHEARSAL_TRACES
#else
#define REHEARSAL_TRACES_ ""
#endif

// NOLINTBEGIN(cppcoreguidelines-macro-usage)
/// Defines the test `suite.test`, whose body follows. The body can use `world`, a new simnet::World
/// for each run. The third argument is optional: a RehearseOptions.
#define REHEARSE(suite, test, ...)                                                                 \
  static void suite##_##test##_rehearsed([[maybe_unused]] ::rehearsal::simnet::World& world);      \
  TEST(suite, test) {                                                                              \
    ::rehearsal::harness::rehearse(                                                                \
        ::rehearsal::harness::WrittenTest{#suite "." #test, __FILE__, __LINE__, REHEARSAL_TRACES_, \
                                          suite##_##test##_rehearsed} __VA_OPT__(, ) __VA_ARGS__); \
  }                                                                                                \
  static void suite##_##test##_rehearsed([[maybe_unused]] ::rehearsal::simnet::World& world)

/// Defines the test `fixture.test` as REHEARSE does. Each run has a new object of class `fixture`,
/// which lives as long as its world; SetUp() runs before the body, TearDown() with its destruction.
#define REHEARSE_F(fixture, test, ...)                                                      \
  class fixture##_##test##_Run : public ::rehearsal::harness::FixtureRun<fixture> {         \
   public:                                                                                  \
    void rehearse([[maybe_unused]] ::rehearsal::simnet::World& world);                      \
  };                                                                                        \
  static void fixture##_##test##_test() {                                                   \
    ::rehearsal::harness::rehearse(::rehearsal::harness::WrittenTest{                       \
        #fixture "." #test, __FILE__, __LINE__, REHEARSAL_TRACES_,                          \
        ::rehearsal::harness::rehearse_with_fixture<fixture##_##test##_Run>} __VA_OPT__(, ) \
                                       __VA_ARGS__);                                        \
  }                                                                                         \
  [[maybe_unused]] static const bool fixture##_##test##_added =                             \
      ::rehearsal::harness::add_test<fixture>(#fixture, #test, __FILE__, __LINE__,          \
                                              fixture##_##test##_test);                     \
  void fixture##_##test##_Run::rehearse([[maybe_unused]] ::rehearsal::simnet::World& world)
// NOLINTEND(cppcoreguidelines-macro-usage)
