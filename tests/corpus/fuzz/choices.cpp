// A fuzzer finds a bug that needs two deviations of certain tasks at certain turns. The second is
// worth trying only after the first, which coverage shows and random search does not.
#include <cstddef>
#include <cstdint>
#include <memory>

#include "sched/sync/sleep.hpp"
#include "simnet/search/fuzz.hpp"

namespace {

namespace sched = rehearsal::sched;
namespace simnet = rehearsal::simnet;

struct Door {
  int opened = 0;
  int passed = 0;
};

sched::Task<> walk(std::shared_ptr<Door> door, int walker) {
  for (int turn = 0; turn < 30; ++turn) {
    if (turn == 11 && walker == 0) {
      ++door->opened;
    }
    if (turn == 10 && walker == 1 && door->opened == 1) {
      ++door->passed;  // reached only if the task was held back
    }
    if (turn == 21 && walker == 1 && door->passed == 1) {
      ++door->opened;
    }
    if (turn == 20 && walker == 0 && door->opened == 2) {
      ++door->passed;  // reached only if the other was held back, after the first time
    }
    co_await sched::yield();
  }
}

simnet::Scenario two_doors() {
  return {"doors", "Two walkers and two doors", [](simnet::World& world) {
            auto door = std::make_shared<Door>();
            simnet::SimulatedHost& host = world.host("host");
            for (int walker = 0; walker < 2; ++walker) {
              host.spawn([door, walker](auto& /*host*/) { return walk(door, walker); });
            }
            world.invariant("nobody passes twice", [door] { return door->passed < 2; });
          }};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const simnet::Scenario scenario = two_doors();
  return simnet::fuzz(scenario, {data, size});
}
