// Unmodified programs on simulated hosts. Includes world.hpp.
//
//     world.host("server").guest("serve", [] { chat_server(9000); });
//
// A guest is a program that was not written for this library: an asio server, an event loop of
// libevent, a blocking client. Its calls of the C library reach the simulated kernel of its host.
// Link the program that has it with rehearsal::guest.
#pragma once

#include "rehearsal/world.hpp"
