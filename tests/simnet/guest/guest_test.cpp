#include <arpa/inet.h>
#include <netdb.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simnet/guest/context.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {
namespace {

using namespace std::chrono_literals;

// Programs as they are written for Linux.

int listen_at(std::uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  EXPECT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
  EXPECT_EQ(listen(listener, 16), 0);
  return listener;
}

void serve_echo() {
  const int listener = listen_at(9000);
  for (;;) {
    const int connection = accept(listener, nullptr, nullptr);
    char bytes[64];
    ssize_t got = 0;
    while ((got = read(connection, bytes, sizeof bytes)) > 0) {
      send(connection, bytes, static_cast<std::size_t>(got), MSG_NOSIGNAL);
    }
    close(connection);
  }
}

int connect_to(const char* host, const char* port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  EXPECT_EQ(getaddrinfo(host, port, &hints, &found), 0);
  const int connection = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
  EXPECT_EQ(connect(connection, found->ai_addr, found->ai_addrlen), 0) << strerror(errno);
  freeaddrinfo(found);
  return connection;
}

std::string ask(int connection, const std::string& message) {
  EXPECT_EQ(send(connection, message.data(), message.size(), MSG_NOSIGNAL), message.size());
  std::string answer(message.size(), ' ');
  const ssize_t got = recv(connection, answer.data(), answer.size(), MSG_WAITALL);
  return got < 0 ? strerror(errno) : answer.substr(0, static_cast<std::size_t>(got));
}

// Runs one guest alone, and returns the report.
RunReport run_alone(const std::function<void()>& program) {
  World world;
  world.host("host").guest("main", program);
  return world.run();
}

// Returns the only failure of a run, without the name of its task.
std::string failure_of(const RunReport& report) {
  EXPECT_EQ(report.failures.size(), 1);
  const std::string what = report.failures.empty() ? "none" : report.failures.front().what;
  const std::string_view before = " failed: ";
  const std::size_t at = what.find(before);
  return at == std::string::npos ? what : what.substr(at + before.size());
}

TEST(Guest, blocks_in_virtual_time) {
  World world;
  std::string answer;
  world.host("server").guest("serve", serve_echo);
  world.host("client").guest("ask", [&] {
    const int connection = connect_to("server", "9000");
    answer = ask(connection, "hello");
    close(connection);
  });
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
  EXPECT_EQ(answer, "hello");
}

TEST(Guest, keeps_the_error_of_a_send_that_has_sent_a_part) {
  const Schedule schedule =
      std::get<Schedule>(parse_schedule("x data=1 send/client/ask#0>/0=3 reset/client/ask#0>/1=1"));
  World world(schedule.deviations);
  world.host("server").guest("serve", serve_echo);
  world.host("client").guest("ask", [] {
    const int connection = connect_to("server", "9000");
    EXPECT_EQ(send(connection, "hello", 5, 0), 3);
    // Without SIGPIPE, which would end the program.
    EXPECT_EQ(send(connection, "lo", 2, 0), -1);
    EXPECT_EQ(errno, ECONNRESET);
    EXPECT_EQ(send(connection, "lo", 2, MSG_NOSIGNAL), -1);
    EXPECT_EQ(errno, EPIPE);
  });
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
}

TEST(Guest, has_one_digest_on_every_kind_of_stack) {
  const auto digest = [](std::string_view stacks) {
    EXPECT_TRUE(set_stacks_of_guests(stacks));
    World world(Policy::random(3));
    world.host("server").guest("serve", serve_echo);
    for (const char* name : {"a", "b"}) {
      world.host(name).guest("ask", [] {
        const int connection = connect_to("server", "9000");
        for (int i = 0; i < 10; ++i) {
          ask(connection, "hello " + std::to_string(i));
        }
        close(connection);
      });
    }
    const RunReport report = world.run();
    EXPECT_TRUE(report.ok()) << report.to_string();
    return report.digest;
  };
  const std::string before(stacks_of_guests());
  const auto on_threads = digest("threads");
  EXPECT_EQ(digest(before), on_threads);
  EXPECT_EQ(set_stacks_of_guests("none"), false);
  EXPECT_EQ(stacks_of_guests(), before);
}

TEST(Guest, has_thread_local_variables_of_its_own) {
  thread_local int mine = 0;
  World world;
  std::vector<int> seen;
  for (int i = 1; i <= 3; ++i) {
    world.host("host-" + std::to_string(i)).guest("main", [i, &seen] {
      mine = i;
      errno = 100 + i;
      usleep(1000);
      seen.push_back(mine);
      seen.push_back(errno);
    });
  }
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(seen, (std::vector{1, 101, 2, 102, 3, 103}));
  EXPECT_EQ(mine, 0);
}

TEST(Guest, handles_exceptions_across_waits) {
  World world;
  std::string text;
  for (const char* name : {"a", "b", "c"}) {
    world.host(name).guest("main", [name, &text] {
      try {
        throw std::runtime_error(name);
      } catch (const std::exception& error) {
        usleep(1000);
        text += error.what();
        EXPECT_EQ(std::uncaught_exceptions(), 0);
      }
    });
  }
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(text, "abc");
}

TEST(Guest, fails_the_run_with_its_exception) {
  EXPECT_EQ(failure_of(run_alone([] { throw std::runtime_error("out of luck"); })), "out of luck");
}

TEST(Guest, that_is_killed_closes_its_connections) {
  World world;
  std::string end = "none";
  world.host("server").guest("serve", serve_echo);
  world.host("client").guest("ask", [&] {
    const int connection = connect_to("server", "9000");
    EXPECT_EQ(ask(connection, "hello"), "hello");
    char byte = 0;
    end = recv(connection, &byte, 1, 0) == 0 ? "closed" : strerror(errno);
  });
  world.at(10ms, [&] { world.host("server").kill(); });
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(end, "closed");
}

// The ends of a pair report to each other while the kernel closes them.
TEST(Guest, that_is_killed_leaves_no_socket_that_reports_to_it) {
  World world;
  world.host("host").guest("main", [] {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    EXPECT_EQ(write(ends[0], "x", 1), 1);
    sleep(1);
  });
  world.at(10ms, [&] { world.host("host").kill(); });
  EXPECT_TRUE(world.run().ok());
}

TEST(Guest, that_loses_power_says_nothing) {
  World world;
  std::string end = "none";
  world.host("server").guest("serve", serve_echo);
  world.host("client").guest("ask", [&] {
    const int connection = connect_to("server", "9000");
    const timeval second{1, 0};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
    EXPECT_EQ(ask(connection, "hello"), "hello");
    char byte = 0;
    end = recv(connection, &byte, 1, 0) == 0 ? "closed" : strerror(errno);
  });
  world.at(10ms, [&] { world.host("server").power_off(); });
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(end, strerror(EAGAIN));
}

TEST(Guest, does_not_start_again_with_old_variables) {
  World world;
  world.host("server").guest("serve", serve_echo);
  world.host("client").guest("wait", [] { sleep(1); });
  world.at(10ms, [&] { world.host("server").restart(); });
  EXPECT_EQ(failure_of(world.run()),
            "a guest cannot start again: its global variables are those of its last run");
}

TEST(Guest, ends_when_it_exits) {
  EXPECT_TRUE(run_alone([] { exit(0); }).ok());
  EXPECT_EQ(failure_of(run_alone([] { exit(3); })), "exited with status 3");
  EXPECT_EQ(failure_of(run_alone([] { _exit(4); })), "exited with status 4");
}

TEST(Guest, is_killed_by_sigpipe_unless_it_ignores_it) {
  const auto write_twice = [] {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    close(ends[0]);
    EXPECT_EQ(write(ends[1], "x", 1), -1);
    EXPECT_EQ(errno, EPIPE);
  };
  EXPECT_EQ(failure_of(run_alone(write_twice)), "killed by SIGPIPE");
  EXPECT_TRUE(run_alone([&] {
                signal(SIGPIPE, SIG_IGN);
                write_twice();
              }).ok());
  static int raised = 0;
  EXPECT_TRUE(run_alone([&] {
                signal(SIGPIPE, [](int number) { raised = number; });
                write_twice();
              }).ok());
  EXPECT_EQ(raised, SIGPIPE);
  EXPECT_TRUE(run_alone([&] {
                sigset_t pipes;
                sigemptyset(&pipes);
                sigaddset(&pipes, SIGPIPE);
                EXPECT_EQ(pthread_sigmask(SIG_BLOCK, &pipes, nullptr), 0);
                write_twice();
                sigset_t pending;
                EXPECT_EQ(sigpending(&pending), 0);
                EXPECT_EQ(sigismember(&pending, SIGPIPE), 1);
                int taken = 0;
                EXPECT_EQ(sigwait(&pipes, &taken), 0);
                EXPECT_EQ(taken, SIGPIPE);
                sigset_t now;
                EXPECT_EQ(sigprocmask(SIG_UNBLOCK, &pipes, &now), 0);
                EXPECT_EQ(sigismember(&now, SIGPIPE), 1);
              }).ok());
}

TEST(Guest, must_not_start_other_processes) {
  EXPECT_THAT(failure_of(run_alone([] { fork(); })),
              testing::StartsWith("fork() is not simulated"));
  EXPECT_THAT(failure_of(run_alone([] { static_cast<void>(system("true")); })),
              testing::StartsWith("system() is not simulated"));
}

TEST(Guest, that_polls_in_a_loop_lets_time_pass) {
  World world;
  int tries = 0;
  world.host("server").guest("serve", serve_echo);
  world.host("client").guest("ask", [&] {
    const int connection = connect_to("server", "9000");
    send(connection, "x", 1, 0);
    char byte = 0;
    while (recv(connection, &byte, 1, MSG_DONTWAIT) < 0) {
      ++tries;
    }
  });
  EXPECT_TRUE(world.run().ok());
  EXPECT_GT(tries, 1000);
}

TEST(Guest, knows_the_names_of_its_world) {
  World world;
  world.host("server").guest("serve", serve_echo);
  world.host("client").guest("ask", [] {
    char name[64];
    EXPECT_EQ(gethostname(name, sizeof name), 0);
    EXPECT_STREQ(name, "client");
    addrinfo* found = nullptr;
    EXPECT_EQ(getaddrinfo("nobody", "80", nullptr, &found), EAI_NONAME);
    const int connection = connect_to("server", "9000");
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    EXPECT_EQ(getpeername(connection, reinterpret_cast<sockaddr*>(&peer), &size), 0);
    EXPECT_EQ(ntohs(peer.sin_port), 9000);
    EXPECT_EQ(getnameinfo(reinterpret_cast<sockaddr*>(&peer), size, name, sizeof name, nullptr, 0,
                          NI_NAMEREQD),
              0);
    EXPECT_STREQ(name, "server");
  });
  EXPECT_TRUE(world.run().ok());
}

TEST(Guest, is_told_by_its_task_in_a_deadlock) {
  const RunReport report = run_alone([] {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    char byte = 0;
    EXPECT_EQ(read(ends[0], &byte, 1), 1);
  });
  EXPECT_FALSE(report.ok());
  EXPECT_THAT(report.to_string(), testing::HasSubstr("host/main waits: recv on 600"));
}

TEST(Guest, outside_of_a_world_has_the_real_calls) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_LT(ends[0], 600);
  EXPECT_EQ(write(ends[1], "real", 4), 4);
  char bytes[8];
  EXPECT_EQ(read(ends[0], bytes, sizeof bytes), 4);
  close(ends[0]);
  close(ends[1]);
  const int epoll = epoll_create1(0);
  epoll_event event{};
  EXPECT_EQ(epoll_wait(epoll, &event, 1, 0), 0);
  close(epoll);
}

}  // namespace
}  // namespace rehearsal::simnet
