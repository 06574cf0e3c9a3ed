#include "harness/report/event_lookup.hpp"

#include <fmt/format.h>

#include "harness/report/trace_text.hpp"

namespace rehearsal::harness {

using simnet::NumberedEvent;
using simnet::Op;
using simnet::TraceEvent;

namespace {

// Returns whether a call says little about what the program does: the rest of another call.
bool is_minor(const TraceEvent& event) {
  return event.op == Op::connected || (event.op == Op::close && event.handle.starts_with("fd "));
}

}  // namespace

bool is_call(const TraceEvent& event) {
  switch (event.op) {
    case Op::spawn:
    case Op::resume:
    case Op::done:
    case Op::failed:
    case Op::cancelled:
      return false;
    default:
      return !event.task.empty();
  }
}

bool is_end(Op op) { return op == Op::done || op == Op::failed || op == Op::cancelled; }

bool is_same(const TraceEvent& a, const TraceEvent& b) {
  const auto handle = [](const TraceEvent& event) {
    return event.handle.starts_with("fd ") ? std::string_view() : std::string_view(event.handle);
  };
  const bool counts = a.op == Op::recv || a.op == Op::send || a.op == Op::recv_from ||
                      a.op == Op::send_to || a.op == Op::random || a.op == Op::choose;
  return a.op == b.op && handle(a) == handle(b) && a.error == b.error && a.bytes == b.bytes &&
         (!counts || a.result == b.result);
}

std::string place(const NumberedEvent& one) {
  constexpr std::size_t most_frames = 6;
  std::size_t end = 0;
  for (std::size_t i = 0; i < most_frames && end != std::string::npos; ++i) {
    end = one.frames.find(" < ", i == 0 ? 0 : end + 1);
  }
  return one.frames.empty() ? "" : " at " + one.frames.substr(0, end);
}

std::string act(const NumberedEvent& one) {
  TraceEvent event = one.event;
  event.at.clear();
  return operation_text(event) + place(one);
}

std::string deed(const NumberedEvent& one) {
  switch (one.event.op) {
    case Op::done:
      return "it ended";
    case Op::failed:
      return "it failed: " + one.event.bytes.substr(0, one.event.bytes.find('\n'));
    case Op::cancelled:
      return "it was cancelled";
    default:
      return act(one);
  }
}

Found EventLookup::resumption_before(const std::string& task, const NumberedEvent& event) const {
  for (auto at = history_.from(event.number); at != history_.begin();) {
    --at;
    if (at->event.op == Op::resume && at->event.task == task) {
      return &*at;
    }
  }
  return nullptr;
}

std::size_t EventLookup::resumptions(const std::string& task, const NumberedEvent& until) const {
  return static_cast<std::size_t>(std::count_if(
      history_.from(after_ + 1), history_.from(until.number),
      [&](const auto& one) { return one.event.op == Op::resume && one.event.task == task; }));
}

Found EventLookup::resumption(const std::string& task, std::size_t before) const {
  return first([&](const NumberedEvent& one) {
    return one.event.op == Op::resume && one.event.task == task && before-- == 0;
  });
}

Found EventLookup::next_deed(const std::string& task, Found from) const {
  return first(
      [&](const NumberedEvent& one) {
        return one.event.task == task && !is_minor(one.event) &&
               (is_call(one.event) || is_end(one.event.op));
      },
      from);
}

Found EventLookup::last_deed(std::string_view host) const {
  for (auto at = history_.from(after_ + 1); at != history_.begin();) {
    --at;
    if (at->event.host == host && !at->event.task.empty() && at->event.op != Op::spawn &&
        at->event.op != Op::cancelled) {
      return &*at;
    }
  }
  return nullptr;
}

Found EventLookup::reads(const std::string& handle, std::uint64_t byte) const {
  std::uint64_t taken = 0;
  for (const NumberedEvent& one : history_) {
    if (one.event.op == Op::recv && one.event.handle == handle && one.event.result) {
      taken += *one.event.result;
      if (taken > byte) {
        return one.number > after_ ? &one : nullptr;
      }
    }
  }
  return nullptr;
}

}  // namespace rehearsal::harness
