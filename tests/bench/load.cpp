// The load generator of the echo bench. It keeps one message outstanding on each of C connections,
// checks each byte that comes back, and prints the speed as one line of JSON.
//
// A run has two phases of the same shape: the warm-up and the measured phase. Between phases all
// answers are in and the server sleeps. So its CPU time, read from /proc at both ends of the
// measured phase, belongs only to the round trips counted in that phase.
//
// The generator never sleeps in epoll_wait. The server's send would pay for waking a sleeping
// client, and that cost depends on how deeply the client's core happens to sleep.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include "latency_histogram.hpp"
#include "process_cost.hpp"
#include "tls_connection.hpp"

namespace {

using bench::Nanoseconds;

struct Options {
  std::uint16_t port = 0;
  std::size_t connections = 1;
  std::size_t size = 64;          // bytes in one message
  std::size_t silent = 0;         // number of connections that are opened and never send
  double seconds = 1.0;           // length of the measured phase; ignored if round_trips is set
  std::uint64_t round_trips = 0;  // in the measured phase; 0 means that `seconds` is the limit
  bool tls = false;               // speaks TLS
  int server = 0;                 // process whose CPU time is measured, or 0 if none
};

[[noreturn]] void refuse_flags() {
  std::fputs(
      "usage: load --port N [--connections C] [--size BYTES] [--seconds S | --round-trips N]\n"
      "            [--silent K] [--server PID] [--tls 0|1]\n",
      stderr);
  std::exit(2);
}

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "load: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

[[noreturn]] void fail_check(const char* what) {
  std::fprintf(stderr, "load: %s\n", what);
  std::exit(1);
}

template <class Number>
void parse(std::string_view text, Number& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  if (error != std::errc{} || end != text.data() + text.size()) refuse_flags();
}

Options options_from(int count, char** arguments) {
  Options options;
  for (int index = 1; index < count; index += 2) {
    if (index + 1 >= count) refuse_flags();
    const std::string_view flag = arguments[index];
    const std::string_view value = arguments[index + 1];
    if (flag == "--port") {
      parse(value, options.port);
    } else if (flag == "--connections") {
      parse(value, options.connections);
    } else if (flag == "--size") {
      parse(value, options.size);
    } else if (flag == "--seconds") {
      parse(value, options.seconds);
    } else if (flag == "--round-trips") {
      parse(value, options.round_trips);
    } else if (flag == "--silent") {
      parse(value, options.silent);
    } else if (flag == "--tls") {
      int on = 0;
      parse(value, on);
      options.tls = on != 0;
    } else if (flag == "--server") {
      parse(value, options.server);
    } else {
      refuse_flags();
    }
  }
  if (options.port == 0 || options.connections == 0 || options.size == 0) refuse_flags();
  return options;
}

// The bytes of all messages. The period is a prime and each message starts at another offset, so an
// answer that is late, duplicated, shifted or from another connection does not compare equal.
class Pattern {
 public:
  explicit Pattern(std::size_t size) : bytes_(size + period) {
    std::uint32_t state = 1;
    for (std::size_t index = 0; index < bytes_.size(); ++index) {
      state = state * 1664525U + 1013904223U;
      bytes_[index] = index < period ? static_cast<char>(state >> 24) : bytes_[index - period];
    }
  }
  [[nodiscard]] const char* message(std::size_t connection, std::uint64_t ordinal) const {
    return bytes_.data() + (connection * 31 + ordinal * 7) % period;
  }

