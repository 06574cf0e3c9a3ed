// The same server and a client of it, under a literal script of what each wait returns.
#include "teaching.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rehearsal/scripted.hpp>

namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using rehearsal::Direction;
using rehearsal::Readiness;
using Source = rehearsal::ScriptedSource;

// A socket of this machine in the place of TCP: what is sent has arrived when send() returns.
int unix_socket() { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0); }

// A free name, which the first bind without one picks.
sockaddr_un listen(int fd, socklen_t& size) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name.sun_family), 0);
  EXPECT_EQ(::listen(fd, 5), 0);
  size = sizeof name;
  EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size), 0);
  return name;
}

// Returns the number of the next socket: the kernel assigns the lowest free one.
int next_descriptor() {
  const int fd = unix_socket();
  ::close(fd);
  return fd;
}

rehearsal::Task<> ask(Socket<Source> server, sockaddr_un name, socklen_t size,
                      std::string& answer) {
  co_await rehearsal::sleep_for(1ms);
  auto connect = [&](int fd) { return ::connect(fd, reinterpret_cast<sockaddr*>(&name), size); };
  co_await server.ready(Direction::send, connect);
  auto send = [](int fd) { return ::send(fd, "hello", 5, MSG_NOSIGNAL); };
  co_await server.ready(Direction::send, send);
  std::array<char, 100> data{};
  auto receive = [&](int fd) { return ::recv(fd, data.data(), data.size(), 0); };
  const std::size_t came = co_await server.ready(Direction::recv, receive);
  answer.assign(data.data(), came);
}

class NotesDone final : public rehearsal::Observer {
 public:
  void done(const rehearsal::TaskRecord& task, const std::exception_ptr& /*failure*/) override {
    paths.push_back(task.path());
  }
  std::vector<std::string> paths;
};

TEST(Teaching, answers_as_the_script_reports_readiness) {
  const int listening = unix_socket();
  socklen_t size = 0;
  const sockaddr_un name = listen(listening, size);
  const int asking = unix_socket();
  const int accepted = next_descriptor();
  Source source({
      {{{listening, Readiness::recv}}, {}},  // wrong: nobody has come. A report is a hint
      {{}, 1ms},                             // the client connects and sends
      {{{listening, Readiness::recv}}, {}},  // it is accepted, and answered
      {{{asking, Readiness::recv}}, {}},     // it has the answer, and closes
      {{{accepted, Readiness::recv}}, {}},   // its handler sees the end
  });
  NotesDone done;
  std::string answer;
  rehearsal::Scheduler scheduler(source);
  scheduler.observe(done);
  scheduler.spawn("server", tcp_server(scheduler, Socket(scheduler, listening)));
  scheduler.spawn("client", ask(Socket(scheduler, asking), name, size, answer));

  EXPECT_EQ(scheduler.run(), rehearsal::RunEnd::quiescent);  // the server waits, and always will

  EXPECT_EQ(answer, "GOT:hello");
  EXPECT_EQ(done.paths, (std::vector<std::string>{"client", "server/echo"}));
  EXPECT_EQ(source.waits_left(), 0);
  EXPECT_EQ(source.watched(),
            (std::vector<std::pair<int, Direction>>{{listening, Direction::recv}}));
  scheduler.forget(done);
}

}  // namespace
