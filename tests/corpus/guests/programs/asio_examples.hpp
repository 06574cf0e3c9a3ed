// asio's own examples, untouched, as the Debian package libasio-doc has them. Each is the main()
// of its namespace.
#pragma once

namespace rehearsal::guests::async_tcp_echo {
int main(int argc, char* argv[]);
}
namespace rehearsal::guests::async_udp_echo {
int main(int argc, char* argv[]);
}
namespace rehearsal::guests::blocking_udp_echo {
int main(int argc, char* argv[]);
}
namespace rehearsal::guests::blocking_tcp_client {
int main(int argc, char* argv[]);
}
namespace rehearsal::guests::chat {
int main(int argc, char* argv[]);
}
namespace rehearsal::guests::line_server {
int main(int argc, char* argv[]);
}
namespace rehearsal::guests::line_client {
int main(int argc, char* argv[]);
}
