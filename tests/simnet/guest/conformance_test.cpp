// Random programs of calls of the C library, run on Linux and as guests: every result, errno, byte
// and event must be the same. A program is single-threaded, does not block, and has both ends of
// each connection.
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sched/base/draw.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {
namespace {

class CallProgram {
 public:
  // Waits `settling` microseconds after each call.
  CallProgram(std::uint64_t seed, useconds_t settling) : seed_(seed), settling_(settling) {}

  // Runs the program. Returns what each of its calls returned, a line each.
  std::vector<std::string> run() {
    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < 40; ++i) {
      step();
    }
    for (File& file : files_) {
      if (file.number >= 0) {
        close(file.number);
      }
    }
    return std::move(log_);
  }

 private:
  enum class Kind : std::uint8_t {
    listener,
    stream,
    pair,
    reader,
    writer,
    counter,
    datagram,
    epoll
  };
  struct File {
    Kind kind;
    int number;
    std::uint16_t port = 0;
  };

  std::uint64_t below(std::uint64_t bound) { return draw(seed_, 1, draws_++) % bound; }

  void note(const std::string& call, std::size_t file, long result, const std::string& more = {}) {
    const int error = errno;
    std::ostringstream line;
    line << call << " on " << file << " = " << (result < 0 ? -error : result) << more;
    log_.push_back(line.str());
  }

  std::size_t add(Kind kind, int number, std::uint16_t port = 0) {
    if (number >= 0) {
      const int flags = fcntl(number, F_GETFL);
      fcntl(number, F_SETFL, flags | O_NONBLOCK);
    }
    files_.push_back({kind, number, port});
    return files_.size() - 1;
  }

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(port);
    return at;
  }
  static std::uint16_t port_of(int number) {
    sockaddr_in at{};
    socklen_t size = sizeof at;
    getsockname(number, reinterpret_cast<sockaddr*>(&at), &size);
    return ntohs(at.sin_port);
  }

  void make() {
    int ends[2] = {-1, -1};
    switch (below(6)) {
      case 0: {
        const int number = socket(AF_INET, SOCK_STREAM, 0);
        const sockaddr_in at = loopback(0);
        bind(number, reinterpret_cast<const sockaddr*>(&at), sizeof at);
        const int result = listen(number, 8);
        note("listen", add(Kind::listener, number, port_of(number)), result);
        break;
      }
      case 1:
        note("socketpair", files_.size(), socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
        add(Kind::pair, ends[0]);
        add(Kind::pair, ends[1]);
        break;
      case 2:
        note("pipe", files_.size(), pipe(ends));
        add(Kind::reader, ends[0]);
        add(Kind::writer, ends[1]);
        break;
      case 3:
        add(Kind::counter,
            eventfd(static_cast<unsigned>(below(3)), below(2) == 0 ? 0 : EFD_SEMAPHORE));
        break;
      case 4: {
        const int number = socket(AF_INET, SOCK_DGRAM, 0);
        const sockaddr_in at = loopback(0);
        note("bind", files_.size(),
             bind(number, reinterpret_cast<const sockaddr*>(&at), sizeof at));
        add(Kind::datagram, number, port_of(number));
        break;
      }
      default:
        add(Kind::epoll, epoll_create1(0));
    }
  }

  void connect_to(const File& listener) {
    const int number = socket(AF_INET, SOCK_STREAM, 0);
    const std::size_t file = add(Kind::stream, number);
    const sockaddr_in at = loopback(listener.port);
    const auto* address = reinterpret_cast<const sockaddr*>(&at);
    const int result = connect(number, address, sizeof at);
    note("connect", file, result);
    settle();
    note("connect", file, connect(number, address, sizeof at));
  }

  void send_some(std::size_t file) {
    const File& from = files_[file];
    std::string bytes(below(4) == 0 ? below(3) : 1 + below(500),
                      static_cast<char>('a' + below(26)));
    if (from.kind == Kind::counter) {
      const std::uint64_t value = below(4);
      note("write", file, write(from.number, &value, sizeof value));
    } else if (from.kind == Kind::datagram) {
      const File& to = files_[below(files_.size())];
      const sockaddr_in at = loopback(to.kind == Kind::datagram ? to.port : from.port);
      note("sendto", file,
           sendto(from.number, bytes.data(), bytes.size(), 0,
                  reinterpret_cast<const sockaddr*>(&at), sizeof at));
    } else if (from.kind == Kind::writer || from.kind == Kind::reader) {
      const std::size_t half = bytes.size() / 2;
      const iovec pieces[2] = {{bytes.data(), half}, {bytes.data() + half, bytes.size() - half}};
      note("writev", file, writev(from.number, pieces, 2));
    } else {
      note("send", file, send(from.number, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    }
  }

  void receive_some(std::size_t file) {
    const File& from = files_[file];
    std::string bytes(1 + below(600), '.');
    long got = 0;
    std::string call = "read";
    if (below(3) == 0) {
      call = "recv";
      const int flags = below(2) == 0 && from.kind != Kind::datagram ? MSG_PEEK : 0;
      got = recv(from.number, bytes.data(), bytes.size(), flags);
    } else if (below(3) == 0) {
      call = "readv";
      const std::size_t half = bytes.size() / 2;
      const iovec pieces[2] = {{bytes.data(), half}, {bytes.data() + half, bytes.size() - half}};
      got = readv(from.number, pieces, 2);
    } else {
      got = read(from.number, bytes.data(), bytes.size());
    }
    note(call, file, got, " " + bytes.substr(0, static_cast<std::size_t>(std::max(got, 0L))));
  }

  void look(std::size_t file) {
    const File& at = files_[file];
    int value = 0;
    socklen_t size = sizeof value;
    switch (below(7)) {
      case 0:
        note("SO_ERROR", file, getsockopt(at.number, SOL_SOCKET, SO_ERROR, &value, &size),
             " " + std::to_string(value));
        break;
      case 1:
        note("SO_ACCEPTCONN", file, getsockopt(at.number, SOL_SOCKET, SO_ACCEPTCONN, &value, &size),
             " " + std::to_string(value));
        break;
      case 2:
        if (at.kind != Kind::datagram && at.kind != Kind::epoll && at.kind != Kind::counter) {
          note("FIONREAD", file, ioctl(at.number, FIONREAD, &value), " " + std::to_string(value));
        }
        break;
      case 3:
        note("F_GETFL", file, fcntl(at.number, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
        break;
      case 4: {
        sockaddr_storage peer{};
        socklen_t peer_size = sizeof peer;
        const int result = getpeername(at.number, reinterpret_cast<sockaddr*>(&peer), &peer_size);
        note("getpeername", file, result);
        break;
      }
      default: {
        std::vector<pollfd> all;
        for (const File& one : files_) {
          all.push_back({one.number, POLLIN | POLLOUT | POLLRDHUP, 0});
        }
        const int result = poll(all.data(), all.size(), 0);
        std::ostringstream events;
        for (const pollfd& one : all) {
          events << ' ' << std::hex << one.revents;
        }
        note("poll", file, result, events.str());
      }
    }
  }

  void use_epoll(std::size_t file) {
    const File& epoll = files_[file];
    const std::size_t other = below(files_.size());
    // Linux reports an edge of EPOLLOUT also when bytes that were sent are freed.
    constexpr std::array<std::uint32_t, 5> wanted = {EPOLLIN, EPOLLIN | EPOLLOUT, EPOLLIN | EPOLLET,
                                                     EPOLLOUT | EPOLLONESHOT,
                                                     EPOLLIN | EPOLLRDHUP | EPOLLONESHOT};
    if (below(2) == 0) {
      constexpr std::array<int, 4> operations = {EPOLL_CTL_ADD, EPOLL_CTL_ADD, EPOLL_CTL_MOD,
                                                 EPOLL_CTL_DEL};
      const int operation = operations[below(operations.size())];
      epoll_event event{};
      event.events = wanted[below(wanted.size())];
      event.data.u64 = other;
      note("epoll_ctl " + std::to_string(operation) + " of " + std::to_string(other), file,
           epoll_ctl(epoll.number, operation, files_[other].number, &event));
      return;
    }
    std::array<epoll_event, 8> events{};
    const int most = 1 + static_cast<int>(below(events.size()));
    const int result = epoll_wait(epoll.number, events.data(), most, 0);
    std::ostringstream found;
    for (int i = 0; i < result; ++i) {
      const epoll_event& one = events[static_cast<std::size_t>(i)];
      found << ' ' << one.data.u64 << ':' << std::hex << one.events << std::dec;
    }
    note("epoll_wait", file, result, found.str());
  }

  void step() {
    if (files_.empty() || (files_.size() < 10 && below(4) == 0)) {
      make();
      settle();
      return;
    }
    const std::size_t file = below(files_.size());
    const File& chosen = files_[file];
    if (chosen.number >= 0 && below(12) == 0) {
      // A simulated TCP connection whose receiving is shut down takes data without a reset.
      const int how = chosen.kind == Kind::stream ? SHUT_WR : static_cast<int>(below(3));
      note("shutdown", file, shutdown(chosen.number, how));
    } else if (chosen.number >= 0 && below(20) == 0) {
      note("close", file, close(chosen.number));
      files_[file].number = -1;
    } else if (chosen.number >= 0 && below(20) == 0) {
      const int copy = dup(chosen.number);
      note("dup", file, copy < 0 ? -1 : 0);
      files_.push_back({chosen.kind, copy, chosen.port});
    } else if (below(4) == 0) {
      look(file);
    } else if (chosen.kind == Kind::epoll) {
      use_epoll(file);
    } else if (chosen.kind == Kind::listener && below(2) == 0) {
      const File listener = chosen;
      connect_to(listener);
    } else if (chosen.kind == Kind::listener) {
      const int number = accept(chosen.number, nullptr, nullptr);
      note("accept", file, number < 0 ? -1 : 0);
      if (number >= 0) {
        add(Kind::stream, number);
      }
    } else if (below(2) == 0) {
      send_some(file);
    } else {
      receive_some(file);
    }
    settle();
  }

  // Lets arrive what is on its way over the loopback network.
  void settle() const { usleep(settling_); }

  std::uint64_t seed_;
  useconds_t settling_;
  std::uint64_t draws_ = 0;
  std::vector<File> files_;
  std::vector<std::string> log_;
};

TEST(GuestConformance, of_random_programs_is_that_of_linux) {
  const char* asked = std::getenv("REHEARSAL_CONFORMANCE_PROGRAMS");
  const std::uint64_t programs = asked == nullptr ? 3000 : std::strtoull(asked, nullptr, 10);
  for (std::uint64_t seed = 1; seed <= programs && !testing::Test::HasFailure(); ++seed) {
    constexpr useconds_t settling = 100;
    std::vector<std::string> simulated;
    World world;
    world.host("host").guest("main", [&] { simulated = CallProgram(seed, settling).run(); });
    const RunReport report = world.run();
    ASSERT_TRUE(report.ok()) << "program " << seed << ": " << report.to_string();
    // A busy machine may take longer to deliver.
    std::vector<std::string> real = CallProgram(seed, settling).run();
    for (useconds_t longer = 20 * settling; real != simulated && longer < 500'000; longer *= 10) {
      real = CallProgram(seed, longer).run();
    }
    const auto [one, other] = std::ranges::mismatch(real, simulated);
    std::ostringstream before;
    for (auto line = real.begin(); line != one; ++line) {
      before << *line << '\n';
    }
    EXPECT_EQ(one == real.end(), other == simulated.end()) << "program " << seed;
    if (one != real.end() && other != simulated.end()) {
      ADD_FAILURE() << "program " << seed << "\n"
                    << before.str() << "Linux: " << *one << "\nguest: " << *other;
    }
  }
}

}  // namespace
}  // namespace rehearsal::simnet
