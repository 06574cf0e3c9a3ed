// Reads a fuzzer's bytes as a trace (libFuzzer). Whatever they are, the reader returns events and
// then an end or one error; what it reads can be shown, as text and as a page, compared, and
// written and read again.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/report/export/trace_run.hpp"
#include "harness/report/trace_text.hpp"
#include "sched/base/check.hpp"
#include "simnet/trace/trace_diff.hpp"
#include "simnet/trace/trace_reader.hpp"
#include "simnet/trace/trace_writer.hpp"

namespace rehearsal::simnet {
namespace {

using sched::check;

struct Contents {
  std::optional<TraceHeader> header;
  std::vector<TraceEvent> events;
  std::optional<TraceEnd> end;  // nothing if the trace is damaged
  friend bool operator==(const Contents&, const Contents&) = default;
};

Contents read(const std::string& text) {
  std::istringstream in(text);
  TraceReader reader(in);
  Contents contents;
  if (reader.header() != nullptr) {
    contents.header = *reader.header();
  }
  for (;;) {
    TraceReader::Item item = reader.next();
    if (const auto* error = std::get_if<TraceError>(&item)) {
      check(!error->reason.empty() && error->to_string().find('\n') == std::string::npos,
            "an error of a trace is one line");
      check(reader.next() == item, "an error is returned again");
      return contents;
    }
    if (auto* end = std::get_if<TraceEnd>(&item)) {
      check(reader.next() == item, "an end is returned again");
      contents.end = std::move(*end);
      return contents;
    }
    contents.events.push_back(std::move(std::get<TraceEvent>(item)));
    check(contents.events.size() <= text.size(), "an event has bytes of its own");
  }
}

std::string written(const Contents& contents) {
  std::ostringstream out;
  TraceWriterOptions options;
  options.most_bytes = std::size_t{8} << 20U;
  TraceWriter writer(out, *contents.header, options);
  for (const TraceEvent& event : contents.events) {
    writer.write(event);
  }
  writer.end(*contents.end);
  return out.str();
}

// Returns the data in a page.
std::string data_of(const std::string& page) {
  const std::string_view before = R"(id="data">)";
  const std::size_t begin = page.find(before) + before.size();
  return page.substr(begin, page.find("</script>", begin) - begin);
}

void show(const Contents& contents) {
  std::uint64_t number = 0;
  for (const TraceEvent& event : contents.events) {
    check(!harness::event_line(++number, event).empty(), "an event is shown");
  }
  if (contents.header) {
    harness::TraceRun run;
    run.begin(*contents.header);
    for (const TraceEvent& event : contents.events) {
      run.take(event);
    }
    if (contents.end) {
      run.take(*contents.end);
    }
    harness::RunFiles files;
    files.html = files.perfetto = files.pcapng = files.shiviz = "a";
    const std::vector<std::string> shown = run.contents(files, {});
    check(shown.size() == 4, "a trace is shown in four files");
    check(nlohmann::json::accept(data_of(shown[0])), "the data of a page is JSON");
    check(nlohmann::json::accept(shown[1]), "a file for Perfetto is JSON");
  }
}

void try_input(const std::string& text) {
  const Contents contents = read(text);
  show(contents);
  std::istringstream left_in(text);
  std::istringstream right_in(text);
  TraceReader left(left_in);
  TraceReader right(right_in);
  const TraceComparison compared = diff(left, right);
  check(contents.end ? std::holds_alternative<TracesEqual>(compared)
                     : std::holds_alternative<TraceUnreadable>(compared),
        "a trace equals itself");
  if (contents.end) {
    check(contents.header.has_value(), "a whole trace has a header");
    const std::string again = written(contents);
    check(read(again) == contents, "a trace that is written is read as it was");
    check(written(read(again)) == again, "a trace has one form");
  }
}

}  // namespace
}  // namespace rehearsal::simnet

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rehearsal::simnet::try_input({reinterpret_cast<const char*>(data), size});
  return 0;
}
