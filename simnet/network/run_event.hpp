// RunEvent: one event of a run. Each is added to the digest, and to the trace if there is one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sched/base/time.hpp"
#include "sched/seam/calls.hpp"
#include "sched/seam/network.hpp"

namespace rehearsal::simnet {

// The numbers of the operations in this enumeration are part of digests.
enum class Op : std::uint8_t {
  // Tasks.
  spawn,
  resume,
  done,
  failed,
  cancelled,
  // Calls of the sched::Network interface.
  REHEARSAL_SEAM_CALLS(REHEARSAL_CALL_ENUMERATOR)
  // The world.
  deliver = 26,
  fault,
  crash,
  power_off,
  restart,
  pause,
  link,
  log = 62,
  clock_jump = 63,
  // In traces only: a pause that ends, a note for people, an operation unknown to this version.
  wait = 64,
  unpause,
  note,
  other
};
inline constexpr std::size_t op_count = 68;

// Returns the name of an operation in a trace, or an empty string for `other`.
[[nodiscard]] std::string_view name(Op op);
// Returns the operation of this name, or nothing if there is none.
[[nodiscard]] std::optional<Op> op_named(std::string_view name);

struct RunEvent {
  Op op = Op::resume;
  std::uint32_t host = 0;
  sched::Descriptor descriptor = -1;  // -1: none
  sched::Instant at{};                // on the world's clock
  std::uint64_t key = 0;              // of the task or connection
  std::uint64_t result = 0;           // a count, a value, or a negative errno
  sched::ConstBytes data = {};
  bool digests_data = true;                  // false: the event of the sender has it in the digest
  const sched::TaskRecord* task = nullptr;   // the task of the event; null: the task that runs
  const sched::Endpoint* address = nullptr;  // where a datagram is sent; null: none
  std::uint64_t cause = 0;  // number of the event that sent the datagram which arrives; 0: none

  [[nodiscard]] std::uint64_t word() const {
    return static_cast<std::uint64_t>(op) | std::uint64_t{host} << 8U |
           static_cast<std::uint64_t>(static_cast<std::uint32_t>(descriptor)) << 40U;
  }
};

constexpr std::uint64_t result_of(std::errc error) {
  return static_cast<std::uint64_t>(-static_cast<std::int64_t>(error));
}

}  // namespace rehearsal::simnet
