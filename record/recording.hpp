// Recording<Net>: a network that records everything that a program exchanges with another network.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "record/calls.hpp"
#include "record/record_log.hpp"
#include "sched/core/executor.hpp"
#include "sched/io/blocking_result.hpp"
#include "sched/seam/hooks.hpp"
#include "sched/seam/network.hpp"

namespace rehearsal::record {

/// Writes the fields of a call's result into a record (calls.hpp).
class WrittenFields {
 public:
  explicit WrittenFields(const Asked& asked)
      : header_{.kind = asked.kind, .number = asked.number.value_or(0), .asked = asked.asked},
        data_(asked.data.value_or(sched::ConstBytes())),
        payload_(asked.datagram) {}

  void opened(sched::Descriptor descriptor) { header_.number = descriptor; }
  void opened_value(sched::Descriptor descriptor) {
    header_.value = static_cast<std::uint32_t>(descriptor);
  }
  template <class T>
  void value(T value) {
    header_.value = static_cast<std::uint64_t>(value);
  }
  template <class T>
  void value_up_to(T value, std::uint64_t /*most*/) {
    header_.value = value;
  }
  void values(std::size_t lower, std::size_t upper) {
    header_.value = lower | static_cast<std::uint64_t>(upper) << 32U;
  }
  void text(std::string_view text) { data_ = std::as_bytes(std::span(text)); }
  void endpoint(const sched::Endpoint& endpoint) {
    endpoint_.emplace(endpoint);
    data_ = endpoint_->bytes();
  }
  void endpoints(const std::vector<sched::Endpoint>& endpoints) {
    for (const sched::Endpoint& endpoint : endpoints) {
      const EndpointBytes one(endpoint);
      endpoints_.insert(endpoints_.end(), one.bytes().begin(), one.bytes().end());
    }
    data_ = endpoints_;
  }
  void received(sched::ConstBytes into, std::size_t size) { payload_ = into.first(size); }
  void message(const sched::Message& message) {
    header_.value = message.size();
    payload_ = message;
  }
  /// Sets the first `size` bytes of `pieces` as the sent bytes.
  void sent(sched::Pieces pieces, std::size_t size) {
    pieces_ = pieces;
    sent_ = size;
  }
  /// Sets the error, which replaces the fields.
  void fails(std::errc error, bool gives_number) {
    header_.error = static_cast<std::uint16_t>(error);
    header_.number = gives_number ? -1 : header_.number;
  }

  void append_to(RecordLog& log) const {
    if (sent_) {
      log.append_sent(header_, pieces_, *sent_);
    } else if (!payload_) {
      log.append(header_, data_);
    } else if (header_.kind == RecordKind::send_to) {
      log.append_datagram(header_, data_, *payload_);
    } else {
      log.append_payload(header_, data_, *payload_);
    }
  }

 private:
  RecordHeader header_;
  sched::ConstBytes data_;
  std::optional<sched::ConstBytes> payload_;
  sched::Pieces pieces_;
  std::optional<std::size_t> sent_;
  std::optional<EndpointBytes> endpoint_;
  std::vector<std::byte> endpoints_;
};

/// A network that forwards every call to `Net` and records it: what the program asked for, and what
/// was returned. It is a Network itself, so the same program runs on it. A program that runs on
/// `Net` directly pays nothing. Only one thread may use it, except for post() if `Net` has it.
template <sched::Network Net>
class Recording : public RecordedCalls<Recording<Net>> {
 public:
  /// Creates a recorder of `network` that writes to `log`. Both must outlive it.
  Recording(Net& network, RecordLog& log) : network_(network), log_(log) {}
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  /// Returns the recorded network.
  [[nodiscard]] Net& network() { return network_; }
  /// Declares that the program is in its initial state: nothing is open, no task is left, and from
  /// here on it behaves like a fresh one. A replay may start here if earlier records are missing.
  void declare_quiescent() { log_.quiescent(); }

  /// Called by the scheduler over this network: the turns of its tasks are recorded too.
  void follow(sched::Executor& executor) { executor.observe(log_); }

