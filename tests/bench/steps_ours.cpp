// Measures how many times a second a task is resumed under each policy, if tasks only yield. Prints
// one line of JSON.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>

#include "sched/sync/sleep.hpp"
#include "simnet/choices/choices.hpp"
#include "simnet/scenario.hpp"
#include "tests/bench/sim_pairs.hpp"

namespace {

using bench::ProgramHost;
namespace sched = rehearsal::sched;
namespace simnet = rehearsal::simnet;

constexpr std::uint64_t steps_in_all = 4'000'000;

sched::Task<> yield_times(std::uint64_t times) {
  for (std::uint64_t i = 0; i < times; ++i) {
    co_await sched::yield();
  }
}

simnet::Scenario yielders(int tasks, std::uint64_t times) {
  return {"yield", "Tasks of one host that only yield", [=](simnet::World& world) {
            world.choices().record(false);
            simnet::SimulatedHost& host = world.host("host");
            for (int i = 0; i < tasks; ++i) {
              host.spawn([times](ProgramHost& /*host*/) { return yield_times(times); });
            }
          }};
}

double steps_per_s(const char* policy, int tasks) {
  const simnet::Scenario scenario = yielders(tasks, steps_in_all / static_cast<unsigned>(tasks));
  const simnet::RunShape shape = shape_of(scenario);
  const double start = bench::cpu_seconds();
  const simnet::RunResult run =
      run_scenario(scenario, {1, *simnet::NamedPolicy::parse(policy)}, {}, &shape);
  bench::demand(run.report);
  return static_cast<double>(run.report.steps) / (bench::cpu_seconds() - start);
}

}  // namespace

int main() {
  struct Case {
    const char* policy;
    int tasks;
  };
  const char* separator = "{";
  for (const auto& [policy, tasks] : {Case{"random", 2},
                                      {"random", 100},
                                      {"pct", 10},
                                      {"pct", 100},
                                      {"pct", 1000},
                                      {"pct", 10'000},
                                      {"pos", 100},
                                      {"pos", 10'000}}) {
    std::printf(R"(%s"%s %d": %.9g)", separator, policy, tasks, steps_per_s(policy, tasks));
    std::fflush(stdout);
    separator = ", ";
  }
  std::printf("}\n");
}
