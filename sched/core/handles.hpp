// The sockets of one host as the scheduler sees them: which are open, who waits for which
// direction, and which readiness was reported and not yet used up.
//
// Readiness is latched per handle and direction. A report sets the latch, whether anyone waits or
// not; only a call that would block clears it, or a receive that filled less than its buffer while
// the socket shows neither hang-up, error nor urgent data. A set latch means: try the call. So a
// source may report edges (each change once) or levels (again and again), and both lose no wake-up.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sched/core/executor.hpp"
#include "sched/seam/hooks.hpp"
#include "sched/seam/source.hpp"

namespace rehearsal::sched {

// Names one opening of a descriptor: once closed it is stale for ever, whoever gets the number
// next.
struct Handle {
  Descriptor descriptor = -1;
  std::uint32_t generation = 0;

  friend bool operator==(const Handle&, const Handle&) = default;
};

// Waits for one direction of one handle. From claim() until release() the direction is this
// waiter's.
class SocketWaiter : public Waiter {
 public:
  SocketWaiter(const SocketWaiter&) = delete;
  SocketWaiter& operator=(const SocketWaiter&) = delete;

  [[nodiscard]] std::string describe() const override;

 protected:
  // REQUIRES: `other` has no claim.
  SocketWaiter(SocketWaiter&& other) noexcept = default;
  SocketWaiter(Handle handle, Direction way) : handle_(handle), way_(way) {}
  ~SocketWaiter() = default;

  [[nodiscard]] Handle handle() const { return handle_; }
  [[nodiscard]] Direction way() const { return way_; }
  // Throws error_; `what` says which operation failed, and on what.
  [[noreturn, gnu::cold]] void fail(std::string what) const;

  std::errc error_{};  // why the operation failed; none: it has not

 private:
  template <Source S>
  friend class Handles;

  Handle handle_;
  Direction way_;
  bool claimed_ = false;
  bool watched_ = false;
  bool unwatchable_ = false;  // the source refused to watch it
};

template <Source S>
class Handles {
 public:
  Handles(Executor& executor, S& source) : executor_(executor), source_(source) {}

  // REQUIRES: `descriptor` is not open. `latched`: the readiness that may be there already; a new
  // socket should be tried before it is waited for, so recv | send is the usual.
  Handle open(Descriptor descriptor, Readiness latched);
  [[nodiscard]] bool is_open(Handle handle) const { return find(handle) != nullptr; }
  // Wakes whoever waits with std::errc::operation_canceled and makes the handle stale.
  void close(Handle handle);

  // Takes the direction for `waiter`. The error is bad_file_descriptor for a handle that was never
  // open or is closed, device_or_resource_busy while another waiter has the direction,
  // invalid_argument where the direction is neither.
  std::errc claim(SocketWaiter& waiter);
  void release(SocketWaiter& waiter);
  // Tells the source to watch. The error is what the source says of a descriptor it cannot hold.
  // REQUIRES: `waiter` has its claim.
  std::errc watch(SocketWaiter& waiter);

  // REQUIRES of the four: the handle is open.
  [[nodiscard]] bool latched(const SocketWaiter& waiter) const {
    return slots_[index(waiter.handle_)].latched[side(waiter.way_)];
  }
  void would_block(const SocketWaiter& waiter);
  void short_receive(const SocketWaiter& waiter);

  // No readiness is there yet: the next operation waits before it tries.
  void not_yet(Handle handle) { slots_[index(handle)].latched = {false, false}; }

  // What a wait of the source found.
  [[gnu::hot]] void report(const Ready& ready);

 private:
  friend class Prefetch;

  struct Slot {
    std::array<SocketWaiter*, 2> waiters{};
    std::uint32_t generation = 0;
    std::array<bool, 2> latched{};
    Readiness shown = Readiness::none;  // hang-up, error and urgent, as reported so far
    bool open = false;
  };

  static std::size_t side(Direction way) { return way == Direction::recv ? 0 : 1; }
  static std::size_t index(Handle handle) { return static_cast<std::size_t>(handle.descriptor); }
  [[nodiscard]] const Slot* find(Handle handle) const;
  [[nodiscard]] Slot* find(Handle handle) {
    return const_cast<Slot*>(std::as_const(*this).find(handle));
  }
  void unwatch(SocketWaiter& waiter);
  // What is known here of a socket is a part of it, for a source that says what is touched.
  void touch(Descriptor descriptor) {
    if constexpr (hooks_of<S>.touches) {
      source_.touch(descriptor);
    }
  }
  void latch(Slot& slot, std::size_t side);

