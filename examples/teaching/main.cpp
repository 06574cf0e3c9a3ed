// The teaching program on select(): teaching [PORT]. Port 0 picks one.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <system_error>
#include <utility>

#include <rehearsal/scheduler.hpp>
#include <rehearsal/select.hpp>

#include "teaching.hpp"

namespace {

class PrintsDone final : public rehearsal::Observer {
 public:
  void done(const rehearsal::TaskRecord& task, const std::exception_ptr& failure) override {
    std::printf("task done: %s%s\n", task.path().c_str(), failure ? ", which failed" : "");
    std::fflush(stdout);
  }
};

int listening_socket(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (fd < 0 || ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(fd, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(fd, 5) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "listen");
  }
  std::printf("teaching listens on 127.0.0.1:%d\n", ntohs(at.sin_port));
  std::fflush(stdout);
  return fd;
}

}  // namespace

int main(int argc, char** argv) try {
  const int port = argc > 1 ? std::atoi(argv[1]) : 25000;
  PrintsDone prints_done;
  rehearsal::Select source;
  rehearsal::Scheduler scheduler(source);
  scheduler.observe(prints_done);
  Socket listener(scheduler, listening_socket(static_cast<std::uint16_t>(port)));
  scheduler.spawn("server", tcp_server(scheduler, std::move(listener)));
  scheduler.run();
} catch (const std::system_error& error) {
  std::fprintf(stderr, "teaching: %s\n", error.what());
  return 1;
}
