// Recording<Net>: a network that passes every call on to another and writes down all that crosses
// the seam: what the program asked for and what it was told. It is itself a Network, so the same
// program runs on it; a program that runs on Net directly pays nothing.
//
// It is used by one thread; only what Net allows to other threads (post) may be called by them.
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

// The fields of what a call gives, on their way into a record (calls.hpp).
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
    endpoint_ = to_record(endpoint);
    data_ = std::as_bytes(std::span(&endpoint_, 1));
  }
  void endpoints(const std::vector<sched::Endpoint>& endpoints) {
    for (const sched::Endpoint& endpoint : endpoints) {
      endpoints_.push_back(to_record(endpoint));
    }
    data_ = std::as_bytes(std::span(endpoints_));
  }
  void received(sched::ConstBytes into, std::size_t size) { payload_ = into.first(size); }
  void message(const sched::Message& message) {
    header_.value = message.size();
    payload_ = message;
  }
  // The first `size` bytes of them went out.
  void sent(sched::Pieces pieces, std::size_t size) {
    pieces_ = pieces;
    sent_ = size;
  }
  // There are no fields but the error.
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
  RecordedEndpoint endpoint_;
  std::vector<RecordedEndpoint> endpoints_;
};

template <sched::Network Net>
class Recording : public RecordedCalls<Recording<Net>> {
 public:
  // Both must outlive it.
  Recording(Net& network, RecordLog& log) : network_(network), log_(log) {}
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  [[nodiscard]] Net& network() { return network_; }
  // The program says that it is as at its start: nothing is open, no task is left, and from here on
  // it does what a fresh one does. A replay may begin here where what came before is missing.
  void declare_quiescent() { log_.quiescent(); }

  // The scheduler over this network calls it: its tasks are part of what is recorded.
  void follow(sched::Executor& executor) { executor.observe(log_); }

  // Source.
  static constexpr sched::SourceHooks hooks{.holds_back = sched::hooks_of<Net>.holds_back,
                                            .takes_time = sched::hooks_of<Net>.takes_time,
                                            .follows = true,
                                            .records_blocking = true,
                                            .posts = sched::hooks_of<Net>.posts};
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

  // What the work gave or threw (blocking_result.hpp).
  void blocking_result(sched::Descriptor descriptor, const sched::BlockingOutcome& outcome);
  // Where Net has it: as Net's, by any thread.
  sched::Result<> post(std::string_view name, sched::ConstBytes message)
    requires(sched::hooks_of<Net>.posts)
  {
    return network_.post(name, message);
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
  // Written down first: the number is free again afterwards.
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
