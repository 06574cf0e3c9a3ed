// Measures the scheduler itself: a bare yield, the memory of a suspended task and of an idle echo
// connection, and reading a line of text. Prints one line of JSON.
#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "realnet/epoll.hpp"
#include "sched/sync/event.hpp"
#include "sched/sync/sleep.hpp"
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

// Processor time, so that time used by other programs does not count.
double thread_cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// Returns the nanoseconds per resumption of `tasks` tasks that only yield.
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

// Each connection has echoed one message and waits for the next; its buffer is not counted.
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

constexpr std::string_view line = "GET /key/0123456789\n";
static_assert(line.size() == 20);
constexpr int lines = 10'000;
constexpr int line_repetitions = 100;

using Client = sched::Stream<Epoll>;

// Each overload reads lines of `client` until it finishes sending, and adds their
// lengths to `bytes`.
sched::Task<> read_until(Client client, std::size_t& bytes) {
  for (;;) {
    const std::string text = co_await client.recv_until("\n", 100);
    if (text.empty()) {
      co_return;
    }
    bytes += text.size();
  }
}
sched::Task<> read_by_peek(Client client, std::size_t& bytes) {
  std::size_t wanted = 1;
  for (;;) {
    const sched::ConstBytes there = co_await client.peek(wanted);
    if (there.size() < wanted) {
      co_return;
    }
    const std::string_view text(reinterpret_cast<const char*>(there.data()), there.size());
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string_view::npos;
         end = text.find('\n', begin)) {
      bytes += end + 1 - begin;
      begin = end + 1;
    }
    client.consume(begin);
    wanted = text.size() - begin + 1;
  }
}
// Hand-written code without recv_until and peek: a buffer of its own, and a std::string
// for each line.
sched::Task<> read_by_hand(Client client, std::size_t& bytes) {
  std::array<char, 4096> buffer{};
  std::size_t filled = 0;
  for (;;) {
    const auto room = std::as_writable_bytes(std::span(buffer)).subspan(filled);
    const std::size_t size = co_await client.recv(room);
    if (size == 0) {
      co_return;
    }
    filled += size;
    const char* begin = buffer.data();
    const char* const end = begin + filled;
    for (;;) {
      const auto left = static_cast<std::size_t>(end - begin);
      const auto* newline = static_cast<const char*>(std::memchr(begin, '\n', left));
      if (newline == nullptr) {
        break;
      }
      const std::string text(begin, newline + 1);
      bytes += text.size();
      begin = newline + 1;
    }
    filled = static_cast<std::size_t>(end - begin);
    std::memmove(buffer.data(), begin, filled);
  }
}

// Returns the nanoseconds per line of 10,000 lines sent without a pause: the minimum of many runs.
double line_ns(sched::Task<> (*read)(Client, std::size_t&)) {
  std::string all;
  for (int i = 0; i < lines; ++i) {
    all += line;
  }
  double least = 0;
  for (int i = 0; i < line_repetitions; ++i) {
    Epoll network;
    sched::Host<Epoll> host(network);
    auto listener = host.listen({"127.0.0.1", 0});
    std::thread sender([&all, server = listener.local()] {
      const int descriptor = connect_to(server);
      std::size_t sent = 0;
      while (sent < all.size()) {
        const ssize_t size = send(descriptor, all.data() + sent, all.size() - sent, MSG_NOSIGNAL);
        if (size < 0) {
          std::perror("send");
          std::exit(1);
        }
        sent += static_cast<std::size_t>(size);
      }
      close(descriptor);
    });
    std::size_t bytes = 0;
    double took = 0;
    host.spawn([&]() -> sched::Task<> {
      auto client = co_await listener.accept();
      co_await sched::sleep_for(std::chrono::milliseconds(2));  // by then all lines have arrived
      const double start = thread_cpu_ns();
      co_await read(std::move(*client), bytes);
      took = thread_cpu_ns() - start;
    });
    host.run();
    sender.join();
    if (bytes != all.size()) {
      std::fprintf(stderr, "micro_ours: lines are missing\n");
      std::exit(1);
    }
    least = i == 0 ? took : std::min(least, took);
  }
  return least / lines;
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
  std::printf(R"("bytes_per_idle_connection": %.1f, )", bytes_per_idle_connection());
  std::printf(R"("line_ns": {"recv_until": %.2f, "peek": %.2f, "by hand": %.2f}})"
              "\n",
              line_ns(read_until), line_ns(read_by_peek), line_ns(read_by_hand));
}
