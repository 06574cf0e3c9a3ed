#include "simnet/guest/baton.hpp"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <system_error>
#include <utility>

namespace rehearsal::simnet {

Baton::Baton(std::function<void()> body) : body_(std::move(body)) {
  const int error = pthread_create(&thread_, nullptr, &Baton::start, this);
  if (error != 0) {
    throw std::system_error(error, std::generic_category(), "the thread of a guest");
  }
}

Baton::~Baton() {
  if (turn_.load(std::memory_order_acquire) != Turn::over) {
    pass(Turn::dropped);
  }
  pthread_join(thread_, nullptr);
}

// A switch between two threads on one processor takes a third of the time of one between two
// processors, where the other one must be woken first.
void Baton::follow_owner() {
  const int here = sched_getcpu();
  if (here >= 0 && here != processor_) {
    processor_ = here;
    cpu_set_t only{};
    CPU_SET(static_cast<std::size_t>(here), &only);
    pthread_setaffinity_np(thread_, sizeof only, &only);  // if it fails, the switch is slower
  }
}

bool Baton::run() {
  follow_owner();
  pass(Turn::body);
  await(Turn::body);
  return turn_.load(std::memory_order_acquire) == Turn::owner;
}

void Baton::pause() {
  pass(Turn::owner);
  await(Turn::owner);
  if (turn_.load(std::memory_order_acquire) == Turn::dropped) {
    // Leaves every function of the body; nothing on the stack is destroyed. The thread then ends
    // as others do, so that the C library may reuse its memory.
    std::longjmp(end_, 1);
  }
}

void* Baton::start(void* self) {
  static_cast<Baton*>(self)->main();
  return nullptr;
}

void Baton::main() {
  await(Turn::owner);
  if (turn_.load(std::memory_order_acquire) != Turn::dropped && setjmp(end_) == 0) {
    body_();
    pass(Turn::over);
  }
}

void Baton::pass(Turn to) {
  turn_.store(to, std::memory_order_release);
  syscall(SYS_futex, &turn_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

// Unlike std::atomic::wait, does not spin: the other side runs for long, often on this processor.
void Baton::await(Turn ends) {
  static_assert(sizeof turn_ == sizeof(int) && std::atomic<Turn>::is_always_lock_free);
  while (turn_.load(std::memory_order_acquire) == ends) {
    syscall(SYS_futex, &turn_, FUTEX_WAIT_PRIVATE, ends, nullptr, nullptr, 0);
  }
}

}  // namespace rehearsal::simnet
