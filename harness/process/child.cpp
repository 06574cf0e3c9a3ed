#include "harness/process/child.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace rehearsal::harness {
namespace {

constexpr long most_errors = 8192;  // bytes of its stderr that are shown

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct Pipe {
  OwnedDescriptor reads;
  OwnedDescriptor writes;
};

Pipe open_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw_errno("pipe");
  }
  return {OwnedDescriptor(ends[0]), OwnedDescriptor(ends[1])};
}

// A socket, as a pipe whose reader is gone would end the writer with a signal.
Pipe open_sockets() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw_errno("socketpair");
  }
  return {OwnedDescriptor(ends[0]), OwnedDescriptor(ends[1])};
}

// The process that fork() has made: it must not come back from here.
[[noreturn]] void run_child(const std::function<void(const Parent& parent)>& body,
                            const Parent& parent, int errors, pid_t parent_process) {
  // Both may go to all processes of a terminal or a job; the parent says when to stop.
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent_process) {
    ::_exit(0);  // the parent was gone before that
  }
  ::dup2(errors, STDERR_FILENO);
  // The command that repeats the run leaves a core where one is wanted.
  const rlimit no_core{};
  ::setrlimit(RLIMIT_CORE, &no_core);
  body(parent);
  std::fflush(nullptr);
  ::_exit(0);
}

}  // namespace

OwnedDescriptor::OwnedDescriptor(OwnedDescriptor&& other) noexcept
    : number_(std::exchange(other.number_, -1)) {}
OwnedDescriptor& OwnedDescriptor::operator=(OwnedDescriptor&& other) noexcept {
  const OwnedDescriptor old(std::exchange(number_, std::exchange(other.number_, -1)));
  return *this;
}
OwnedDescriptor::~OwnedDescriptor() {
  if (number_ >= 0) {
    ::close(number_);
  }
}

std::optional<Message> Parent::hear(MessageReader& heard) const {
  for (;;) {
    if (auto message = heard.next()) {
      return message;
    }
    std::array<char, 65536> buffer{};
    const ssize_t size = ::read(asks_, buffer.data(), buffer.size());
    if (size > 0) {
      heard.add({buffer.data(), static_cast<std::size_t>(size)});
    } else if (size == 0 || errno != EINTR) {
      return std::nullopt;
    }
  }
}

void Parent::tell(const Message& message) const {
  const std::string bytes = to_bytes(message);
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t written = ::write(tells_, rest.data(), rest.size());
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      ::_exit(0);  // nobody listens any more
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

Child::Child(const std::function<void(const Parent& parent)>& body) : errors_(std::tmpfile()) {
  if (errors_ == nullptr) {
    throw_errno("a temporary file");
  }
  Pipe tells = open_pipe();
  Pipe asks = open_sockets();
  std::fflush(nullptr);  // what is buffered now would come out twice
  const pid_t parent_process = ::getpid();
  process_ = ::fork();
  if (process_ < 0) {
    throw_errno("fork");
  }
  if (process_ == 0) {
    run_child(body, Parent(tells.writes.number(), asks.reads.number()), ::fileno(errors_.get()),
              parent_process);
  }
  hears_ = std::move(tells.reads);
  asks_ = std::move(asks.writes);
}

Child::~Child() {
  if (process_ > 0) {
    kill();
    wait();
  }
}

bool Child::receive() {
  std::array<char, 65536> buffer{};
  const ssize_t size = ::read(hears_.number(), buffer.data(), buffer.size());
  if (size > 0) {
    messages_.add({buffer.data(), static_cast<std::size_t>(size)});
  }
  return size > 0 || (size < 0 && errno == EINTR);
}

void Child::tell(const Message& message) const {
  const std::string bytes = to_bytes(message);
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t sent = ::send(asks_.number(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) {
        continue;
      }
      return;  // it is gone, as receive() will say
    }
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Child::kill() const {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
  }
}

ChildEnd Child::wait() {
  if (process_ > 0) {
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    how_ = WIFSIGNALED(status)
               ? fmt::format("signal {} ({})", WTERMSIG(status), ::sigdescr_np(WTERMSIG(status)))
               : fmt::format("exit status {}", WEXITSTATUS(status));
  }
  std::FILE* file = errors_.get();
  std::fseek(file, 0, SEEK_END);
  const long size = std::ftell(file);
  std::fseek(file, std::max(0L, size - most_errors), SEEK_SET);
  std::string text(static_cast<std::size_t>(std::min(size, most_errors)), '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  return {how_, std::move(text)};
}

ChildEnd run_in_child(const std::function<void(const Parent& parent)>& body,
                      const std::function<void(Message& message)>& hear) {
  Child child(body);
  while (child.receive()) {
    while (std::optional<Message> message = child.next()) {
      hear(*message);
    }
  }
  return child.wait();
}

}  // namespace rehearsal::harness
