// The scheduler over a simulated kernel, compiled once, in kernel.cpp.
#pragma once

#include "sched/core/scheduler.hpp"
#include "simnet/kernel/kernel.hpp"

extern template class rehearsal::sched::Scheduler<rehearsal::simnet::Kernel>;
