#include "simnet/trace/trace.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "sched/base/check.hpp"
#include "sched/base/digits.hpp"
#include "sched/base/key.hpp"

namespace rehearsal::sched {
namespace {

constexpr std::array<std::string_view, trace_op_count> op_names = {
    "spawn",     "resume",    "wait",     "done",     "failed",   "cancelled", "listen",  "accept",
    "connect",   "connected", "recv",     "send",     "shutdown", "close",     "abort",   "bind",
    "recv_from", "send_to",   "options",  "set_peer", "resolve",  "resolved",  "signals", "signal",
    "inbox",     "message",   "blocking", "random",   "choose",   "deliver",   "fault",   "crash",
    "power_off", "restart",   "pause",    "unpause",  "link",     "note"};

// Of two names of one number, the first counts.

}  // namespace

std::uint64_t data_hash(std::string_view bytes) { return extend_key(empty_key, bytes); }

std::string_view name(TraceOp op) {
  check(op < TraceOp::other, "an operation of a trace has a name");
  return op_names.at(static_cast<std::size_t>(op));
}

std::optional<TraceOp> trace_op_named(std::string_view name) {
  const auto* const found = std::ranges::find(op_names, name);
  if (found == op_names.end()) {
    return std::nullopt;
  }
  return static_cast<TraceOp>(found - op_names.begin());
}

std::string_view TraceEvent::op_name() const {
  return op == TraceOp::other ? std::string_view(other_op) : name(op);
}

void TraceEvent::set_op(std::string_view name) {
  op = trace_op_named(name).value_or(TraceOp::other);
  other_op = op == TraceOp::other ? name : std::string_view();
}

std::uint64_t TraceEvent::data_size() const { return bytes.empty() ? size : bytes.size(); }

std::uint64_t TraceEvent::data_hash() const {
  return bytes.empty() ? hash : sched::data_hash(bytes);
}

void TraceEvent::summarise(std::size_t most) {
  if (bytes.size() > most) {
    hash = data_hash();
    size = data_size();
    bytes.clear();
  }
}

bool same_event(const TraceEvent& a, const TraceEvent& b) {
  return a.t == b.t && a.host == b.host && a.task == b.task && a.op_name() == b.op_name() &&
         a.handle == b.handle && a.result == b.result && a.error == b.error &&
         a.data_size() == b.data_size() && a.data_hash() == b.data_hash() && a.digest == b.digest;
}

}  // namespace rehearsal::sched
