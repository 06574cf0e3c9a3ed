// The order in which the sockets that became ready are reported to a program.
#pragma once

#include "sched/seam/source.hpp"

namespace rehearsal::simnet {

class Kernel;

// Moves each report behind as many later ones as its choice says; the others keep their order.
void reorder(Kernel& kernel, sched::ReadyList& ready);

}  // namespace rehearsal::simnet
