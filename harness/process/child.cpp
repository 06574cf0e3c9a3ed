#include "harness/process/child.hpp"

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

// Provided by the runtime of a sanitizer or of coverage; null without one.
extern "C" {                                                   // NOLINTBEGIN: their names
int __lsan_do_recoverable_leak_check() __attribute__((weak));  // lsan_interface.h
int __llvm_profile_write_file() __attribute__((weak));         // clang's coverage
void __gcov_dump() __attribute__((weak));                      // gcov.h
}  // NOLINTEND

namespace rehearsal::harness {
namespace {

constexpr long most_errors = 8192;  // bytes of the child's stderr that are kept

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// Writes what exit(3) would write and _exit(2) does not.
void write_coverage() {
  if (&__llvm_profile_write_file != nullptr) {
    __llvm_profile_write_file();
  }
  if (&__gcov_dump != nullptr) {
    __gcov_dump();
  }
}

// Runs in the new process. It must not return or throw, because the callers belong to the parent.
[[noreturn]] void run_child(const std::function<void(Parent& parent)>& body, Parent parent,
                            int errors, pid_t parent_process) noexcept {
  // A terminal or job sends these signals to all its processes. Only the parent handles them.
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent_process) {
    ::_exit(0);  // the parent had ended before prctl()
  }
  ::dup2(errors, STDERR_FILENO);
  // No core dump: the command that repeats the run can write one if needed.
  const rlimit no_core{};
  ::setrlimit(RLIMIT_CORE, &no_core);
  body(parent);
  std::fflush(nullptr);
  write_coverage();
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

bool Channel::tell(Message message) const {
  const std::string bytes = to_bytes(std::move(message));
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t sent = ::send(socket_.number(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

bool Channel::receive() {
  std::array<char, 65536> buffer;  // NOLINT(*-member-init): read() fills what is used
  const ssize_t size = ::read(socket_.number(), buffer.data(), buffer.size());
  if (size > 0) {
    messages_.add({buffer.data(), static_cast<std::size_t>(size)});
  }
  return size > 0 || (size < 0 && errno == EINTR);
}

std::optional<Message> Channel::next() {
  std::optional<Message> message = messages_.next();
  if (messages_.damaged()) {
    ::shutdown(socket_.number(), SHUT_RDWR);
  }
  return message;
}

void Parent::tell(Message message) const {
  if (!channel_.tell(std::move(message))) {
    ::_exit(0);
  }
}

std::optional<Message> Parent::hear() {
  do {
    if (std::optional<Message> message = channel_.next()) {
      return message;
    }
  } while (channel_.receive());
  return std::nullopt;
}

Child::Child(const std::function<void(Parent& parent)>& body) : errors_(std::tmpfile()) {
  if (errors_ == nullptr) {
    throw_errno("a temporary file");
  }
  std::array<int, 2> sockets{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
    throw_errno("socketpair");
  }
  channel_ = Channel(sockets[0]);
  Channel child(sockets[1]);
  std::fflush(nullptr);  // otherwise both processes would write the buffered bytes
  const pid_t parent_process = ::getpid();
  process_ = ::fork();
  if (process_ < 0) {
    throw_errno("fork");
  }
  if (process_ == 0) {
    channel_ = Channel();
    run_child(body, Parent(std::move(child)), ::fileno(errors_.get()), parent_process);
  }
}

Child::~Child() {
  if (process_ > 0) {
    kill();
    wait();
  }
}

void Child::kill() const {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
  }
}

ChildEnd Child::wait() {
  if (process_ > 0) {
    if (channel_.damaged()) {
      kill();  // nobody hears it any more
    }
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    how_ = channel_.damaged() ? "it sent a damaged message"
           : WIFSIGNALED(status)
               ? fmt::format("signal {} ({})", WTERMSIG(status), ::sigdescr_np(WTERMSIG(status)))
               : fmt::format("exit status {}", WEXITSTATUS(status));
  }
  std::FILE* file = errors_.get();
  std::fseek(file, 0, SEEK_END);
  const long size = std::ftell(file);
  std::fseek(file, std::max(0L, size - most_errors), SEEK_SET);
  std::string text(static_cast<std::size_t>(std::min(size, most_errors)), '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  if (size > most_errors) {
    text.insert(0, fmt::format("({} bytes before these)\n", size - most_errors));
  }
  return {how_, std::move(text)};
}

bool has_leaked() {
  return &__lsan_do_recoverable_leak_check != nullptr && __lsan_do_recoverable_leak_check() != 0;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    list.push_back(text.data());
  }
  list.push_back(nullptr);
  return list;
}

ChildEnd run_in_child(const std::function<void(Parent& parent)>& body,
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
