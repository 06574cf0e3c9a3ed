// The Linux network over epoll(7): what a server runs on in production.
//
//     network     Epoll, EpollOptions
//     watchdog    Watchdog, Stall: reports a task that runs for too long without waiting
#pragma once

#include "realnet/epoll.hpp"
#include "realnet/watchdog.hpp"

namespace rehearsal {

using realnet::Epoll;
using realnet::EpollOptions;

using realnet::Stall;
using realnet::Watchdog;

}  // namespace rehearsal
