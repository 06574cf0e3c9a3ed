// OwnStack: a context whose stack is memory of its own, in the thread of its owner. A switch saves
// and loads the registers that a call preserves, and the thread_local variables of the program and
// of the libraries that were loaded with it: each side has its own values at the same addresses.
// Not known: the variables of a library that was loaded later, which the two sides share, and
// sanitizers, which follow one stack for each thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "simnet/guest/context.hpp"

namespace rehearsal::simnet {

class OwnStack final : public Context {
 public:
  explicit OwnStack(std::function<void()> body);
  ~OwnStack() override;

  bool run() override;
  void pause() override;

  // Returns whether this processor and this C library are known.
  [[nodiscard]] static bool available();

 private:
  static void start();
  void swap_thread_locals();

  std::function<void()> body_;
  std::byte* memory_;
  void* sleeping_;                              // the stack pointer of the side that does not run
  std::unique_ptr<std::byte[]> thread_locals_;  // of the side that does not run
  bool over_ = false;
};

}  // namespace rehearsal::simnet
