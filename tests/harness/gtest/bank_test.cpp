// The bank of planted/main.cpp without its bug. tests/corpus/kept has the schedules found there.
#include "examples/bank/bank_world.hpp"

namespace rehearsal::harness {
namespace {

REHEARSE(FixedBank, loses_no_deposit, {.runs = 300, .policy = "random"}) { add_bank(world, true); }

}  // namespace
}  // namespace rehearsal::harness
