// Recorded: a network that replays a recording. It returns to the program what the recording holds,
// and compares what the program does with what it did when it was recorded.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "record/calls.hpp"
#include "record/recording_reader.hpp"
#include "sched/core/executor.hpp"
#include "sched/core/observer.hpp"
#include "sched/io/blocking_result.hpp"
#include "sched/seam/hooks.hpp"
#include "sched/seam/network.hpp"

namespace rehearsal::record {

/// Thrown out of the scheduler's wait when a replay ends. Recorded::ended has the reason.
class ReplayStopped final : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "the replay has stopped"; }
};

/// A difference between what the program does and what it did when it was recorded.
struct ReplayDifference {
  std::uint64_t record = 0;  ///< index of the record, from 0
  sched::Instant t{};        ///< the last reading of the clock
  std::string task;          ///< the path of the running task; empty if none ran
  std::string at;            ///< the "file:line" of the co_await of the task
  /// What the program did when it was recorded, as text.
  std::string recorded;
  /// What it does now, as text.
  std::string instead;
};

/// Why a replay cannot continue.
struct ReplayImpossible {
  std::uint64_t record = 0;
  /// The reason as text.
  std::string reason;
};

/// Why a replay has ended.
using ReplayEnd =
    std::variant<RecordingEnd, RecordingGap, RecordingError, ReplayDifference, ReplayImpossible>;

/// A network that replays a recording. It returns to the program what the recording holds,
/// and compares what the program does with what it did when it was recorded. It ends the run
/// by throwing ReplayStopped out of the scheduler's wait: at the first difference, at the end
/// of the recording, or if it cannot continue. Operations that fail before that wait fail
/// with operation_canceled.
class Recorded : public RecordedCalls<Recorded>, private sched::Observer {
 public:
  /// Starts a replay at the next record of `reader`, which must outlive this object.
  explicit Recorded(RecordingReader& reader);

  /// Returns why the replay has ended, or nothing while it continues.
  [[nodiscard]] const std::optional<ReplayEnd>& ended() const { return ended_; }
  /// Reports that the program has ended. It is a difference if the recording has not.
  void finish();
  /// Returns how many records were replayed.
  [[nodiscard]] std::uint64_t replayed() const { return replayed_; }
  /// Returns the duration of the recorded run up to now, by the recorded clock.
  [[nodiscard]] sched::Duration recorded_time() const { return now_ - began_; }

  /// Called by the scheduler over this network.
  void follow(sched::Executor& executor);

  /// The functions of a network's event source.
  static constexpr sched::SourceHooks hooks{
      .holds_back = false, .follows = true, .replays_blocking = true};
  sched::Instant now();
  sched::Result<> watch(sched::Descriptor descriptor, sched::Direction way);
  void unwatch(sched::Descriptor descriptor, sched::Direction way);
  sched::Wake wait(sched::Deadline until, sched::ReadyList& ready);
  static constexpr std::uint32_t delay(const sched::TaskRecord& /*task*/) { return 0; }

  /// Returns the recorded outcome of blocking work, or nothing if it has not ended at this point of
  /// the recording.
  std::optional<sched::BlockingOutcome> blocking_outcome(sched::Descriptor descriptor);

 protected:
  // Takes and returns the next record if it has this kind and these arguments, or returns null.
  const Record* take_if(RecordKind kind, std::uint64_t asked);
  // Ends the replay with a difference: the program does `instead` instead of the next record.
  void part(std::string instead);

 private:
  // The error of every call after the replay has ended. A call must not throw, because the
  // scheduler may make it on behalf of a task; the next wait throws.
  static constexpr std::errc over = std::errc::operation_canceled;

  friend class RecordedCalls<Recorded>;
  friend class ReadFields;

  template <class R, class Make, class Told>
  R call(const Asked& asked, Make make, Told told);
  template <class Make>
  void ends(RecordKind kind, sched::Descriptor descriptor, Make /*make*/) {
    closes(kind, descriptor);
  }
  void closes(RecordKind kind, sched::Descriptor descriptor);
  // Returns the next record, or null if it does not belong to this call; the replay has then ended.
  const Record* take(const Asked& call);
  // As take(), for calls that cannot return an error. Throws ReplayStopped.
  const Record& take_or_throw(const Asked& call);
  bool peek();
  void compare(const Asked& call);
  bool same_payload(const Record& record, sched::Pieces pieces, std::size_t size,
                    sched::ConstBytes kept);
  bool open(const Record& record, std::uint64_t descriptor);
  std::optional<sched::ConstBytes> payload_of(const Record& record, std::size_t behind = 0);
  void stop(ReplayEnd why);

