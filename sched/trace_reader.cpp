#include "sched/trace_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "sched/base64.hpp"
#include "sched/json_line.hpp"

namespace rehearsal::sched {
namespace {

constexpr std::string_view header_start = R"({"trace":"rehearsal")";

// Thrown and caught in this file only: why a line is not what it should be.
struct Refused {
  std::string reason;
  bool is_json = true;  // what is cut off inside a line is not
};

std::optional<std::uint64_t> from_hex16(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number, 16);
  if (error != std::errc{} || stopped != end || hex16(number) != text) {
    return std::nullopt;
  }
  return number;
}

// The fields of one line, asked for by name. A field that is there and has another type than asked
// for is refused.
class Fields {
 public:
  explicit Fields(std::vector<JsonField> fields) : fields_(std::move(fields)) {}

  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
  [[nodiscard]] std::string text(std::string_view name) {
    return std::move(required(name, JsonValue::Kind::text, "a text").text);
  }
  [[nodiscard]] std::string text_or_empty(std::string_view name) {
    return has(name) ? text(name) : std::string();
  }
  [[nodiscard]] std::uint64_t number(std::string_view name) {
    constexpr const char* what = "an integer from 0 to 2^64-1";
    const JsonValue& value = required(name, JsonValue::Kind::integer, what);
    if (value.negative && value.magnitude != 0) {
      refuse(name, what);
    }
    return value.magnitude;
  }
  [[nodiscard]] Instant instant(std::string_view name) {
    constexpr const char* what = "nanoseconds, an integer of 64 bits";
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const JsonValue& value = required(name, JsonValue::Kind::integer, what);
    if (value.magnitude > most + (value.negative ? 1 : 0)) {
      refuse(name, what);
    }
    // The conversion wraps around (C++20), as -2^63 needs.
    const std::uint64_t bits =
        value.negative ? std::uint64_t{0} - value.magnitude : value.magnitude;
    return Instant(Duration(static_cast<std::int64_t>(bits)));
  }
  [[nodiscard]] std::uint64_t hex(std::string_view name) {
    const auto number = from_hex16(text(name));
    if (!number) {
      refuse(name, "16 hexadecimal digits");
    }
    return *number;
  }
  [[nodiscard]] std::string base64(std::string_view name) {
    auto bytes = from_base64(text(name));
    if (!bytes) {
      refuse(name, "base64");
    }
    return std::move(*bytes);
  }
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) {
    return std::move(required(name, JsonValue::Kind::texts, "a list of texts").texts);
  }

 private:
  [[noreturn]] static void refuse(std::string_view name, const std::string& expected) {
    throw Refused{"the field \"" + std::string(name) + "\" must be " + expected};
  }

  [[nodiscard]] const JsonValue* find(std::string_view name) const {
    const auto found = std::ranges::find(fields_, name, &JsonField::name);
    return found == fields_.end() ? nullptr : &found->value;
  }
  JsonValue& required(std::string_view name, JsonValue::Kind kind, const char* expected) {
    const auto found = std::ranges::find(fields_, name, &JsonField::name);
    if (found == fields_.end()) {
      throw Refused{"the field \"" + std::string(name) + "\" is missing"};
    }
    if (found->value.kind != kind) {
      refuse(name, expected);
    }
    return found->value;
  }

  std::vector<JsonField> fields_;
};

Fields fields_of(std::string_view line) {
  auto parsed = parse_json_line(line);
  if (const auto* error = std::get_if<JsonError>(&parsed)) {
    throw Refused{error->to_string(), false};
  }
  return Fields(std::move(std::get<std::vector<JsonField>>(parsed)));
}

TraceHeader header_of(Fields fields) {
  const std::uint64_t version = fields.number("version");
  if (version != trace_version) {
    const std::string age = version > trace_version ? "newer" : "older";
    throw Refused{"version " + std::to_string(version) + " is " + age +
                  " than this program, which reads version " + std::to_string(trace_version)};
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
  event.set_op(fields.text("op"));
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
    event.bytes = fields.base64("bytes");
  } else if (summarised) {
    event.size = fields.number("size");
    event.hash = fields.hex("hash");
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

// What a file begins with that is no trace, in letters that a terminal survives.
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
    header_ = header_of(fields_of(line_));
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
  Fields fields = fields_of(line);
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
  std::array<char, 4096> chunk{};
  for (;;) {
    in_.getline(chunk.data(), chunk.size());
    const auto got = static_cast<std::size_t>(in_.gcount());
    if (in_.bad() || (in_.fail() && !in_.eof() && got == 0)) {
      return Line::unreadable;
    }
    // What was taken out includes the line break, unless the file or the chunk ended before it.
    const bool ended = !in_.eof() && !in_.fail();
    line_.append(chunk.data(), ended ? got - 1 : got);
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

}  // namespace rehearsal::sched
