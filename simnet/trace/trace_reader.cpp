#include "simnet/trace/trace_reader.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include "simnet/trace/json_fields.hpp"

namespace rehearsal::simnet {
namespace {

constexpr std::string_view header_start = R"({"trace":"rehearsal")";

using Fields = JsonFields;
using Refused = JsonRefused;

TraceHeader header_of(Fields fields) {
  const std::uint64_t version = fields.number("version");
  if (version != trace_version) {
    throw Refused{"trace of version " + std::to_string(version) + "; this program reads version " +
                  std::to_string(trace_version) +
                  (version < trace_version ? "; record it again" : "")};
  }
  TraceHeader header;
  header.scenario = fields.text("scenario");
  header.data_seed = fields.number("data_seed");
  header.schedule = fields.text("schedule");
  header.policy = fields.text("policy");
  header.seed = fields.number("seed");
  header.deviations = fields.texts("deviations");
  return header;
}

TraceEvent event_of(Fields fields) {
  TraceEvent event;
  event.t = fields.instant("t");
  event.host = fields.text_or_empty("host");
  event.task = fields.text_or_empty("task");
  const std::string op = fields.text("op");
  if (op.empty()) {
    Fields::refuse("op", "the name of an operation");
  }
  event.set_op(op);
  event.handle = fields.text_or_empty("handle");
  if (fields.has("result")) {
    event.result = fields.number("result");
  }
  event.error = fields.text_or_empty("error");
  const bool summarised = fields.has("size") || fields.has("hash");
  if (fields.has("bytes")) {
    if (summarised) {
      throw Refused{R"(the fields "bytes" and "size" with "hash" exclude each other)"};
    }
    event.bytes = fields.text("bytes");
  } else if (summarised) {
    event.size = fields.number("size");
    event.hash = fields.hex("hash");
    if (event.size == 0) {
      Fields::refuse("size", "at least 1");
    }
  }
  event.address = fields.text_or_empty("address");
  if (fields.has("cause")) {
    event.cause = fields.number("cause");
  }
  event.at = fields.text_or_empty("at");
  event.digest = fields.hex("digest");
  return event;
}

TraceEnd end_of(Fields fields) {
  TraceEnd end;
  end.end = fields.text("end");
  end.events = fields.number("events");
  end.steps = fields.number("steps");
  end.t = fields.instant("t");
  end.digest = fields.hex("digest");
  end.schedule = fields.text_or_empty("schedule");
  return end;
}

// Returns the beginning of a file that is not a trace, in characters that are safe for a terminal.
std::string beginning(std::string_view line) {
  constexpr std::size_t most = 24;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string shown = "'";
  for (const char c : line.substr(0, most)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      shown += c;
    } else {
      shown += {'\\', 'x', digits[byte >> 4U], digits[byte & 0xfU]};
    }
  }
  return shown + (line.size() > most ? "'..." : "'");
}

std::string foreign(std::string_view line) {
  return "not a rehearsal trace: expected " + std::string(header_start) + ", got " +
         beginning(line);
}

}  // namespace

std::string TraceError::to_string() const { return "line " + std::to_string(line) + ": " + reason; }

TraceReader::TraceReader(std::istream& in) : in_(in) { read_header(); }

void TraceReader::read_header() {
  const Line read = read_line();
  if (read == Line::unreadable) {
    last_ = error("cannot be read");
    return;
  }
  if (line_.empty() && read == Line::none) {
    last_ = error("not a rehearsal trace: the file is empty");
    return;
  }
  if (read == Line::cut && header_start.starts_with(line_)) {
    last_ = error("truncated: the header is cut");
    return;
  }
  if (!std::string_view(line_).starts_with(header_start)) {
    last_ = error(foreign(line_));
    return;
  }
  if (read == Line::too_long) {
    last_ = error("the line is longer than 16 MiB");
    return;
  }
  try {
    header_ = header_of(Fields::parse(line_));
  } catch (const Refused& refused) {
    const bool cut = read == Line::cut && !refused.is_json;
    last_ = error(cut ? "truncated: the header is cut" : refused.reason);
  }
}

TraceReader::Item TraceReader::next() {
  if (last_) {
    return *last_;
  }
  Item item = read_record();
  if (!std::holds_alternative<TraceEvent>(item)) {
    last_ = item;
  }
  return item;
}

TraceReader::Item TraceReader::read_record() {
  const Line read = read_line();
  switch (read) {
    case Line::unreadable:
      return error("cannot be read");
    case Line::none:
      return error("truncated: no end record");
    case Line::too_long:
      return error("the line is longer than 16 MiB");
    case Line::whole:
    case Line::cut:
      break;
  }
  try {
    Item item = interpret(line_);
    if (std::holds_alternative<TraceEnd>(item) && in_.peek() != std::istream::traits_type::eof()) {
      ++line_number_;
      return error("expected nothing after the end record");
    }
    return item;
  } catch (const Refused& refused) {
    const bool cut = read == Line::cut && !refused.is_json;
    return error(cut ? "truncated: the last line is cut" : refused.reason);
  }
}

TraceReader::Item TraceReader::interpret(const std::string& line) {
  Fields fields = Fields::parse(line);
  if (fields.has("op")) {
    TraceEvent event = event_of(std::move(fields));
    ++events_;
    return event;
  }
  if (!fields.has("end")) {
    throw Refused{
        R"(neither an event, which has a field "op", nor the end record, which has "end")"};
  }
  TraceEnd end = end_of(std::move(fields));
  if (end.events != events_) {
    throw Refused{"the end record counts " + std::to_string(end.events) + " events, there are " +
                  std::to_string(events_)};
  }
  return end;
}

TraceReader::Line TraceReader::read_line() {
  line_.clear();
  ++line_number_;
  for (;;) {
    in_.getline(chunk_.data(), std::ssize(chunk_));
    const auto got = static_cast<std::size_t>(in_.gcount());
    if (in_.bad() || (in_.fail() && !in_.eof() && got == 0)) {
      return Line::unreadable;
    }
    // The extracted text includes the line break, unless the file or the chunk ended before it.
    const bool ended = !in_.eof() && !in_.fail();
    line_.append(chunk_.data(), ended ? got - 1 : got);
    if (line_.size() > most_trace_line) {
      return Line::too_long;
    }
    if (ended) {
      return Line::whole;
    }
    if (in_.eof()) {
      return line_.empty() ? Line::none : Line::cut;
    }
    in_.clear();  // the chunk was full
  }
}

}  // namespace rehearsal::simnet
