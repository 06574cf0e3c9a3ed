#include "harness/report/export/trace_run.hpp"

#include <fstream>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "harness/flags.hpp"
#include "simnet/trace/trace_reader.hpp"

namespace rehearsal::harness {

void TraceRun::begin(const simnet::TraceHeader& header) {
  run_.scenario = header.scenario;
  run_.schedule = header.schedule;
  run_.outcome = "the trace is not whole";
}

// The host of a recording has no name in its records.
void TraceRun::take(simnet::TraceRecord record) {
  if (auto* event = std::get_if<simnet::TraceEvent>(&record)) {
    steps_ += event->op == simnet::Op::resume ? 1 : 0;
    if (event->host.empty()) {
      event->host = run_.scenario;
    }
    std::string at = event->at;
    history_.add({++events_, steps_, std::move(*event), std::move(at)});
    return;
  }
  const auto& end = std::get<simnet::TraceEnd>(record);
  run_.outcome = "ended: " + end.end;
  run_.schedule = end.schedule.empty() ? run_.schedule : end.schedule;
}

std::vector<std::string> TraceRun::contents(const RunFiles& files, const PageOptions& options) {
  run_.history = &history_;
  return contents_of(files, run_, options);
}

void read_trace(const std::string& file, TraceTaker& take) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    throw BadInput(fmt::format("{}: cannot be read; expected a trace", file));
  }
  simnet::TraceReader reader(in);
  if (const simnet::TraceHeader* header = reader.header(); header != nullptr) {
    take.begin(*header);
  }
  for (;;) {
    simnet::TraceReader::Item item = reader.next();
    if (const auto* error = std::get_if<simnet::TraceError>(&item)) {
      throw BadInput(fmt::format("{}: {}", file, error->to_string()));
    }
    if (auto* event = std::get_if<simnet::TraceEvent>(&item)) {
      take.take(std::move(*event));
    } else {
      take.take(std::get<simnet::TraceEnd>(std::move(item)));
      return;
    }
  }
}

}  // namespace rehearsal::harness
