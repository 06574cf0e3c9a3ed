// What a program outside this tree needs to simulate its own scenarios.
#include <chrono>

#include <rehearsal/cli.hpp>

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

namespace {

rehearsal::Task<> nap() { co_await rehearsal::sleep_for(1h); }

rehearsal::Scenario napping() {
  return {"nap", "One task sleeps", [](rehearsal::World& world) {
            world.host("bed").spawn("nap", [](auto& /*host*/) { return nap(); });
          }};
}

}  // namespace

int main(int argc, char** argv) { return rehearsal::run_scenarios(argc, argv, {napping()}); }
