// What happens in a run, one at a time: each is added to the digest, and to the trace where there
// is one.
#pragma once

#include <cstdint>
#include <string_view>

#include "sched/base/time.hpp"
#include "sched/seam/network.hpp"

namespace rehearsal::simnet {

enum class Op : std::uint8_t {
  spawn,
  resume,
  done,
  failed,
  cancelled,
  listen,
  accept,
  connect,
  connected,
  recv,
  send,
  shutdown,
  close,
  abort,
  bind,
  recv_from,
  send_to,
  resolve,
  resolved,
  signals,
  signal,
  inbox,
  message,
  blocking,
  random,
  choose,
  deliver,
  fault,
  kill,
  power_off,
  restart,
  pause,
  link,
  options,
  set_peer
};
inline constexpr std::size_t op_count = 35;

[[nodiscard]] std::string_view name(Op op);

struct RunEvent {
  Op op = Op::resume;
  std::uint32_t host = 0;
  sched::Descriptor descriptor = -1;  // -1: none
  sched::Instant at{};                // on the world's clock
  std::uint64_t key = 0;              // of the task or connection
  std::uint64_t result = 0;           // a count, a value, or a negative errno
  sched::ConstBytes data = {};
  bool digests_data = true;                 // false: what sent it has it in the digest already
  const sched::TaskRecord* task = nullptr;  // whose event it is; null: of the task that runs

  [[nodiscard]] std::uint64_t word() const {
    return static_cast<std::uint64_t>(op) | std::uint64_t{host} << 8U |
           static_cast<std::uint64_t>(static_cast<std::uint32_t>(descriptor)) << 40U;
  }
};

constexpr std::uint64_t result_of(std::errc error) {
  return static_cast<std::uint64_t>(-static_cast<std::int64_t>(error));
}

}  // namespace rehearsal::simnet
