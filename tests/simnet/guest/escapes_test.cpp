// Calls by which a guest could reach the machine: each is refused.
#include <fcntl.h>
#include <ifaddrs.h>
#include <mqueue.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simnet/guest/system_calls.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {
namespace {

struct Escape {
  std::string name;
  std::function<void()> call;
};

void* nothing(void* /*argument*/) { return nullptr; }

std::vector<Escape> escapes() {
  static char* no_words[] = {nullptr};
  return {
      {"fork", [] { fork(); }},
      {"execve", [] { execve("/bin/true", no_words, no_words); }},
      {"posix_spawn",
       [] {
         pid_t child = 0;
         posix_spawn(&child, "/bin/true", nullptr, nullptr, no_words, no_words);
       }},
      {"system", [] { static_cast<void>(system("true")); }},
      {"popen", [] { static_cast<void>(popen("true", "r")); }},
      {"waitpid", [] { waitpid(-1, nullptr, WNOHANG); }},
      {"pthread_create",
       [] {
         pthread_t thread{};
         pthread_create(&thread, nullptr, nothing, nullptr);
       }},
      {"kill", [] { ::kill(getppid(), 0); }},
      {"syslog", [] { syslog(LOG_INFO, "hello"); }},
      {"getifaddrs",
       [] {
         ifaddrs* found = nullptr;
         getifaddrs(&found);
       }},
      {"gethostbyname", [] { gethostbyname("nobody.example"); }},
      {"open to write", [] { open("/tmp/guest", O_WRONLY | O_CREAT, 0600); }},
      {"open of a file that is not listed", [] { open("/home/secret", O_RDONLY); }},
      {"fopen", [] { static_cast<void>(fopen("/tmp/guest", "w")); }},
      {"unlink", [] { unlink("/tmp/guest"); }},
      {"mkdir", [] { mkdir("/tmp/guest", 0700); }},
      {"rename", [] { rename("/tmp/guest", "/tmp/other"); }},
      {"memfd_create", [] { memfd_create("guest", 0); }},
  };
}

std::vector<Escape> more_escapes() {
  return {
      {"shmget", [] { shmget(IPC_PRIVATE, 4096, IPC_CREAT); }},
      {"semget", [] { semget(IPC_PRIVATE, 1, IPC_CREAT); }},
      {"mq_open", [] { mq_open("/guest", O_RDONLY); }},
      {"inotify_init1", [] { inotify_init1(0); }},
      {"signalfd",
       [] {
         sigset_t signals;
         sigemptyset(&signals);
         signalfd(-1, &signals, 0);
       }},
      {"setitimer",
       [] {
         const itimerval soon{{0, 0}, {1, 0}};
         setitimer(ITIMER_REAL, &soon, nullptr);
       }},
      {"alarm", [] { alarm(1); }},
      {"timer_create",
       [] {
         timer_t timer{};
         timer_create(CLOCK_MONOTONIC, nullptr, &timer);
       }},
      {"times",
       [] {
         tms used{};
         times(&used);
       }},
      {"getrusage",
       [] {
         rusage used{};
         getrusage(RUSAGE_SELF, &used);
       }},
      {"sched_setaffinity",
       [] {
         cpu_set_t set{};
         sched_setaffinity(0, sizeof set, &set);
       }},
      {"ptrace", [] { ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }},
      {"chdir", [] { static_cast<void>(chdir("/")); }},
      {"pause", [] { ::pause(); }},
      {"socket by syscall()", [] { syscall(SYS_socket, AF_INET, SOCK_STREAM, 0); }},
      {"sendfile", [] { sendfile(1, 0, nullptr, 1); }},
  };
}

TEST(GuestEscapes, are_refused_with_the_name_of_their_function) {
  World first;
  first.host("host").guest("main", [] {});
  ASSERT_TRUE(first.run().ok());
  if (!SystemCalls::can_report()) {
    GTEST_SKIP() << "this kernel does not report system calls (prctl(2))";
  }
  std::vector<Escape> all = escapes();
  std::ranges::move(more_escapes(), std::back_inserter(all));
  for (const Escape& escape : all) {
    World world;
    bool went_on = false;
    world.host("host").guest("main", [&] {
      escape.call();
      went_on = true;
    });
    const RunReport report = world.run();
    EXPECT_FALSE(went_on) << escape.name;
    ASSERT_EQ(report.failures.size(), 1) << escape.name;
    EXPECT_EQ(report.failures.front().kind, FailureKind::not_simulated) << escape.name;
    EXPECT_THAT(report.failures.front().what, testing::HasSubstr(" is not simulated; called by "));
  }
}

TEST(GuestEscapes, leave_no_file_of_the_machine_open) {
  const int lowest = open("/dev/null", O_RDONLY);
  close(lowest);
  World world;
  world.host("host").guest("main", [&] {
    const int first = open("/dev/null", O_RDONLY);
    EXPECT_EQ(first, lowest);
    EXPECT_GT(open("/dev/null", O_RDONLY), first);
    close(first);
    EXPECT_EQ(open("/dev/null", O_RDONLY), first);
  });
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
  const int after = open("/dev/null", O_RDONLY);
  close(after);
  EXPECT_EQ(after, lowest);
}

TEST(GuestEscapes, are_not_what_every_program_does) {
  World world;
  world.host("host").guest("main", [] {
    std::free(std::malloc(100 << 20));
    std::fprintf(stderr, "%s", "");
    FILE* file = std::fopen("/etc/hostname", "r");
    if (file != nullptr) {
      std::fclose(file);
    }
    EXPECT_GT(sysconf(_SC_NPROCESSORS_ONLN), 0);
    EXPECT_EQ(getuid(), geteuid());
    std::string(std::size_t{1} << 22U, 'x').append("y");
  });
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
}

}  // namespace
}  // namespace rehearsal::simnet
