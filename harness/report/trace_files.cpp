#include "harness/report/trace_files.hpp"

#include <cstdio>
#include <fstream>
#include <string_view>

#include <fmt/format.h>

#include "harness/exit_status.hpp"
#include "harness/number_text.hpp"
#include "harness/report/trace_text.hpp"
#include "sched/base/hex.hpp"
#include "simnet/trace/trace_diff.hpp"
#include "simnet/trace/trace_reader.hpp"

namespace rehearsal::harness {
namespace {

[[noreturn]] void unreadable(const std::string& file, const simnet::TraceError& error) {
  throw BadInput(fmt::format("{}: {}", file, error.to_string()));
}

std::ifstream open_trace(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    throw BadInput(fmt::format("{}: cannot be read; expected a trace", file));
  }
  return in;
}

std::string end_line(const simnet::TraceEnd& end) {
  return fmt::format("end: {}, after {} and {} of virtual time, digest {}", end.end,
                     counted(end.steps, "step"), in_words(end.t.time_since_epoch()),
                     sched::hex16(end.digest));
}

std::string side_line(std::uint64_t index, const simnet::TraceRecord& record) {
  if (const auto* event = std::get_if<simnet::TraceEvent>(&record)) {
    return event_line(index + 1, *event);
  }
  return end_line(std::get<simnet::TraceEnd>(record));
}

}  // namespace

void show_trace(const std::string& file) {
  std::ifstream in = open_trace(file);
  simnet::TraceReader reader(in);
  if (const simnet::TraceHeader* header = reader.header(); header != nullptr) {
    fmt::print("scenario {}, data seed {}, policy {}, seed {}\n", header->scenario,
               header->data_seed, header->policy, header->seed);
  }
  for (std::uint64_t number = 1;; ++number) {
    const simnet::TraceReader::Item item = reader.next();
    if (const auto* event = std::get_if<simnet::TraceEvent>(&item)) {
      fmt::print("{}\n", event_line(number, *event));
    } else if (const auto* end = std::get_if<simnet::TraceEnd>(&item)) {
      fmt::print("{}\n", end_line(*end));
      return;
    } else {
      unreadable(file, std::get<simnet::TraceError>(item));
    }
  }
}

int diff_traces(const std::string& left, const std::string& right) {
  std::ifstream left_in = open_trace(left);
  std::ifstream right_in = open_trace(right);
  simnet::TraceReader left_reader(left_in);
  simnet::TraceReader right_reader(right_in);
  const simnet::TraceComparison found = diff(left_reader, right_reader);
  if (const auto* equal = std::get_if<simnet::TracesEqual>(&found)) {
    fmt::print("identical: {}\n", counted(equal->events, "event"));
    return 0;
  }
  if (const auto* wrong = std::get_if<simnet::TraceUnreadable>(&found)) {
    fmt::print("identical for {}, then unreadable\n", counted(wrong->index, "event"));
    unreadable(wrong->which == simnet::TraceWhich::left ? left : right, wrong->error);
  }
  const auto& difference = std::get<simnet::TraceDifference>(found);
  fmt::print("identical for {}, then different\n", counted(difference.index, "event"));
  fmt::print("{}:{}:\n  {}\n", left, difference.left.line,
             side_line(difference.index, difference.left.record));
  fmt::print("{}:{}:\n  {}\n", right, difference.right.line,
             side_line(difference.index, difference.right.record));
  return failed;
}

}  // namespace rehearsal::harness
