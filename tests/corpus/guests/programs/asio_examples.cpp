#include "tests/corpus/guests/programs/asio_examples.hpp"

// What the examples include, before the namespaces.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <iostream>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include <asio.hpp>

// NOLINTBEGIN(bugprone-suspicious-include): they are programs
namespace rehearsal::guests::async_tcp_echo {
#include <cpp11/echo/async_tcp_echo_server.cpp>
}
namespace rehearsal::guests::async_udp_echo {
#include <cpp11/echo/async_udp_echo_server.cpp>
}
namespace rehearsal::guests::blocking_udp_echo {
#include <cpp11/echo/blocking_udp_echo_server.cpp>
}
namespace rehearsal::guests::blocking_tcp_client {
#include <cpp11/echo/blocking_tcp_echo_client.cpp>
}
namespace rehearsal::guests::chat {
#include <cpp11/chat/chat_server.cpp>
}
namespace rehearsal::guests::line_server {
#include <cpp11/timeouts/server.cpp>
}
namespace rehearsal::guests::line_client {
#include <cpp11/timeouts/blocking_tcp_client.cpp>
}
// NOLINTEND(bugprone-suspicious-include)
