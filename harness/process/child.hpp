// A child is a process for code that may crash: a fork(2) of this one. On a socket it reports its
// progress and receives what to do next. It is killed if its parent ends.
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

// Owns a descriptor, and closes it at destruction. -1 means none.
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
  // Sends a message. Returns false if the other end is gone.
  [[nodiscard]] bool tell(Message message) const;
  // Waits for bytes from the other end, and reads them for next(). Returns false if the other end
  // has closed the socket, or has sent a damaged message.
  [[nodiscard]] bool receive();
  // Returns the next message that was received whole, or nothing. After a damaged message neither
  // end receives or sends any more.
  [[nodiscard]] std::optional<Message> next();
  [[nodiscard]] bool damaged() const { return messages_.damaged(); }

 private:
  OwnedDescriptor socket_;
  MessageReader messages_;
};

// The child's end of the socket.
class Parent {
 public:
  explicit Parent(Channel channel) : channel_(std::move(channel)) {}
  // Sends a message. Ends this process if the parent is gone.
  void tell(Message message) const;
  // Waits for the next message of the parent. Returns nothing if there are no more.
  [[nodiscard]] std::optional<Message> hear();

 private:
  Channel channel_;
};

// How a child ended, as in "signal 11 (Segmentation fault)", and the last 8192 bytes of its stderr.
// A first line counts the bytes before them, if any. A child that sent a damaged message is killed.
struct ChildEnd {
  std::string how;
  std::string errors;
};

class Child {
 public:
  // Calls `body` in a new process, which ends when `body` returns and ignores SIGINT and SIGTERM.
  // Throws std::system_error if the process cannot be started.
  explicit Child(const std::function<void(Parent& parent)>& body);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();  // kills the process if it still runs

  // A descriptor that is readable when receive() will not block.
  [[nodiscard]] int descriptor() const { return channel_.descriptor(); }
  // Waits for bytes from the child, and reads them for next(). Returns false after its end.
  [[nodiscard]] bool receive() { return channel_.receive(); }
  // Returns the next message that was received whole, or nothing.
  [[nodiscard]] std::optional<Message> next() { return channel_.next(); }
  // Sends a message. Does nothing if the child has ended, which receive() reports.
  void tell(Message message) const { std::ignore = channel_.tell(std::move(message)); }
  void kill() const;
  // Waits until the process has ended. May be called again.
  ChildEnd wait();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  pid_t process_ = -1;  // -1 after wait()
  std::string how_;
  Channel channel_;
  std::unique_ptr<std::FILE, Close> errors_;
};

// Returns whether LeakSanitizer finds memory that this process has lost; its report goes to stderr.
// Returns false without LeakSanitizer.
[[nodiscard]] bool has_leaked();

// Returns the null-terminated array that execve(2) takes. Valid until `texts` changes.
[[nodiscard]] std::vector<char*> pointers(std::vector<std::string>& texts);

// Calls `body` in a child, and `hear` here with each message of the child. Returns how it ended.
ChildEnd run_in_child(const std::function<void(Parent& parent)>& body,
                      const std::function<void(Message& message)>& hear);

}  // namespace rehearsal::harness
