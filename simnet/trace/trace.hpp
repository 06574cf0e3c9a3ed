// A trace records a header, the events of one run in order, and an end. trace_format.md describes
// the file format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

#include "sched/base/time.hpp"
#include "simnet/kernel/segment.hpp"
#include "simnet/network/run_event.hpp"

namespace rehearsal::simnet {

// Returns the hash that identifies data which is not kept: FNV-1a (key.hpp).
[[nodiscard]] std::uint64_t data_hash(std::string_view bytes);

struct TraceHeader {
  std::string scenario;
  std::uint64_t data_seed = 0;
  std::string schedule;                 // replays the run; empty if it is not known before its end
  std::string policy;                   // what made the choices: "nominal", "random", "replay", ...
  std::uint64_t seed = 0;               // of the policy
  std::vector<std::string> deviations;  // those of `schedule`, with the same texts

  friend bool operator==(const TraceHeader&, const TraceHeader&) = default;
};

// One event. An empty text or an absent number means that the event has no such field.
struct TraceEvent {
  sched::Instant t{};
  std::string host;
  std::string task;  // its path
  Op op = Op::note;
  std::string other_op;                 // the name of an operation that is `other`
  std::string handle;                   // of the connection or socket
  std::optional<std::uint64_t> result;  // a count of bytes, or a value
  std::string error;                    // as error_name() returns it
  std::string bytes;                    // the data, or the beginning of it; or, if it is not kept:
  std::uint64_t size = 0;               // also if `bytes` is the beginning
  std::uint64_t hash = 0;
  std::string at;            // "file:line"
  std::uint64_t digest = 0;  // of the run up to and including this event, without every `at`
  // "10.0.0.1:80": of the peer for connect, accept and send_to, its own for listen and bind.
  std::string address;
  std::uint64_t cause = 0;  // number of the event that sent the datagram which arrives; 0: none

  [[nodiscard]] std::string_view op_name() const;
  void set_op(std::string_view name);
  // Returns the size or the hash (FNV-1a, key.hpp) of the data, whether or not it is kept. The hash
  // is not known of data that was cut().
  [[nodiscard]] std::uint64_t data_size() const;
  [[nodiscard]] std::uint64_t data_hash() const;
  // Returns the kind of the segment that arrives, and the number of bytes in its direction up to
  // its end. REQUIRES: it is a deliver event with a result, and without a cause.
  [[nodiscard]] Segment::Kind segment_kind() const;
  [[nodiscard]] std::uint64_t segment_end() const;
  // Removes the data if it has more than `most` bytes, and keeps its size and hash.
  void summarise(std::size_t most);
  // Keeps only the first `most` bytes of the data, and its size. For events to be shown.
  void cut(std::size_t most);

  friend bool operator==(const TraceEvent&, const TraceEvent&) = default;
};

// Returns whether the same thing happened. Source lines and the amount of kept data do not count,
// since they differ between compilers and between writers.
[[nodiscard]] bool same_event(const TraceEvent& a, const TraceEvent& b);

struct TraceEnd {
  std::string end;           // why the run ended: "done", "quiescent", "step limit", ...
  std::uint64_t events = 0;  // number of events before this record
  std::uint64_t steps = 0;   // resumptions
  sched::Instant t{};
  std::uint64_t digest = 0;
  std::string schedule;  // replays the run as it happened; empty if not known

  friend bool operator==(const TraceEnd&, const TraceEnd&) = default;
};

using TraceRecord = std::variant<TraceEvent, TraceEnd>;

inline constexpr std::uint64_t trace_version = 2;
inline constexpr std::size_t most_trace_line = std::size_t{16} << 20U;  // bytes, no line break

}  // namespace rehearsal::simnet
