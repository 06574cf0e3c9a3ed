#include "sched/trace_writer.hpp"

#include <string_view>

#include "sched/check.hpp"

namespace rehearsal::sched {
namespace {

std::int64_t nanoseconds(Instant t) { return t.time_since_epoch().count(); }

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
  check(!ended_, "no event follows the end of a trace");
  const auto put_text = [this](std::string_view name, std::string_view text) {
    if (!text.empty()) {
      line_.key(name).value(text);
    }
  };
  line_.key("t").value(nanoseconds(event.t));
  put_text("host", event.host);
  put_text("task", event.task);
  line_.key("op").value(event.op_name());
  put_text("handle", event.handle);
  if (event.result) {
    line_.key("result").value(*event.result);
  }
  put_text("error", event.error);
  put_data(event);
  put_text("at", event.at);
  line_.key("digest").value(hex16(event.digest));
  put_line();
  ++events_;
}

void TraceWriter::put_data(const TraceEvent& event) {
  if (event.data_size() == 0) {
    return;
  }
  if (!event.bytes.empty() && event.bytes.size() <= options_.most_bytes) {
    line_.key("bytes").base64(event.bytes);
  } else {
    line_.key("size").value(event.data_size());
    line_.key("hash").value(hex16(event.data_hash()));
  }
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

void TraceWriter::put_line() {
  const std::string_view line = line_.finish();
  check(line.size() <= most_trace_line, "a line of a trace has at most 16 MiB");
  out_.write(line.data(), static_cast<std::streamsize>(line.size()));
}

}  // namespace rehearsal::sched
