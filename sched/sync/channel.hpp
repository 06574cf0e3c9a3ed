// Channel<T>: a bounded, closable queue between tasks of one scheduler.
//
// Invariants: receivers wait only while the queue is empty and no task waits to send; senders wait
// only while the queue is full.
#pragma once

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "sched/seam/result.hpp"
#include "sched/sync/wait_list.hpp"

namespace rehearsal::sched {

/// The outcome of Channel::try_send and Channel::try_recv. `full`: the item was not sent. `empty`:
/// there is no item now. `closed`: the channel takes no more items, or has none left.
enum class ChannelStatus : std::uint8_t { success, full, empty, closed };

/// A bounded, closable queue between tasks of one scheduler. Senders and receivers are served first
/// come, first served. No task may wait for a channel when it is destroyed.
template <std::movable T>
class Channel {
 public:
  class Send;
  class Receive;

  /// Creates a channel that holds up to `capacity` items. With 0, a sender waits until a receiver
  /// takes its item.
  explicit Channel(std::size_t capacity) : capacity_(capacity) {}

  /// Sends an item: `co_await channel.send(item)` completes when the channel has accepted it.
  /// Throws std::system_error(broken_pipe) if the channel is closed before that; the item is
  /// dropped. If cancelled, the item was either sent or not.
  [[nodiscard]] Send send(T item) { return Send(*this, std::move(item)); }
  /// Receives the next item: `std::optional<T> item = co_await channel.recv()`. Returns nothing
  /// once the channel is closed and empty. If cancelled after an item was granted, puts it back in
  /// its place.
  [[nodiscard]] Receive recv() { return Receive(*this); }
  /// Sends `item` if the channel can accept it now: it has room, or a task waits to receive. Moves
  /// from `item` only then. Returns success, full or closed. Does not suspend the task.
  [[nodiscard]] ChannelStatus try_send(T&& item);
  /// Sends a copy of `item` if the channel can accept it now.
  [[nodiscard]] ChannelStatus try_send(const T& item) { return try_send(T(item)); }
  /// Moves the next item to `into` if there is one now. Returns success, empty, or closed if the
  /// channel is closed and empty. Does not suspend the task.
  [[nodiscard]] ChannelStatus try_recv(T& into);

  /// Closes the channel: no more items can be sent, and waiting senders fail. The items in the
  /// channel can still be received. Idempotent.
  void close();
  /// Returns true if close() was called.
  [[nodiscard]] bool closed() const {
    touch(key(), Access::read);
    return closed_;
  }
  /// Returns the number of items in the channel, at most capacity() plus those that cancelled
  /// receivers put back.
  [[nodiscard]] std::size_t size() const {
    touch(key(), Access::read);
    return items_.size();
  }
  /// Returns the maximum number of items that senders can store in the channel.
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

 private:
  struct Item {
    std::uint64_t number;  // in the order of sending
    T value;
  };

  [[nodiscard]] std::uint64_t key() const { return senders_.key(); }
  bool accept(T& value);
  std::optional<Item> take();
  void give_back(Item item);

  std::deque<Item> items_;
  WaitList senders_;
  WaitList receivers_;
  std::size_t capacity_;
  std::uint64_t next_number_ = 0;
  bool closed_ = false;
};

template <std::movable T>
class Channel<T>::Send final : public ListWaiter {
 public:
  Send(Channel& channel, T item) : channel_(channel), item_(std::move(item)) {}

  [[nodiscard]] bool await_ready() {
    const ChannelStatus status = channel_.try_send(std::move(item_));
    sent_ = status == ChannelStatus::success;
    return status != ChannelStatus::full;
  }
  template <std::derived_from<PromiseBase> Caller>
  void await_suspend(std::coroutine_handle<Caller> caller) {
    wait_in(channel_.senders_, caller.promise());
  }
  void await_resume() const {
    if (!sent_) {
      throw_error(std::errc::broken_pipe, "send on a closed channel");
    }
  }
  [[nodiscard]] std::string describe() const override { return "channel send"; }

 private:
  friend class Channel;

  Channel& channel_;
  T item_;
  bool sent_ = false;
};

template <std::movable T>
class Channel<T>::Receive final : public ListWaiter {
 public:
  explicit Receive(Channel& channel) : channel_(channel) {}
  Receive(Receive&&) noexcept = default;  // only before it is awaited
  ~Receive() {
    if (granted_) {
      channel_.give_back(std::move(*granted_));
    }
  }

  [[nodiscard]] bool await_ready() {
    granted_ = channel_.take();
    return granted_.has_value() || channel_.closed_;
  }
  template <std::derived_from<PromiseBase> Caller>
  void await_suspend(std::coroutine_handle<Caller> caller) {
    wait_in(channel_.receivers_, caller.promise());
  }
  [[nodiscard]] std::optional<T> await_resume() {
    if (!granted_) {
      // The channel was closed during the wait. Another receiver may have put an item back since.
      granted_ = channel_.take();
    }
    std::optional<T> value;
    if (granted_) {
      value = std::move(granted_->value);
      granted_.reset();
    }
    return value;
  }
  [[nodiscard]] std::string describe() const override { return "channel receive"; }

 private:
  friend class Channel;

  Channel& channel_;
  std::optional<Item> granted_;
};

// Implementation.

template <std::movable T>
ChannelStatus Channel<T>::try_send(T&& item) {
  touch(key());
  if (closed_) {
    return ChannelStatus::closed;
  }
  return accept(item) ? ChannelStatus::success : ChannelStatus::full;
}

template <std::movable T>
ChannelStatus Channel<T>::try_recv(T& into) {
  std::optional<Item> item = take();
  if (!item) {
    return closed_ ? ChannelStatus::closed : ChannelStatus::empty;
  }
  into = std::move(item->value);
  return ChannelStatus::success;
}

template <std::movable T>
bool Channel<T>::accept(T& value) {
  if (!receivers_.empty()) {
    auto& receiver = static_cast<Receive&>(receivers_.wake_first());
    receiver.granted_ = Item{next_number_++, std::move(value)};
    return true;
  }
  if (items_.size() < capacity_) {
    items_.push_back({next_number_++, std::move(value)});
    return true;
  }
  return false;
}

template <std::movable T>
std::optional<typename Channel<T>::Item> Channel<T>::take() {
  touch(key());
  std::optional<Item> item;
  if (!items_.empty()) {
    item = std::move(items_.front());
    items_.pop_front();
  }
  if (!senders_.empty() && (!item || items_.size() < capacity_)) {
    auto& sender = static_cast<Send&>(senders_.wake_first());
    sender.sent_ = true;
    Item sent{next_number_++, std::move(sender.item_)};
    if (item) {
      items_.push_back(std::move(sent));
    } else {
      item = std::move(sent);
    }
  }
  return item;
}

template <std::movable T>
void Channel<T>::give_back(Item item) {
  touch(key());
  if (!receivers_.empty()) {
    static_cast<Receive&>(receivers_.wake_first()).granted_ = std::move(item);
    return;
  }
  // At the front, but behind earlier items that were put back before it.
  auto behind = items_.begin();
  while (behind != items_.end() && behind->number < item.number) {
    ++behind;
  }
  items_.insert(behind, std::move(item));
}

template <std::movable T>
void Channel<T>::close() {
  touch(key());
  closed_ = true;
  senders_.wake_all();
  receivers_.wake_all();
}

}  // namespace rehearsal::sched
