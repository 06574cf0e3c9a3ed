#include "harness/cli/scenario_commands.hpp"
#include "tests/corpus/faults/scenarios/scenarios.hpp"

int main(int argc, char** argv) {
  return rehearsal::harness::run_scenarios(argc, argv, rehearsal::faults::scenarios());
}
