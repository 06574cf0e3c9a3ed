// The bank of planted/main.cpp as it is mended. What was found there is kept in tests/corpus/kept.
#include "examples/bank/bank_world.hpp"

namespace rehearsal::harness {
namespace {

REHEARSE(MendedBank, loses_no_deposit, {.runs = 300, .policy = "random"}) { add_bank(world, true); }

}  // namespace
}  // namespace rehearsal::harness
