// Traces for the tests of their writer, reader and diff.
#pragma once

#include <chrono>
#include <cstdint>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sched/seam/error_name.hpp"
#include "simnet/trace/trace.hpp"
#include "simnet/trace/trace_reader.hpp"
#include "simnet/trace/trace_writer.hpp"

namespace rehearsal::simnet {

inline constexpr std::uint64_t most_number = 0xffff'ffff'ffff'ffff;

inline sched::Instant trace_time(std::int64_t nanoseconds) {
  return sched::Instant(sched::Duration(nanoseconds));
}

struct Trace {
  TraceHeader header;
  std::vector<TraceEvent> events;
  TraceEnd end;
};

inline TraceEvent sent(std::int64_t t, std::string bytes) {
  TraceEvent event;
  event.t = trace_time(t);
  event.host = "client";
  event.task = "client/0";
  event.op = Op::send;
  event.handle = "client/0#0>";
  event.result = bytes.size();
  event.bytes = std::move(bytes);
  event.digest = static_cast<std::uint64_t>(t) * 0x100000001b3;
  return event;
}

inline TraceEvent reset(std::int64_t t) {
  TraceEvent event;
  event.t = trace_time(t);
  event.op = Op::recv;
  event.error = sched::error_name(std::errc::connection_reset);
  event.digest = most_number;
  return event;
}

// Three events.
inline Trace sample_trace() {
  Trace trace;
  trace.header = {"echo", 7, "echo data=7 run/server/0/2=1", "replay", 0, {"run/server/0/2=1"}};
  trace.events = {sent(100, "hi"), sent(200, "there"), reset(300)};
  trace.end = {"done", 3, 9, trace_time(400), most_number, ""};
  return trace;
}

inline std::string text_of(const Trace& trace, TraceWriterOptions options = {}) {
  std::ostringstream out;
  TraceWriter writer(out, trace.header, options);
  for (const TraceEvent& event : trace.events) {
    writer.write(event);
  }
  writer.end(trace.end);
  return out.str();
}

// The whole result of reading a text.
struct WhatWasRead {
  bool has_header = false;
  TraceHeader header;
  std::vector<TraceEvent> events;
  TraceEnd end;
  std::string error;  // empty if the end was reached
};

inline WhatWasRead read_trace(const std::string& text) {
  std::istringstream in(text);
  TraceReader reader(in);
  WhatWasRead read;
  if (reader.header() != nullptr) {
    read.has_header = true;
    read.header = *reader.header();
  }
  for (;;) {
    TraceReader::Item item = reader.next();
    if (auto* const event = std::get_if<TraceEvent>(&item)) {
      read.events.push_back(std::move(*event));
    } else if (auto* const end = std::get_if<TraceEnd>(&item)) {
      read.end = std::move(*end);
      return read;
    } else {
      read.error = std::get<TraceError>(item).to_string();
      return read;
    }
  }
}

}  // namespace rehearsal::simnet
