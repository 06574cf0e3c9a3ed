// TraceWriter: writes a trace in the format of trace_format.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "simnet/trace/json_line.hpp"
#include "simnet/trace/shared_text.hpp"
#include "simnet/trace/trace.hpp"

namespace rehearsal::simnet {

struct TraceWriterOptions {
  // Maximum size of data that is written in full; of longer data only size and hash are written.
  // At most 8 MiB.
  std::size_t most_bytes = 1024;
};

// A TraceEvent whose texts are kept by the caller. Null means that the event has no such field.
struct SharedEvent {
  sched::Instant t{};
  const SharedText* host = nullptr;
  const SharedText* task = nullptr;
  const SharedText* op = nullptr;
  const SharedText* handle = nullptr;
  std::optional<std::uint64_t> result;
  const SharedText* error = nullptr;
  std::string_view bytes;  // the data; or, if it is not kept:
  std::uint64_t size = 0;
  std::uint64_t hash = 0;
  const SharedText* at = nullptr;
  std::uint64_t digest = 0;
  std::uint64_t cause = 0;
  const SharedText* address = nullptr;
};

class TraceWriter {
 public:
  // Writes the header. `out` must outlive the writer; its state tells whether writing failed.
  TraceWriter(std::ostream& out, const TraceHeader& header, TraceWriterOptions options = {});
  TraceWriter(const TraceWriter&) = delete;
  TraceWriter& operator=(const TraceWriter&) = delete;
  // Writes the lines that are held back.
  ~TraceWriter() { flush(); }

  // Writes the event at once.
  void write(const TraceEvent& event);
  // Holds lines back until there are 32 KiB, because each write to the file is a system call.
  void write(std::span<const SharedEvent> events);
  // Writes the end record and flushes. `end.events` is counted here. Nothing may be written after
  // it. Without it a reader reports the trace as truncated.
  void end(const TraceEnd& end);

 private:
  void put_line();
  void put_event(const SharedEvent& event);
  char* put_time(char* to, sched::Instant t);
  void make_room(std::size_t bytes);
  void flush();

  std::ostream& out_;
  TraceWriterOptions options_;
  JsonLine line_;
  std::string buffer_;                // in which the lines of events are made
  std::size_t filled_ = 0;            // used part of it
  sched::Instant time_{};             // of the last event
  std::array<char, 32> time_text_{};  // the beginning of its line
  std::size_t time_size_ = 0;
  std::uint64_t events_ = 0;
  bool ended_ = false;
};

}  // namespace rehearsal::simnet
