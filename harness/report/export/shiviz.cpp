#include "harness/report/export/shiviz.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/report/page/deliveries.hpp"
#include "harness/report/trace_text.hpp"
#include "simnet/trace/json_line.hpp"

namespace rehearsal::harness {
namespace {

using simnet::NumberedEvent;
using Clock = std::map<std::string, std::uint64_t>;  // known events, by host

// Returns a name of a host without white space, which ends it in the log.
std::string name_of(std::string host) {
  std::ranges::replace_if(host, [](char c) { return c == ' ' || c == '\t' || c == '\n'; }, '_');
  return host;
}

std::string clock_text(const Clock& clock) {
  std::string text;
  for (const auto& [host, count] : clock) {
    text += text.empty() ? "{" : ", ";
    simnet::append_json_text(text, host);
    text += fmt::format(":{}", count);
  }
  return text + '}';
}

}  // namespace

std::string shiviz(const ShownRun& run) {
  std::map<std::uint64_t, std::vector<std::uint64_t>> causes;  // of each event
  std::map<std::uint64_t, Clock> sent;                         // the clocks of events that sent
  for (const Delivery& one : deliveries_of(*run.history)) {
    if (one.from != 0 && one.to != 0) {
      causes[one.to].push_back(one.from);
      sent[one.from];
    }
  }
  std::map<std::string, Clock> clocks;
  std::string text;
  for (const NumberedEvent& one : *run.history) {
    const std::string host = name_of(one.event.host);
    Clock& clock = clocks[host];
    for (const std::uint64_t cause : causes[one.number]) {
      for (const auto& [other, count] : sent[cause]) {
        clock[other] = std::max(clock[other], count);
      }
    }
    ++clock[host];
    if (const auto found = sent.find(one.number); found != sent.end()) {
      found->second = clock;
    }
    std::string line = event_line(one.number, one.event);
    std::ranges::replace(line, '\n', ' ');
    text += fmt::format("{}\n{} {}\n", line, host, clock_text(clock));
  }
  return text;
}

}  // namespace rehearsal::harness
