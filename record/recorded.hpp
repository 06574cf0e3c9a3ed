// Recorded: a network that gives a program what a recording says that it was given, and compares
// what the program does with what it did then.
//
// It ends the run by throwing ReplayStopped out of the scheduler's wait: at the first difference,
// at the end of the recording, or where it cannot go on. ended() says which.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "record/recording_reader.hpp"
#include "sched/core/executor.hpp"
#include "sched/core/observer.hpp"
#include "sched/io/blocking_result.hpp"
#include "sched/seam/network.hpp"

namespace rehearsal::sched {

class ReplayStopped final : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "the replay has stopped"; }
};

// What the program did otherwise than it was recorded.
struct ReplayDifference {
  std::uint64_t record = 0;  // of the recording, from 0
  Instant t{};               // the last reading of the clock
  std::string task;          // its path; empty where none ran
  std::string at;            // "file:line" of where it stood
  std::string recorded;
  std::string instead;
};

// Why a replay cannot go on.
struct ReplayImpossible {
  std::uint64_t record = 0;
  std::string reason;
};

using ReplayEnd =
    std::variant<RecordingEnd, RecordingGap, RecordingError, ReplayDifference, ReplayImpossible>;

class Recorded : private Observer {
 public:
  // Begins with what `reader` gives next, and must outlive the program.
  explicit Recorded(RecordingReader& reader);

  // Why it has stopped; nothing while it goes on.
  [[nodiscard]] const std::optional<ReplayEnd>& ended() const { return ended_; }
  // The program has come to its end: the recording must have, too.
  void finish();
  [[nodiscard]] std::uint64_t replayed() const { return replayed_; }
  // How long it took when it was recorded, by the clock that was recorded.
  [[nodiscard]] Duration recorded_time() const { return now_ - began_; }

  void follow(Executor& executor);

  // Source.
  static constexpr bool holds_back = false;
  Instant now();
  Result<> watch(Descriptor descriptor, Direction way);
  void unwatch(Descriptor descriptor, Direction way);
  Wake wait(Deadline until, ReadyList& ready);
  static constexpr std::uint32_t delay(const TaskRecord& /*task*/) { return 0; }

  // Network.
  Result<Descriptor> listen(const Endpoint& at, const ListenOptions& options);
  Result<Accepted> accept(Descriptor listener);
  Result<Connecting> connect(const Endpoint& to);
  Result<> connected(Descriptor descriptor) {
    return take_result({.kind = RecordKind::connected, .number = descriptor});
  }
  Result<std::size_t> recv(Descriptor descriptor, Bytes into);
  Result<std::size_t> send(Descriptor descriptor, Pieces pieces);
  Result<> shutdown_send(Descriptor descriptor) {
    return take_result({.kind = RecordKind::shutdown_send, .number = descriptor});
  }
  void close(Descriptor descriptor) { ends(RecordKind::close, descriptor); }
  void abort(Descriptor descriptor) { ends(RecordKind::abort, descriptor); }
  Result<> set_options(Descriptor descriptor, const StreamOptions& options);
  Result<Descriptor> bind(const Endpoint& at, const BindOptions& options);
  Result<> set_peer(Descriptor descriptor, const Endpoint& peer);
  Result<Received> recv_from(Descriptor descriptor, Bytes into);
  Result<std::size_t> send_to(Descriptor descriptor, ConstBytes from, const Endpoint& to);
  Result<Endpoint> local(Descriptor descriptor) {
    return take_endpoint(RecordKind::local, descriptor);
  }
  Result<Endpoint> peer(Descriptor descriptor) {
    return take_endpoint(RecordKind::peer, descriptor);
  }
  std::string connection_name(Descriptor descriptor);
  Result<Descriptor> resolve(std::string_view name);
  Result<std::vector<Endpoint>> resolved(Descriptor descriptor);
  Result<Descriptor> signals(std::span<const int> numbers);
  Result<int> next_signal(Descriptor descriptor);
  Result<Descriptor> inbox(std::string_view name);
  Result<Message> next_message(Descriptor descriptor);
  Result<Descriptor> start_blocking(std::function<void()> work);
  std::optional<BlockingOutcome> blocking_outcome(Descriptor descriptor);
  std::uint64_t random();
  std::uint32_t choose(std::string_view name, std::uint32_t outcomes);

 protected:
  // The next record where it is of this kind and asks for this, taken; null otherwise.
  const Record* take_if(RecordKind kind, std::uint64_t asked);
  // The next record, if there is one, is not of what the program does.
  void part(std::string instead);

 private:
  // What a call gives once the replay has stopped. It must not throw: it may be made by the
  // scheduler on behalf of a task. The next wait throws.
  static constexpr std::errc over = std::errc::operation_canceled;

  // The next record, which must be this call's; `data` where the program gives it any. Null where
  // it is not, and the replay has stopped.
  const Record* take(const RecordHeader& call, ConstBytes data = {}, bool compares_data = false);
  // Likewise, of calls that can give no error. Throws ReplayStopped.
  const Record& take_or_throw(const RecordHeader& call, ConstBytes data = {},
                              bool compares_data = false);
  bool peek();
  void compare(const RecordHeader& call, ConstBytes data, bool compares_data);
  bool same_payload(const Record& record, Pieces pieces, std::size_t size, ConstBytes kept);
  Result<Descriptor> opened(const Record& record, std::uint64_t descriptor);
  Result<Descriptor> take_opened(const RecordHeader& call, ConstBytes data);
  Result<> take_result(const RecordHeader& call, ConstBytes data = {});
  Result<Endpoint> take_endpoint(RecordKind kind, Descriptor descriptor);
  std::optional<ConstBytes> payload_of(const Record& record, std::size_t behind = 0);
  void ends(RecordKind kind, Descriptor descriptor);
  void stop(ReplayEnd why);

  void spawned(const TaskRecord& task) override;
  void resumed(const TaskRecord& task) override;
  void waits(const TaskRecord& /*task*/) override { task_ = 0; }
  void done(const TaskRecord& /*task*/, const std::exception_ptr& /*failure*/) override {
    task_ = 0;
  }

  RecordingReader& reader_;
  const Executor* executor_ = nullptr;
  Record next_;             // read and not yet taken
  bool has_next_ = false;   // next_ is one
  std::vector<bool> open_;  // by descriptor
  std::optional<ReplayEnd> ended_;
  std::uint64_t steps_;
  std::uint32_t task_ = 0;
  std::uint64_t replayed_ = 0;
  Instant now_{};
  Instant began_{};
};

static_assert(Network<Recorded>);

// Of a recording that was made over a network that holds tasks back.
class RecordedHolding final : public Recorded {
 public:
  using Recorded::Recorded;

  static constexpr bool holds_back = true;
  std::uint32_t delay(const TaskRecord& task);
  Instant resume(const TaskRecord& task);
};

static_assert(Network<RecordedHolding> && TakesTime<RecordedHolding>);

}  // namespace rehearsal::sched
