// Parts shared by the cancellation tests: a world in which one task is cancelled at a given
// instant, and then runs again.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "sched/base/draw.hpp"
#include "simnet/kernel/kernel.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {

// When a task is cancelled: `after` it was spawned, plus `turns` of the scheduler.
struct Cut {
  sched::Duration after{};
  int turns = 0;
};

// Runs the task that `make` returns, cancels it at `cut`, and then runs another one to its end.
// Sets `ended` to whether the first task ended before it was cancelled.
inline sched::Task<> cut_short(ProgramHost& host, Cut cut, std::function<sched::Task<>()> make,
                               bool& ended) {
  auto first = host.spawn("first", make());
  co_await sched::sleep_for(cut.after);
  for (int i = 0; i < cut.turns; ++i) {
    co_await sched::yield();
  }
  first.cancel();
  co_await first.ended();
  ended = !first.task().cancelled();
  if (ended) {
    first.take();
    co_return;
  }
  auto second = host.spawn("second", make());
  co_await second.join();
}

// The other parts of a world in which one operation is cut short.
struct CutWorld {
  CutWorld(World& of, Cut how, bool& first_ended) : world(of), cut(how), ended(first_ended) {}

  World& world;
  Cut cut;
  bool& ended;
  std::string got = {};
  std::string expected = {};
};
using Shared = std::shared_ptr<CutWorld>;
using SimStream = sched::Stream<SimulatedNetwork>;

inline std::string as_string(sched::ConstBytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct CutCase {
  const char* name;
  std::function<void(const Shared&)> add;
};
inline void PrintTo(const CutCase& one, std::ostream* out) { *out << one.name; }

class Cancelled : public ::testing::TestWithParam<CutCase> {
 protected:
  // Returns whether the first task ended before it was cancelled.
  static bool run(const Policy& policy, Cut cut) {
    SCOPED_TRACE("cancelled after " + std::to_string(cut.after.count()) + " ns and " +
                 std::to_string(cut.turns) + " turns");
    WorldOptions options;
    options.link.latency = 2us;
    World world(policy, options);
    bool ended = false;
    const auto shared = std::make_shared<CutWorld>(world, cut, ended);
    GetParam().add(shared);
    const RunReport report = world.run_for(1s);
    EXPECT_TRUE(report.ok()) << report.to_string();
    EXPECT_EQ(shared->got, shared->expected);
    for (const char* host : {"taker", "giver"}) {
      EXPECT_EQ(world.host(host).kernel().open_descriptors(), 0U) << host;
    }
    return ended;
  }

  static void at_every_instant() {
    for (int turns = 0; turns < 3; ++turns) {
      bool ended = false;
      // A resumption takes 100 ns.
      for (sched::Duration after{}; !ended && !HasFailure(); after += 50ns) {
        ASSERT_LT(after, 5ms) << "it never ends";
        ended = run(Policy::nominal(), {after, turns});
      }
    }
  }
  static void in_any_run() {
    for (std::uint64_t seed = 1; seed <= 500 && !HasFailure(); ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      const auto after = std::chrono::nanoseconds(draw(seed, 0, 1) % 300'000);
      run(Policy::random(seed), {after, static_cast<int>(draw(seed, 0, 2) % 3)});
    }
  }
};

}  // namespace rehearsal::simnet
