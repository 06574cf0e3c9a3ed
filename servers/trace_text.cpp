#include "servers/trace_text.hpp"

#include <fmt/format.h>

namespace rehearsal::servers {

std::string event_line(std::uint64_t number, const sched::TraceEvent& event) {
  const auto nanoseconds = event.t.time_since_epoch().count();
  std::string line = fmt::format("{:>6}  {:>4}.{:09} s  {}  {}", number,
                                 nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000,
                                 event.task.empty() ? event.host : event.task, event.op_name());
  if (!event.handle.empty()) {
    line += ' ' + event.handle;
  }
  if (!event.error.empty()) {
    line += ' ' + event.error;
  } else if (event.result) {
    line += fmt::format(" = {}", *event.result);
  }
  if (event.data_size() != 0) {
    line += fmt::format(" ({} bytes, {})", event.data_size(), sched::hex16(event.data_hash()));
  }
  if (!event.at.empty()) {
    line += " at " + event.at;
  }
  return line;
}

}  // namespace rehearsal::servers
