#include "sched/trace_writer.hpp"

#include <charconv>
#include <cstring>
#include <string>
#include <string_view>

#include "sched/base64.hpp"
#include "sched/check.hpp"

namespace rehearsal::sched {
namespace {

std::int64_t nanoseconds(Instant t) { return t.time_since_epoch().count(); }

std::string_view json_of(const SharedText* text) {
  return text == nullptr ? std::string_view() : text->json();
}

// Each writes from `to` on, and gives the place behind what it wrote.
char* put(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}
template <class Number>
char* put_number(char* to, Number number) {
  constexpr std::ptrdiff_t most_digits = 24;
  return std::to_chars(to, to + most_digits, number).ptr;
}
char* put_text(char* to, std::string_view field, const SharedText* text) {
  const std::string_view json = json_of(text);
  return json.empty() ? to : put(put(to, field), json);
}

}  // namespace

TraceWriter::TraceWriter(std::ostream& out, const TraceHeader& header, TraceWriterOptions options)
    : out_(out), options_(options) {
  check(options.most_bytes <= std::size_t{8} << 20U, "a trace keeps at most 8 MiB of an event");
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
  write(SharedEvent{event.t, &host, &task, &op, &handle, event.result, &error, event.bytes,
                    event.size, event.hash, &at, event.digest});
}

void TraceWriter::write(const SharedEvent& event) {
  check(!ended_, "no event follows the end of a trace");
  const std::size_t size = event.bytes.empty() ? event.size : event.bytes.size();
  const bool keeps = !event.bytes.empty() && size <= options_.most_bytes;
  constexpr std::size_t rest = 256;  // names of fields, numbers, hashes
  std::size_t most = rest + (keeps ? base64_size(size) : 0);
  for (const SharedText* text :
       {event.host, event.task, event.op, event.handle, event.error, event.at}) {
    most += json_of(text).size();
  }
  if (buffer_.size() < most) {
    buffer_.resize(2 * most);
  }
  char* to = buffer_.data();
  to = put_number(put(to, R"({"t":)"), nanoseconds(event.t));
  to = put_text(to, R"(,"host":)", event.host);
  to = put_text(to, R"(,"task":)", event.task);
  to = put_text(to, R"(,"op":)", event.op);
  to = put_text(to, R"(,"handle":)", event.handle);
  if (event.result) {
    to = put_number(put(to, R"(,"result":)"), *event.result);
  }
  to = put_text(to, R"(,"error":)", event.error);
  if (keeps) {
    to = put(put_base64(put(to, R"(,"bytes":")"), event.bytes), R"(")");
  } else if (size != 0) {
    const std::uint64_t hash = event.bytes.empty() ? event.hash : data_hash(event.bytes);
    to = put_number(put(to, R"(,"size":)"), size);
    to = put(put_hex16(put(to, R"(,"hash":")"), hash), R"(")");
  }
  to = put_text(to, R"(,"at":)", event.at);
  to = put(put_hex16(put(to, R"(,"digest":")"), event.digest), "\"}\n");
  put_line({buffer_.data(), to});
  ++events_;
}

void TraceWriter::end(const TraceEnd& end) {
  check(!ended_, "a trace ends once");
  ended_ = true;
  line_.key("end").value(end.end);
  line_.key("events").value(events_);
  line_.key("steps").value(end.steps);
  line_.key("t").value(nanoseconds(end.t));
  line_.key("digest").value(hex16(end.digest));
  if (!end.schedule.empty()) {
    line_.key("schedule").value(end.schedule);
  }
  put_line();
  out_.flush();
}

void TraceWriter::put_line() { put_line(line_.finish()); }

void TraceWriter::put_line(std::string_view line) {
  check(line.size() <= most_trace_line, "a line of a trace has at most 16 MiB");
  out_.write(line.data(), static_cast<std::streamsize>(line.size()));
}

}  // namespace rehearsal::sched
