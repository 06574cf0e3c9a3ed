// A child is a process in which something runs that may crash: a fork of this one (fork(2)), with a
// pipe on which it tells how it goes, and a socket on which it is told what to do. It ends with its
// parent.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>

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

// The child's end.
class Parent {
 public:
  Parent(int tells, int asks) : tells_(tells), asks_(asks) {}
  void tell(const Message& message) const;
  // The next of what the parent tells, waiting for it; nothing where there is no more. `heard` is
  // what has come so far of those that follow.
  [[nodiscard]] std::optional<Message> hear(MessageReader& heard) const;

 private:
  int tells_;
  int asks_;
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
  explicit Child(const std::function<void(const Parent& parent)>& body);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();  // kills it where it still runs

  // Readable where receive() has something.
  [[nodiscard]] int descriptor() const { return hears_.number(); }
  // Takes what the child has told, waiting for something; false at the end of it.
  [[nodiscard]] bool receive();
  [[nodiscard]] std::optional<Message> next() { return messages_.next(); }
  // Does nothing where it is gone.
  void tell(const Message& message) const;
  void kill() const;
  // Waits for its end.
  ChildEnd wait();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  pid_t process_ = -1;  // -1 once it was waited for
  std::string how_;
  OwnedDescriptor hears_;
  OwnedDescriptor asks_;
  MessageReader messages_;
  std::unique_ptr<std::FILE, Close> errors_;
};

// Calls `body` in a child, and `hear` with each message as it comes. Returns how the child ended.
ChildEnd run_in_child(const std::function<void(const Parent& parent)>& body,
                      const std::function<void(Message& message)>& hear);

}  // namespace rehearsal::harness