  void spawned(const sched::TaskRecord& task) override;
  void resumed(const sched::TaskRecord& task) override;
  void waits(const sched::TaskRecord& /*task*/) override { task_ = 0; }
  void done(const sched::TaskRecord& /*task*/, const std::exception_ptr& /*failure*/) override {
    task_ = 0;
  }

  RecordingReader& reader_;
  const sched::Executor* executor_ = nullptr;
  Record next_;             // read but not taken yet
  bool has_next_ = false;   // next_ is valid
  std::vector<bool> open_;  // by descriptor
  std::optional<ReplayEnd> ended_;
  std::uint64_t steps_;
  std::uint32_t task_ = 0;
  std::uint64_t replayed_ = 0;
  sched::Instant now_{};
  sched::Instant began_{};
};

static_assert(sched::Network<Recorded>);

/// Replays a recording that was made over a network that holds tasks back.
class RecordedHolding final : public Recorded {
 public:
  using Recorded::Recorded;

  static constexpr sched::SourceHooks hooks{
      .takes_time = true, .follows = true, .replays_blocking = true};
  std::uint32_t delay(const sched::TaskRecord& task);
  sched::Instant resume(const sched::TaskRecord& task);
};

static_assert(sched::Network<RecordedHolding>);

// Implementation.

// Reads the fields of a call's result from its record (calls.hpp). If a field cannot be read, the
// replay has ended.
class ReadFields {
 public:
  ReadFields(Recorded& replay, const Record& record) : replay_(replay), record_(record) {}

  void opened(sched::Descriptor& descriptor) {
    descriptor = record_.number;
    replay_.open(record_, static_cast<std::uint32_t>(record_.number));
  }
  void opened_value(sched::Descriptor& descriptor) {
    descriptor = static_cast<sched::Descriptor>(record_.value);
    replay_.open(record_, record_.value);
  }
  template <class T>
  void value(T& value) {
    value = static_cast<T>(record_.value);
  }
  template <class T>
  void value_up_to(T& value, std::uint64_t most) {
    value = static_cast<T>(std::min(record_.value, most));
  }
  void values(std::size_t& lower, std::size_t& upper) {
    lower = record_.value & 0xffffffffU;
    upper = record_.value >> 32U;
  }
  void text(std::string& text) { text = sched::as_text(record_.data); }
  void endpoint(sched::Endpoint& endpoint) {
    endpoint = endpoint_in(record_.data);
    behind_ = *endpoint_size(record_.data);
  }
  void endpoints(std::vector<sched::Endpoint>& endpoints) {
    endpoints = endpoints_in(record_.data);
  }
  void received(sched::Bytes into, std::size_t& size) {
    const sched::ConstBytes bytes =
        replay_.payload_of(record_, behind_).value_or(sched::ConstBytes());
    size = std::min(bytes.size(), into.size());
    if (size != 0) {
      std::memcpy(into.data(), bytes.data(), size);
    }
  }
  void message(sched::Message& message) {
    const sched::ConstBytes bytes =
        replay_.payload_of(record_, behind_).value_or(sched::ConstBytes());
    message.assign(bytes.begin(), bytes.end());
  }
  void sent(sched::Pieces pieces, std::size_t size) {
    replay_.same_payload(record_, pieces, size, record_.data);
  }

 private:
  Recorded& replay_;
  const Record& record_;
  std::size_t behind_ = 0;  // how much of the data was read
};

template <class R, class Make, class Told>
R Recorded::call(const Asked& asked, Make /*make*/, Told told) {
  if constexpr (std::is_same_v<R, std::string> || std::is_integral_v<R>) {
    R value{};
    ReadFields fields(*this, take_or_throw(asked));
    told(fields, value);
    return value;
  } else {
    const Record* const record = take(asked);
    if (record == nullptr) {
      return over;
    }
    if (asked.datagram &&
        !same_payload(*record, sched::Pieces(&*asked.datagram, 1), asked.datagram->size(),
                      record->data.subspan(asked.data->size()))) {
      return over;
    }
    if (!record->ok()) {
      return record->code();
    }
    if constexpr (std::is_same_v<R, sched::Result<>>) {
      return {};
    } else {
      std::remove_cvref_t<decltype(std::declval<R&>().value())> value{};
      ReadFields fields(*this, *record);
      told(fields, value);
      return ended_ ? R(over) : R(std::move(value));
    }
  }
}

}  // namespace rehearsal::record