  /// The functions of the event source; they forward to `Net`.
  static constexpr sched::SourceHooks hooks{.holds_back = sched::hooks_of<Net>.holds_back,
                                            .takes_time = sched::hooks_of<Net>.takes_time,
                                            .follows = true,
                                            .records_blocking = true,
                                            .posts = sched::hooks_of<Net>.posts,
                                            .logs = sched::hooks_of<Net>.logs};
  sched::Instant now() {
    const sched::Instant now = network_.now();
    log_.clock(now);
    return now;
  }
  sched::Result<> watch(sched::Descriptor descriptor, sched::Direction way) {
    const sched::Result<> result = network_.watch(descriptor, way);
    log_.watched(descriptor, way, result);
    return result;
  }
  void unwatch(sched::Descriptor descriptor, sched::Direction way) {
    log_.unwatched(descriptor, way);
    network_.unwatch(descriptor, way);
  }
  sched::Wake wait(sched::Deadline until, sched::ReadyList& ready) {
    const std::size_t before = ready.size();
    const sched::Wake wake = network_.wait(until, ready);
    log_.wait(until, wake, std::span(ready).subspan(before));
    return wake;
  }
  std::uint32_t delay(const sched::TaskRecord& task) {
    const std::uint32_t held = network_.delay(task);
    if constexpr (hooks.holds_back) {
      if (held != 0) {
        log_.append({.kind = RecordKind::delay, .value = held, .asked = task.key()});
      }
    }
    return held;
  }
  sched::Instant resume(const sched::TaskRecord& task)
    requires(sched::hooks_of<Net>.takes_time)
  {
    const sched::Instant now = network_.resume(task);
    log_.append({.kind = RecordKind::turn,
                 .value = static_cast<std::uint64_t>(now.time_since_epoch().count()),
                 .asked = task.key()});
    return now;
  }

  /// Records what blocking work returned or threw.
  void blocking_result(sched::Descriptor descriptor, const sched::BlockingOutcome& outcome);
  /// Posts a message to `Net`. Any thread may call it.
  sched::Result<> post(std::string_view name, sched::ConstBytes message)
    requires(sched::hooks_of<Net>.posts)
  {
    return network_.post(name, message);
  }
  /// Writes a line to the log of `Net`. Nothing is recorded: a replay logs the line again.
  void log(std::string_view text)
    requires(sched::hooks_of<Net>.logs)
  {
    network_.log(text);
  }

 private:
  friend class RecordedCalls<Recording>;

  template <class R, class Make, class Told>
  R call(const Asked& asked, Make make, Told told) {
    R result = make(network_);
    WrittenFields fields(asked);
    if constexpr (std::is_same_v<R, sched::Result<>>) {
      fields.fails(result.error(), false);
    } else if constexpr (requires { result.value(); }) {
      if (result.ok()) {
        told(fields, result.value());
      } else {
        fields.fails(result.error(), !asked.number);
      }
    } else {
      told(fields, result);
    }
    fields.append_to(log_);
    return result;
  }
  // Recorded first, because another thread may get the descriptor number after the call.
  template <class Make>
  void ends(RecordKind kind, sched::Descriptor descriptor, Make make) {
    log_.append({.kind = kind, .number = descriptor});
    make(network_);
  }

  Net& network_;
  RecordLog& log_;
};

// Implementation.

template <sched::Network Net>
void Recording<Net>::blocking_result(sched::Descriptor descriptor,
                                     const sched::BlockingOutcome& outcome) {
  RecordHeader header{.kind = RecordKind::blocking_result, .number = descriptor};
  if (outcome.what) {
    header.error =
        outcome.error == std::errc{} ? other_exception : static_cast<std::uint16_t>(outcome.error);
    log_.append(header, std::as_bytes(std::span(*outcome.what)));
    return;
  }
  header.value = outcome.value.size();
  header.asked = outcome.is_bytes ? 1 : 0;
  log_.append_payload(header, {}, outcome.value);
}

}  // namespace rehearsal::record
