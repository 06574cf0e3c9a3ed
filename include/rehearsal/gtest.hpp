// Simulation tests for GoogleTest. Includes <gtest/gtest.h> and world.hpp.
//
//     tests       REHEARSE(Suite, name) { ... }, REHEARSE_F(Fixture, name) { ... }
//     options     RehearseOptions, as in REHEARSE(Suite, name, {.runs = 1000})
//     assertions  CO_ASSERT_TRUE, CO_ASSERT_EQ, ...: ASSERT_* for tasks
//     policies    MakesPolicy, Rate, Rates, Site, ShrinkBound
#pragma once

#include "harness/gtest/rehearse.hpp"
#include "rehearsal/world.hpp"

namespace rehearsal {

using harness::RehearseOptions;

using simnet::MakesPolicy;
using simnet::Rate;
using simnet::Rates;
using simnet::ShrinkBound;
using simnet::Site;

}  // namespace rehearsal
