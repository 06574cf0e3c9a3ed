#include "simnet/trace/trace_writer.hpp"

#include <charconv>
#include <cstring>
#include <string>
#include <string_view>

#include "sched/base/check.hpp"
#include "sched/base/hex.hpp"

namespace rehearsal::simnet {
namespace {

constexpr std::size_t most_held = std::size_t{32} << 10U;

std::int64_t nanoseconds(sched::Instant t) { return t.time_since_epoch().count(); }

std::size_t room_of(const SharedText* text) { return text == nullptr ? 0 : text->room(); }

// The functions put() write from `to` on and return the end of what they wrote.
char* put(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}
char* put_text(char* to, std::string_view field, const SharedText* text) {
  return text == nullptr || text->text().empty() ? to : text->put_json(put(to, field));
}

template <class Number>
char* put_decimal(char* to, Number number) {
  constexpr std::size_t most_digits = 20;  // with a sign
  return std::to_chars(to, to + most_digits, number).ptr;
}

}  // namespace

TraceWriter::TraceWriter(std::ostream& out, const TraceHeader& header, TraceWriterOptions options)
    : out_(out), options_(options) {
  sched::check(options.most_bytes <= std::size_t{8} << 20U,
               "a trace keeps at most 8 MiB of an event");
  line_.key("trace").value(std::string_view("rehearsal"));
  line_.key("version").value(trace_version);
  line_.key("scenario").value(header.scenario);
  line_.key("data_seed").value(header.data_seed);
  line_.key("schedule").value(header.schedule);
  line_.key("policy").value(header.policy);
  line_.key("seed").value(header.seed);
  line_.key("deviations").value(header.deviations);
  put_line();
}

void TraceWriter::write(const TraceEvent& event) {
  const SharedText host(event.host);
  const SharedText task(event.task);
  const SharedText op{std::string(event.op_name())};
  const SharedText handle(event.handle);
  const SharedText error(event.error);
  const SharedText at(event.at);
  const SharedText address(event.address);
  const SharedEvent shared{event.t,      &host,        &task,       &op,        &handle,
                           event.result, &error,       event.bytes, event.size, event.hash,
                           &at,          event.digest, event.cause, &address};
  write(std::span(&shared, 1));
  flush();
}

void TraceWriter::write(std::span<const SharedEvent> events) {
  sched::check(!ended_, "no event follows the end of a trace");
  for (const SharedEvent& event : events) {
    put_event(event);
  }
  events_ += events.size();
  if (filled_ >= most_held) {
    flush();
  }
}

void TraceWriter::flush() {
  out_.write(buffer_.data(), static_cast<std::streamsize>(filled_));
  filled_ = 0;
}

void TraceWriter::put_event(const SharedEvent& event) {
  const std::size_t size = event.bytes.empty() ? event.size : event.bytes.size();
  const bool keeps = !event.bytes.empty() && size <= options_.most_bytes;
  constexpr std::size_t rest = 256;  // names of fields, numbers, hashes
  std::size_t most = rest + (keeps ? json_room(size) : 0);
  for (const SharedText* text :
       {event.host, event.task, event.op, event.handle, event.error, event.at, event.address}) {
    most += room_of(text);
  }
  make_room(most);
  char* const from = buffer_.data() + filled_;
  char* to = put_time(from, event.t);
  to = put_text(to, R"(,"host":)", event.host);
  to = put_text(to, R"(,"task":)", event.task);
  to = put_text(to, R"(,"op":)", event.op);
  to = put_text(to, R"(,"handle":)", event.handle);
  if (event.result) {
    to = put_decimal(put(to, R"(,"result":)"), *event.result);
  }
  to = put_text(to, R"(,"error":)", event.error);
  if (keeps) {
    to = put_json_text(put(to, R"(,"bytes":)"), event.bytes);
  } else if (size != 0) {
    const std::uint64_t hash = event.bytes.empty() ? event.hash : data_hash(event.bytes);
    to = put_decimal(put(to, R"(,"size":)"), size);
    to = put(sched::put_hex16(put(to, R"(,"hash":")"), hash), R"(")");
  }
  if (event.cause != 0) {
    to = put_decimal(put(to, R"(,"cause":)"), event.cause);
  }
  to = put_text(to, R"(,"address":)", event.address);
  to = put_text(to, R"(,"at":)", event.at);
  to = put(sched::put_hex16(put(to, R"(,"digest":")"), event.digest), "\"}\n");
  const auto length = static_cast<std::size_t>(to - from);
  sched::check(length <= most_trace_line, "a line of a trace has at most 16 MiB");
  filled_ += length;
}

// Most events happen at the same instant as the one before.
char* TraceWriter::put_time(char* to, sched::Instant t) {
  if (t != time_ || time_size_ == 0) {
    time_ = t;
    const char* const end = put_decimal(put(time_text_.data(), R"({"t":)"), nanoseconds(t));
    time_size_ = static_cast<std::size_t>(end - time_text_.data());
  }
  std::memcpy(to, time_text_.data(), time_text_.size());
  return to + time_size_;
}

void TraceWriter::make_room(std::size_t bytes) {
  if (buffer_.size() < filled_ + bytes) {
    buffer_.resize(2 * (filled_ + bytes));
  }
}

void TraceWriter::end(const TraceEnd& end) {
  sched::check(!ended_, "a trace ends once");
  ended_ = true;
  flush();
  line_.key("end").value(end.end);
  line_.key("events").value(events_);
  line_.key("steps").value(end.steps);
  line_.key("t").value(nanoseconds(end.t));
  line_.key("digest").value(sched::hex16(end.digest));
  if (!end.schedule.empty()) {
    line_.key("schedule").value(end.schedule);
  }
  put_line();
  out_.flush();
}

void TraceWriter::put_line() {
  const std::string_view line = line_.finish();
  sched::check(line.size() <= most_trace_line, "a line of a trace has at most 16 MiB");
  out_.write(line.data(), static_cast<std::streamsize>(line.size()));
}

}  // namespace rehearsal::simnet
