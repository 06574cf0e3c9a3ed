// The sockets of one host as the scheduler sees them: which are open, which task waits for which
// direction, and which readiness was reported and not yet consumed.
//
// Readiness is latched per handle and direction. A report sets the latch, whether or not a task
// waits. Only a call that would block clears it, or a receive that filled less than its buffer
// while the socket shows neither hang-up, error nor urgent data. A set latch means: try the call.
// So a source may report edges (each change once) or levels (repeatedly); neither loses a wake-up.
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

/// Names one opening of a descriptor. Once closed, the handle stays invalid, even if the kernel
/// reuses the number.
struct Handle {
  Descriptor descriptor = -1;
  std::uint32_t generation = 0;

  friend bool operator==(const Handle&, const Handle&) = default;
};

/// Waits for one direction of one handle. From claim() until release() this waiter owns
/// the direction.
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
  // Throws error_; `what` names the operation that failed, and its object.
  [[noreturn, gnu::cold]] void fail(std::string what) const;

  std::errc error_{};  // why the operation failed; zero if it has not

 private:
  template <Source S>
  friend class Handles;

  Handle handle_;
  Direction way_;
  bool claimed_ = false;
  bool watched_ = false;
  bool unwatchable_ = false;  // the source refused to watch it
};

/// The sockets of one host: which are open, which task waits for which direction, and which
/// readiness was reported and not yet consumed.
template <Source S>
class Handles {
 public:
  Handles(Executor& executor, S& source) : executor_(executor), source_(source) {}

  /// Adds a socket. `latched` is the readiness to assume: a new socket should be tried before it is
  /// waited for, so recv | send is usual. REQUIRES: `descriptor` is not open.
  Handle open(Descriptor descriptor, Readiness latched);
  /// Returns true if the socket is open, and this opening of its descriptor is the current one.
  [[nodiscard]] bool is_open(Handle handle) const { return find(handle) != nullptr; }
  /// Removes a socket. Waiting tasks wake up with std::errc::operation_canceled. Does nothing if
  /// the handle is invalid already.
  void close(Handle handle);

  /// Reserves the direction for `waiter`. Returns zero, or an error:
  /// - bad_file_descriptor: the handle was never open, or is closed;
  /// - device_or_resource_busy: another waiter has the direction;
  /// - invalid_argument: the direction is not recv or send.
  std::errc claim(SocketWaiter& waiter);
  /// Ends the reservation, and the watch if there is one.
  void release(SocketWaiter& waiter);
  /// Starts watching the socket. Returns the source's error if it cannot watch this descriptor.
  /// REQUIRES: `waiter` has its reservation.
  std::errc watch(SocketWaiter& waiter);

  /// Returns true if a call should be tried. REQUIRES: the handle is open.
  [[nodiscard]] bool latched(const SocketWaiter& waiter) const {
    return slots_[index(waiter.handle_)].latched[side(waiter.way_)];
  }
  /// Clears the latch after a call that would have blocked. REQUIRES: the handle is open.
  void would_block(const SocketWaiter& waiter);
  /// Clears the latch after a receive that filled less than its buffer, unless the socket shows a
  /// hang-up, an error or urgent data. REQUIRES: the handle is open.
  void short_receive(const SocketWaiter& waiter);

  /// Clears both latches: the next operation waits before it tries. REQUIRES: the handle is open.
  void not_yet(Handle handle) { slots_[index(handle)].latched = {false, false}; }

  /// Latches what a wait of the source reported, and wakes the tasks that wait for it. Ignores
  /// descriptors that are not open.
  [[gnu::hot]] void report(const Ready& ready);

 private:
  friend class Prefetch;

  struct Slot {
    std::array<SocketWaiter*, 2> waiters{};
    std::uint32_t generation = 0;
    std::array<bool, 2> latched{};
    Readiness shown = Readiness::none;  // hang-up, error and urgent, as reported
    bool open = false;
  };

  static std::size_t side(Direction way) { return way == Direction::recv ? 0 : 1; }
  static std::size_t index(Handle handle) { return static_cast<std::size_t>(handle.descriptor); }
  [[nodiscard]] const Slot* find(Handle handle) const;
  [[nodiscard]] Slot* find(Handle handle) {
    return const_cast<Slot*>(std::as_const(*this).find(handle));
  }
  void unwatch(SocketWaiter& waiter);
  // The state kept here counts as part of the socket, for a source that tracks accesses.
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

// Implementation. What each socket operation calls is inline, so that it is inlined into the loop
// even if the class is compiled once (extern template).

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
