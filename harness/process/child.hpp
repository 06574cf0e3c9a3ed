// A child is a process for what may crash: a fork of this one (fork(2)), with a socket on which it
// reports its progress and receives what to do next. It ends with its parent.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "harness/process/wire.hpp"

namespace rehearsal::harness {

// Closes a descriptor when it goes.
class OwnedDescriptor {
 public:
  explicit OwnedDescriptor(int number = -1) : number_(number) {}
  OwnedDescriptor(const OwnedDescriptor&) = delete;
  OwnedDescriptor& operator=(const OwnedDescriptor&) = delete;
  OwnedDescriptor(OwnedDescriptor&& other) noexcept;
  OwnedDescriptor& operator=(OwnedDescriptor&& other) noexcept;
  ~OwnedDescriptor();

  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

// One end of the socket between a process and its child.
class Channel {
 public:
  explicit Channel(int socket = -1) : socket_(socket) {}

  [[nodiscard]] int descriptor() const { return socket_.number(); }
  // Tells the other end; false where that is gone.
  [[nodiscard]] bool tell(Message message) const;
  // Takes what the other end has told, waiting for something; false at the end of it.
  [[nodiscard]] bool receive();
  [[nodiscard]] std::optional<Message> next() { return messages_.next(); }

 private:
  OwnedDescriptor socket_;
  MessageReader messages_;
};

// The child's end.
class Parent {
 public:
  explicit Parent(Channel channel) : channel_(std::move(channel)) {}
  // Ends the process where nobody listens any more.
  void tell(Message message) const;
  // The next of what the parent tells, waiting for it; nothing where there is no more.
  [[nodiscard]] std::optional<Message> hear();

 private:
  Channel channel_;
};

// How it ended, as in "signal 11 (Segmentation fault)", and the last of what it wrote to stderr.
struct ChildEnd {
  std::string how;
  std::string errors;
};

class Child {
 public:
  // Calls `body` in a new process, which ends when it returns. SIGINT and SIGTERM do nothing to
  // it. Throws std::system_error.
  explicit Child(const std::function<void(Parent& parent)>& body);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();  // kills it where it still runs

  // Readable where receive() has something.
  [[nodiscard]] int descriptor() const { return channel_.descriptor(); }
  // Takes what the child has told, waiting for something; false at the end of it.
  [[nodiscard]] bool receive() { return channel_.receive(); }
  [[nodiscard]] std::optional<Message> next() { return channel_.next(); }
  // Does nothing if the child has ended; receive() returns that.
  void tell(Message message) const { std::ignore = channel_.tell(std::move(message)); }
  void kill() const;
  // Waits for its end.
  ChildEnd wait();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  pid_t process_ = -1;  // -1 once it was waited for
  std::string how_;
  Channel channel_;
  std::unique_ptr<std::FILE, Close> errors_;
};

// What execve(2) takes. Valid as long as `texts` is not changed.
[[nodiscard]] std::vector<char*> pointers(std::vector<std::string>& texts);

// Calls `body` in a child, and `hear` with each message as it comes. Returns how the child ended.
ChildEnd run_in_child(const std::function<void(Parent& parent)>& body,
                      const std::function<void(Message& message)>& hear);

}  // namespace rehearsal::harness
