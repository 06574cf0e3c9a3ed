// Channel<T>: a bounded, closable queue between tasks of one scheduler. Senders and receivers are
// served first come first served.
//
// Invariants: receivers wait only while the queue is empty and nobody waits to send; senders wait
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

template <std::movable T>
class Channel {
 public:
  class Send;
  class Receive;

  // Holds up to `capacity` items; with 0 a sender waits until a receiver takes its item.
  explicit Channel(std::size_t capacity) : capacity_(capacity) {}

  // co_await channel.send(item): goes on when the channel has it. Throws std::errc::broken_pipe
  // where the channel is closed, then or while it waits; the item is dropped. A cancelled send has
  // sent nothing or all.
  [[nodiscard]] Send send(T item) { return Send(*this, std::move(item)); }
  // auto item = co_await channel.recv(): nothing once the channel is closed and empty. A receiver
  // that is cancelled after an item was granted puts it back where it was.
  [[nodiscard]] Receive recv() { return Receive(*this); }

  // Nothing more is sent; what is in the channel can still be received. Idempotent.
  void close();
  [[nodiscard]] bool closed() const {
    touch(key(), Access::read);
    return closed_;
  }
  [[nodiscard]] std::size_t size() const {
    touch(key(), Access::read);
    return items_.size();
  }
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
    touch(channel_.key());
    sent_ = !channel_.closed_ && channel_.accept(item_);
    return sent_ || channel_.closed_;
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
      // Closed while it waited; another receiver may have put an item back since.
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
  // In front, but behind an earlier one that was put back before it.
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
