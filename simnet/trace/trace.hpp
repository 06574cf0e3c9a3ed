// What a trace records: a header, the events of one run in their order, an end. trace_format.md
// says how they stand in a file.
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
#include "simnet/network/run_event.hpp"

namespace rehearsal::simnet {

// The hash by which data is told apart that is not kept: FNV-1a (key.hpp).
[[nodiscard]] std::uint64_t data_hash(std::string_view bytes);

struct TraceHeader {
  std::string scenario;
  std::uint64_t data_seed = 0;
  std::string schedule;    // the one line that replays the run; empty where only its end can tell
  std::string policy;      // what made the choices: "nominal", "random", "replay", ...
  std::uint64_t seed = 0;  // of the policy
  std::vector<std::string> deviations;  // those of `schedule`, each as it stands there

  friend bool operator==(const TraceHeader&, const TraceHeader&) = default;
};

// One event. An empty text and an absent number mean that the event has no such thing.
struct TraceEvent {
  sched::Instant t{};
  std::string host;
  std::string task;  // its path
  Op op = Op::note;
  std::string other_op;                 // the name of an operation that is `other`
  std::string handle;                   // of the connection or socket
  std::optional<std::uint64_t> result;  // a count of bytes, or a value
  std::string error;                    // as error_name() gives it
  std::string bytes;                    // the data; or, of data that is not kept:
  std::uint64_t size = 0;
  std::uint64_t hash = 0;
  std::string at;            // "file:line"
  std::uint64_t digest = 0;  // of the run up to and including this event, but for every `at`

  [[nodiscard]] std::string_view op_name() const;
  void set_op(std::string_view name);
  // The size and the hash of the data, whether it is kept or not. The hash is FNV-1a (key.hpp).
  [[nodiscard]] std::uint64_t data_size() const;
  [[nodiscard]] std::uint64_t data_hash() const;
  // Forgets the data where it has more than `most` bytes, and keeps its size and hash.
  void summarise(std::size_t most);

  friend bool operator==(const TraceEvent&, const TraceEvent&) = default;
};

// Whether the same thing happened. Source lines differ between compilers, and how much of the data
// is kept between writers: they do not count.
[[nodiscard]] bool same_event(const TraceEvent& a, const TraceEvent& b);

struct TraceEnd {
  std::string end;           // why the run ended: "done", "quiescent", "step limit", ...
  std::uint64_t events = 0;  // how many stand before this
  std::uint64_t steps = 0;   // resumptions
  sched::Instant t{};
  std::uint64_t digest = 0;
  std::string schedule;  // the one line that replays the run as it came out; empty where not known

  friend bool operator==(const TraceEnd&, const TraceEnd&) = default;
};

using TraceRecord = std::variant<TraceEvent, TraceEnd>;

inline constexpr std::uint64_t trace_version = 2;
inline constexpr std::size_t most_trace_line = std::size_t{16} << 20U;  // bytes, without its break

}  // namespace rehearsal::simnet
