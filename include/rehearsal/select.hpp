// The network of POSIX by select(2): at most FD_SETSIZE descriptors, on every Unix.
//
//   network     Select
//   watchdog    Watchdog, Stall: reports a task that holds the loop for too long
#pragma once

#include "realnet/select.hpp"
#include "realnet/watchdog.hpp"

namespace rehearsal {

using realnet::Select;

using realnet::Stall;
using realnet::Watchdog;

}  // namespace rehearsal
