#include "simnet/trace/trace.hpp"

#include <algorithm>

#include "sched/base/key.hpp"

namespace rehearsal::simnet {
std::uint64_t data_hash(std::string_view bytes) {
  return sched::extend_key(sched::empty_key, bytes);
}

std::string_view TraceEvent::op_name() const {
  return op == Op::other ? std::string_view(other_op) : name(op);
}

void TraceEvent::set_op(std::string_view name) {
  op = op_named(name).value_or(Op::other);
  other_op = op == Op::other ? name : std::string_view();
}

std::uint64_t TraceEvent::data_size() const { return std::max<std::uint64_t>(size, bytes.size()); }

std::uint64_t TraceEvent::data_hash() const {
  return bytes.empty() ? hash : simnet::data_hash(bytes);
}

Segment::Kind TraceEvent::segment_kind() const {
  return static_cast<Segment::Kind>(*result >> segment_kind_shift);
}

std::uint64_t TraceEvent::segment_end() const {
  return *result & ((std::uint64_t{1} << segment_kind_shift) - 1);
}

void TraceEvent::summarise(std::size_t most) {
  if (bytes.size() > most) {
    hash = data_hash();
    size = data_size();
    bytes.clear();
  }
}

void TraceEvent::cut(std::size_t most) {
  if (bytes.size() > most) {
    size = data_size();
    bytes.resize(most);
    bytes.shrink_to_fit();
  }
}

bool same_event(const TraceEvent& a, const TraceEvent& b) {
  return a.t == b.t && a.host == b.host && a.task == b.task && a.op_name() == b.op_name() &&
         a.handle == b.handle && a.result == b.result && a.error == b.error &&
         a.data_size() == b.data_size() && a.data_hash() == b.data_hash() && a.digest == b.digest &&
         a.cause == b.cause && a.address == b.address;
}

}  // namespace rehearsal::simnet
