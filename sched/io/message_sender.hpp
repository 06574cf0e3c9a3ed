// MessageSender: the messages of several tasks over one stream, each whole.
//
// Invariants:
//  - One message at a time is being sent. The others wait in their senders, first come, first
//    served.
//  - Once the kernel has a part of a message, a task of its own sends the rest, so that its sender
//    may be cancelled.
//  - If that fails, nothing more is sent.
#pragma once

#include <cstddef>
#include <exception>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sched/seam/network.hpp"
#include "sched/sync/mutex.hpp"
#include "sched/sync/supervisor.hpp"

namespace rehearsal::sched {

/// Sends messages of several tasks over one stream: `MessageSender sender(stream)`. Messages are
/// sent whole, one after the other, in the order of the calls. The stream must outlive the sender
/// and stay in its place, and nothing else may send on it.
///
/// If a message is being sent when the sender is destroyed, the stream is closed with a RST, so
/// that the peer cannot take a partial message for a whole one. Await drain() to avoid this.
template <class S>
class MessageSender {
 public:
  /// Creates a sender over a Stream, or another stream with send(), send_all() and abort().
  explicit MessageSender(S& stream) : stream_(stream), sending_(stream.scheduler()) {}
  ~MessageSender() {
    if (sending_.size() != 0) {
      stream_.abort();
    }
  }

  /// Sends `message`: `co_await sender.send("PONG\n")` completes when the kernel has accepted all
  /// of it, so a slow peer slows each sender down. Throws std::system_error with the error of the
  /// stream. If a part of a message was sent, each later one fails with the same error. If
  /// cancelled, the message is sent whole or not at all.
  Task<> send(std::string message) { return send_in_turn(std::move(message)); }
  Task<> send(std::vector<std::byte> message) { return send_in_turn(std::move(message)); }
  /// Waits until each message whose send() was awaited before has been sent or has failed. Call it
  /// before Stream::shutdown_send(): a sender that was cancelled may have left a message.
  Task<> drain();

 private:
  template <class Message>
  Task<> send_in_turn(Message message);
  template <class Message>
  Task<> send_rest(Message message, std::size_t sent, Mutex::Lock turn);

  S& stream_;
  Mutex turn_;
  std::exception_ptr failure_;  // of a message that was sent in part
  Supervisor sending_;          // the task that sends the rest of a message
};

// Implementation.

template <class S>
template <class Message>
Task<> MessageSender<S>::send_in_turn(Message message) {
  Mutex::Lock turn = co_await turn_.lock();
  if (failure_) {
    std::rethrow_exception(failure_);
  }
  const std::size_t sent = co_await stream_.send(std::as_bytes(std::span(message)));
  if (sent < message.size()) {
    JoinHandle<> rest = sending_.spawn(send_rest(std::move(message), sent, std::move(turn)));
    co_await rest.join();
  }
}

// `turn` ends with the frame, when the sender has taken its result.
template <class S>
template <class Message>
Task<> MessageSender<S>::send_rest(Message message, std::size_t sent, Mutex::Lock /*turn*/) {
  try {
    co_await stream_.send_all(std::as_bytes(std::span(message)).subspan(sent));
  } catch (...) {
    failure_ = std::current_exception();
    throw;
  }
}

template <class S>
Task<> MessageSender<S>::drain() {
  const Mutex::Lock turn = co_await turn_.lock();
}

}  // namespace rehearsal::sched
