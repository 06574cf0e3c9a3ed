// What a program outside this tree needs to rehearse scenarios of its own.
#include <chrono>

#include <harness/cli/scenario_commands.hpp>

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
namespace sched = rehearsal::sched;
namespace simnet = rehearsal::simnet;

namespace {

sched::Task<> nap() { co_await sched::sleep_for(1h); }

simnet::Scenario napping() {
  return {"nap", "One task sleeps", [](simnet::World& world) {
            world.host("bed").spawn("nap", [](auto& /*host*/) { return nap(); });
          }};
}

}  // namespace

int main(int argc, char** argv) {
  return rehearsal::harness::run_scenarios(argc, argv, {napping()});
}