 private:
  static constexpr std::size_t period = 251;
  std::vector<char> bytes_;
};

int connect_to(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("connect");
  }
  const int on = 1;
  if (::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("nodelay");
  return descriptor;
}

struct Connection {
  [[nodiscard]] ssize_t send(const char* from, std::size_t size) const {
    return tls ? tls->send(from, size)
               : ::send(descriptor, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  [[nodiscard]] ssize_t recv(char* into, std::size_t size) const {
    return tls ? tls->recv(into, size) : ::recv(descriptor, into, size, MSG_DONTWAIT);
  }

  int descriptor = -1;
  std::optional<bench::TlsConnection> tls;
  std::uint64_t ordinal = 0;  // of the current message
  const char* message = nullptr;
  std::size_t sent = 0;
  std::size_t received = 0;
  Nanoseconds began = 0;
};

struct Limit {
  Nanoseconds duration = 0;  // the limit if round_trips is 0
  std::uint64_t round_trips = 0;
};

struct Figures {
  std::uint64_t round_trips = 0;
  Nanoseconds elapsed = 0;
};

class Load {
 public:
  explicit Load(const Options& options)
      : size_(options.size),
        pattern_(options.size),
        scratch_(options.size + 1),
        connections_(options.connections),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) fail("epoll_create1");
    for (std::size_t count = 0; count < options.silent; ++count) connect_to(options.port);
    for (std::size_t index = 0; index < connections_.size(); ++index) {
      Connection& connection = connections_[index];
      connection.descriptor = connect_to(options.port);
      if (options.tls) {
        connection.tls.emplace(connection.descriptor);
        if (connection.tls->tls == nullptr) fail_check("the server's handshake failed");
        if (::fcntl(connection.descriptor, F_SETFL, O_NONBLOCK) != 0) fail("fcntl");
      }
      epoll_event event{};
      event.events = EPOLLIN | EPOLLOUT | EPOLLET;
      event.data.u64 = index;
      if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.descriptor, &event) != 0) {
        fail("epoll_ctl");
      }
    }
  }

  // Runs until the limit is reached, then until all messages under way have come back.
  Figures run_phase(const Limit& limit, bench::LatencyHistogram& histogram) {
    limit_ = limit;
    started_ = 0;
    finished_ = 0;
    began_ = bench::now();
    for (std::size_t index = 0; index < connections_.size(); ++index) {
      now_ = bench::now();
      begin_message(index);
    }
    Nanoseconds last_progress = began_;
    while (finished_ < started_) {
      const int ready = ::epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), 0);
      if (ready < 0 && errno != EINTR) fail("epoll_wait");
      const std::uint64_t before = finished_;
      for (int index = 0; index < ready; ++index) {
        progress(events_[static_cast<std::size_t>(index)].data.u64, histogram);
      }
      if (finished_ != before || ready > 0) {
        last_progress = now_;
      } else if ((now_ = bench::now()) - last_progress > patience) {
        fail_check("the server has not answered for 10 seconds");
      }
    }
    return {finished_, now_ - began_};
  }

 private:
  static constexpr Nanoseconds patience = 10'000'000'000;

  // Each connection starts once in each phase, however long that takes; then the limit applies.
  [[nodiscard]] bool may_begin() const {
    if (limit_.round_trips > 0) return started_ < limit_.round_trips;
    return started_ < connections_.size() || now_ - began_ < limit_.duration;
  }

  void begin_message(std::size_t index) {
    if (!may_begin()) return;
    Connection& connection = connections_[index];
    ++started_;
    connection.message = pattern_.message(index, connection.ordinal++);
    connection.sent = 0;
    connection.received = 0;
    connection.began = now_;
    send_rest(connection);
  }

  void send_rest(Connection& connection) {
    const ssize_t sent =
        connection.send(connection.message + connection.sent, size_ - connection.sent);
    if (sent >= 0) {
      connection.sent += static_cast<std::size_t>(sent);
    } else if (errno != EAGAIN) {
      fail("send");
    }
  }

  // Reads once per event. The buffer is one byte longer than the expected answer, so recv always
  // leaves room: this shows that the socket is drained, and a surplus byte is noticed. Of TLS, a
  // read returns one record at most: there it reads until nothing is left.
  void progress(std::size_t index, bench::LatencyHistogram& histogram) {
    Connection& connection = connections_[index];
    if (connection.message == nullptr) return;  // writable, but nothing to write yet
    if (connection.sent < size_) send_rest(connection);
    do {
      const std::size_t due = size_ - connection.received;
      const ssize_t count = connection.recv(scratch_.data(), due + 1);
      if (count < 0 && errno == EAGAIN) return;
      if (count < 0) fail("recv");
      if (count == 0) fail_check("the server closed a connection");
      const auto bytes = static_cast<std::size_t>(count);
      if (bytes > due) fail_check("the server sent more than it was sent");
      if (std::memcmp(scratch_.data(), connection.message + connection.received, bytes) != 0) {
        fail_check("the server sent other bytes than it was sent");
      }
      connection.received += bytes;
    } while (connection.tls && connection.received < size_);
    if (connection.received < size_) return;
    now_ = bench::now();
    histogram.add(now_ - connection.began);
    ++finished_;
    begin_message(index);
  }

  std::size_t size_;
  Pattern pattern_;
  std::vector<char> scratch_;
  std::vector<Connection> connections_;
  int epoll_;
  std::array<epoll_event, 512> events_{};
  Limit limit_;
  Nanoseconds began_ = 0;
  Nanoseconds now_ = 0;
  std::uint64_t started_ = 0;
  std::uint64_t finished_ = 0;
};

void allow_many_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) fail("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("setrlimit");
}

Limit part_of(const Options& options, double share) {
  const auto duration = static_cast<Nanoseconds>(options.seconds * 1e9 * share);
  const auto round_trips = static_cast<double>(options.round_trips) * share;
  return {duration, static_cast<std::uint64_t>(round_trips)};
}

}  // namespace

int main(int count, char** arguments) {
  const Options options = options_from(count, arguments);
  allow_many_descriptors();
  Load load(options);
  bench::LatencyHistogram warm_up_histogram;
  const Figures warm_up = load.run_phase(part_of(options, 0.25), warm_up_histogram);

  bench::LatencyHistogram histogram;
  const bench::ProcessCost server_before = bench::cost_when_quiet(options.server);
  const bench::ProcessCost load_before = bench::cost_of(::getpid());
  const Figures measured = load.run_phase(part_of(options, 1.0), histogram);
  const bench::ProcessCost own = bench::cost_of(::getpid()) - load_before;
  const bench::ProcessCost server = bench::cost_when_quiet(options.server) - server_before;

  std::printf(
      "{\"round_trips\": %ju, \"seconds\": %.6f, \"p50_ns\": %ju, \"p99_ns\": %ju, "
      "\"round_trips_with_warm_up\": %ju, \"server_cpu_ns\": %ju, "
      "\"server_waited_ns\": %ju, \"server_sleeps\": %ju, \"load_waited_ns\": %ju}\n",
      std::uintmax_t{measured.round_trips}, static_cast<double>(measured.elapsed) * 1e-9,
      std::uintmax_t{histogram.percentile(50)}, std::uintmax_t{histogram.percentile(99)},
      std::uintmax_t{measured.round_trips + warm_up.round_trips}, std::uintmax_t{server.cpu},
      std::uintmax_t{server.waited}, std::uintmax_t{server.sleeps}, std::uintmax_t{own.waited});
  return 0;
}
