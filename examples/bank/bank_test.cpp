#include <rehearsal/gtest.hpp>

#include "bank_world.hpp"

namespace {

REHEARSE(Bank, loses_no_deposit, {.runs = 300}) { add_bank(world, true); }

// Without the lock it loses one as soon as two datagrams come within 200 us of each other: see it
// with add_bank(world, false).

}  // namespace
