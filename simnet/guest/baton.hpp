// Baton: a context whose stack is that of a thread of the operating system. The turn is a baton
// that the two threads pass (futex(2)). Sanitizers and debuggers know such stacks, and every thread
// has its own thread_local variables.
#pragma once

#include <pthread.h>

#include <atomic>
#include <csetjmp>
#include <functional>

#include "simnet/guest/context.hpp"

namespace rehearsal::simnet {

class Baton final : public Context {
 public:
  // Throws std::system_error if no thread can be started.
  explicit Baton(std::function<void()> body);
  ~Baton() override;

  bool run() override;
  void pause() override;

 private:
  enum class Turn : int { owner, body, over, dropped };

  static void* start(void* self);
  void main();
  // Lets the thread run on the processor of its owner.
  void follow_owner();
  void pass(Turn to);
  void await(Turn ends);

  std::function<void()> body_;
  std::jmp_buf end_{};
  std::atomic<Turn> turn_{Turn::owner};
  pthread_t thread_{};
  int processor_ = -1;  // on which the thread runs; -1: on any
};

}  // namespace rehearsal::simnet
