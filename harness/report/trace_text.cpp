#include "harness/report/trace_text.hpp"

#include <fmt/format.h>

#include "sched/base/hex.hpp"

namespace rehearsal::harness {

std::string outcome_text(const simnet::TraceEvent& event) {
  if (!event.error.empty()) {
    return ' ' + event.error;
  }
  if (!event.result) {
    return {};
  }
  // For a segment, the upper bits are its kind; the lower bits count the bytes of its direction.
  constexpr std::uint64_t kind_bit = std::uint64_t{1} << 62U;
  if (event.op == simnet::Op::deliver && *event.result >= kind_bit) {
    return *event.result / kind_bit == 1 ? " FIN" : " RST";
  }
  return fmt::format(" = {}", *event.result);
}

std::string event_line(std::uint64_t number, const simnet::TraceEvent& event) {
  const auto nanoseconds = event.t.time_since_epoch().count();
  std::string line = fmt::format("{:>6}  {:>4}.{:09} s  {}  {}", number,
                                 nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000,
                                 event.task.empty() ? event.host : event.task, event.op_name());
  if (!event.handle.empty()) {
    line += ' ' + event.handle;
  }
  line += outcome_text(event);
  if (event.op == simnet::Op::failed && !event.bytes.empty()) {
    line += ": " + event.bytes.substr(0, event.bytes.find('\n'));
  } else if (event.data_size() != 0) {
    line += fmt::format(" ({} bytes, {})", event.data_size(), sched::hex16(event.data_hash()));
  }
  if (!event.at.empty()) {
    line += " at " + event.at;
  }
  return line;
}

}  // namespace rehearsal::harness
