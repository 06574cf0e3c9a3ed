// What the scheduler itself costs: a bare yield, the memory of a suspended task, and that of an
// idle echo connection. Prints one line of JSON.
#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "realnet/epoll.hpp"
#include "sched/event.hpp"
#include "servers/echo.hpp"

namespace {

using rehearsal::realnet::Epoll;
namespace sched = rehearsal::sched;
namespace servers = rehearsal::servers;

constexpr int yields_in_all = 20'000'000;
constexpr std::size_t suspended_tasks = 100'000;
constexpr int idle_connections = 400;

sched::Task<> yield_times(int times) {
  for (int i = 0; i < times; ++i) {
    co_await sched::yield();
  }
}

// Processor time: what other programs take does not count.
double thread_cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// Nanoseconds per resumption of `tasks` tasks that only yield.
double yield_ns(int tasks) {
  Epoll network;
  sched::Host<Epoll> host(network);
  const int times = yields_in_all / tasks;
  for (int i = 0; i < tasks; ++i) {
    host.spawn(yield_times(times));
  }
  const double start = thread_cpu_ns();
  host.run();
  return (thread_cpu_ns() - start) / (static_cast<double>(tasks) * times);
}

std::size_t heap_in_use() { return mallinfo2().uordblks; }

sched::Task<> wait_for(sched::Event& event) { co_await event.wait(); }

double bytes_per_suspended_task() {
  Epoll network;
  sched::Event event;
  sched::Host<Epoll> host(network);
  const std::size_t before = heap_in_use();
  for (std::size_t i = 0; i < suspended_tasks; ++i) {
    host.spawn(wait_for(event));
  }
  host.scheduler().round();
  return static_cast<double>(heap_in_use() - before) / suspended_tasks;
}

int connect_to(const sched::Endpoint& server) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  if (descriptor < 0 || connect(descriptor, where, sizeof address) != 0) {
    std::perror("connect");
    std::exit(1);
  }
  return descriptor;
}

// Each has echoed one message, and now waits for the next; its buffer does not count.
double bytes_per_idle_connection() {
  Epoll network;
  sched::Host<Epoll> host(network);
  servers::EchoServer<Epoll> server(host, {"127.0.0.1", 0});
  const auto serving = host.spawn("echo", server.run());
  std::vector<int> clients;
  clients.reserve(idle_connections);
  const auto connect_all = [&](int count) {
    const std::uint64_t bytes = server.statistics().bytes;
    for (int i = 0; i < count; ++i) {
      clients.push_back(connect_to(server.endpoint()));
      if (send(clients.back(), "x", 1, MSG_NOSIGNAL) != 1) {
        std::perror("send");
        std::exit(1);
      }
    }
    const auto all = bytes + static_cast<std::uint64_t>(count);
    host.run_until([&] { return server.statistics().bytes == all; });
    host.scheduler().round();
  };
  connect_all(1);
  const std::size_t before = heap_in_use();
  connect_all(idle_connections);
  const std::size_t buffers = idle_connections * servers::EchoOptions{}.buffer_bytes;
  const double bytes = static_cast<double>(heap_in_use() - before - buffers) / idle_connections;
  for (const int client : clients) {
    close(client);
  }
  server.stop();
  host.run_until(serving);
  return bytes;
}

}  // namespace

int main() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  spdlog::set_level(spdlog::level::err);
  std::printf(R"({"yield_ns": {)");
  for (const int tasks : {2, 1000, 100'000}) {
    std::printf(R"(%s"%d": %.2f)", tasks == 2 ? "" : ", ", tasks, yield_ns(tasks));
  }
  std::printf(R"(}, "bytes_per_suspended_task": %.1f, )", bytes_per_suspended_task());
  std::printf(R"("bytes_per_idle_connection": %.1f})"
              "\n",
              bytes_per_idle_connection());
}
