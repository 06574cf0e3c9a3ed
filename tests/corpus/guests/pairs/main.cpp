// Runs, replays and shrinks the pairs.
#include "harness/cli/scenario_commands.hpp"
#include "tests/corpus/guests/pairs/pairs.hpp"

int main(int argc, char** argv) {
  return rehearsal::harness::run_scenarios(argc, argv, rehearsal::guests::pairs());
}
