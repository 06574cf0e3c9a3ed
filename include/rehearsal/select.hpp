// The POSIX network over select(2): runs on every Unix, with descriptors below FD_SETSIZE only.
//
//     network     Select
//     watchdog    Watchdog, Stall: reports a task that runs for too long without waiting
#pragma once

#include "realnet/select.hpp"
#include "realnet/watchdog.hpp"

namespace rehearsal {

using realnet::Select;

using realnet::Stall;
using realnet::Watchdog;

}  // namespace rehearsal