  Executor& executor_;
  S& source_;
  std::vector<Slot> slots_;
};

// Implementation. What each operation of a socket calls is inline, so that it stays in the loop
// where the class is compiled once (extern template).

template <Source S>
inline const typename Handles<S>::Slot* Handles<S>::find(Handle handle) const {
  if (handle.descriptor < 0 || index(handle) >= slots_.size()) {
    return nullptr;
  }
  const Slot& slot = slots_[index(handle)];
  return slot.open && slot.generation == handle.generation ? &slot : nullptr;
}

template <Source S>
Handle Handles<S>::open(Descriptor descriptor, Readiness latched) {
  check(descriptor >= 0, "a descriptor is not negative");
  const auto at = static_cast<std::size_t>(descriptor);
  if (at >= slots_.size()) {
    slots_.resize(at + 1);
  }
  Slot& slot = slots_[at];
  check(!slot.open, "a descriptor is opened once until it is closed");
  slot.open = true;
  ++slot.generation;
  slot.shown = Readiness::none;
  slot.latched = {any(latched, Readiness::recv), any(latched, Readiness::send)};
  return {descriptor, slot.generation};
}

template <Source S>
void Handles<S>::close(Handle handle) {
  Slot* slot = find(handle);
  if (slot == nullptr) {
    return;
  }
  touch(handle.descriptor);
  slot->open = false;
  for (SocketWaiter*& waiter : slot->waiters) {
    if (waiter != nullptr) {
      waiter->error_ = std::errc::operation_canceled;
      waiter->claimed_ = false;
      if (waiter->watched_) {
        unwatch(*waiter);
        executor_.make_ready(*waiter->task());
      }
      waiter = nullptr;
    }
  }
}

template <Source S>
inline std::errc Handles<S>::claim(SocketWaiter& waiter) {
  if (waiter.way_ != Direction::recv && waiter.way_ != Direction::send) {
    return std::errc::invalid_argument;
  }
  Slot* slot = find(waiter.handle_);
  if (slot == nullptr) {
    return std::errc::bad_file_descriptor;
  }
  touch(waiter.handle_.descriptor);
  SocketWaiter*& holder = slot->waiters[side(waiter.way_)];
  if (holder != nullptr && holder != &waiter) {
    return std::errc::device_or_resource_busy;
  }
  holder = &waiter;
  waiter.claimed_ = true;
  return {};
}

template <Source S>
inline void Handles<S>::release(SocketWaiter& waiter) {
  if (!waiter.claimed_) {
    return;
  }
  if (waiter.watched_) {
    unwatch(waiter);
  }
  waiter.claimed_ = false;
  slots_[index(waiter.handle_)].waiters[side(waiter.way_)] = nullptr;
}

template <Source S>
inline std::errc Handles<S>::watch(SocketWaiter& waiter) {
  const Result<> watched = source_.watch(waiter.handle_.descriptor, waiter.way_);
  if (!watched.ok()) {
    waiter.unwatchable_ = true;
    return watched.error();
  }
  waiter.watched_ = true;
  return {};
}

template <Source S>
inline void Handles<S>::unwatch(SocketWaiter& waiter) {
  waiter.watched_ = false;
  source_.unwatch(waiter.handle_.descriptor, waiter.way_);
}

template <Source S>
inline void Handles<S>::would_block(const SocketWaiter& waiter) {
  Slot& slot = slots_[index(waiter.handle_)];
  slot.latched[side(waiter.way_)] = false;
  if (waiter.way_ == Direction::recv && slot.shown == Readiness::urgent) {
    slot.shown = Readiness::none;
  }
}

template <Source S>
inline void Handles<S>::short_receive(const SocketWaiter& waiter) {
  Slot& slot = slots_[index(waiter.handle_)];
  if (slot.shown == Readiness::none) {
    slot.latched[0] = false;
  }
}

template <Source S>
void Handles<S>::report(const Ready& ready) {
  if (ready.descriptor < 0 || static_cast<std::size_t>(ready.descriptor) >= slots_.size()) {
    return;
  }
  Slot& slot = slots_[static_cast<std::size_t>(ready.descriptor)];
  if (!slot.open) {
    return;
  }
  touch(ready.descriptor);
  constexpr auto both = Readiness::hang_up | Readiness::error;
  if (any(ready.what, both | Readiness::urgent)) [[unlikely]] {
    slot.shown |= ready.what;
    slot.shown = without(slot.shown, Readiness::recv | Readiness::send);
  }
  if (any(ready.what, Readiness::recv | both)) {
    latch(slot, 0);
  }
  if (any(ready.what, Readiness::send | both)) {
    latch(slot, 1);
  }
}

template <Source S>
inline void Handles<S>::latch(Slot& slot, std::size_t side) {
  slot.latched[side] = true;
  SocketWaiter* waiter = slot.waiters[side];
  if (waiter != nullptr && waiter->watched_) {
    unwatch(*waiter);
    executor_.make_ready(*waiter->task());
  }
}

}  // namespace rehearsal::sched
