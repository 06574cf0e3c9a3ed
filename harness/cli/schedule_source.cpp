#include "harness/cli/schedule_source.hpp"

#include <filesystem>
#include <fstream>
#include <istream>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "harness/exit_status.hpp"
#include "harness/process/attempts.hpp"
#include "simnet/trace/trace_reader.hpp"

namespace rehearsal::harness {
namespace {

std::string_view without_breaks(std::string_view text) {
  const std::size_t last = text.find_last_not_of("\r\n");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

ScheduleSource of_line(const Catalog& catalog, const std::string& where, std::string_view line,
                       std::optional<std::uint64_t> digest = std::nullopt) {
  auto parsed = simnet::parse_schedule(line);
  if (const auto* error = std::get_if<simnet::ScheduleError>(&parsed)) {
    throw BadInput(fmt::format("{}: {}", where, error->to_string()));
  }
  auto& schedule = std::get<simnet::Schedule>(parsed);
  const simnet::Scenario& scenario = catalog.find(where, schedule.scenario);
  return {scenario, std::move(schedule), digest};
}

ScheduleSource of_seeded_trace(const Catalog& catalog, const std::string& where,
                               const simnet::TraceHeader& header, std::uint64_t digest) {
  const simnet::Scenario& scenario = catalog.find(where, header.scenario);
  const auto policy = simnet::NamedPolicy::parse(header.policy);
  if (!policy) {
    throw BadInput(
        fmt::format("{}: the trace has no schedule, and its policy '{}' is not one of {}", where,
                    header.policy, simnet::NamedPolicy::names()));
  }
  if (policy->own() && !scenario.own_policy) {
    throw BadInput(
        fmt::format("{}: the trace has no schedule, and scenario '{}' has no custom policy", where,
                    scenario.name));
  }
  const simnet::SeededRun seeded{header.seed, *policy};
  return {scenario, seeded, digest, seeded};
}

// Reads the trace to its end, where the digest of its run is.
ScheduleSource of_trace(const Catalog& catalog, const std::string& file, std::istream& in) {
  simnet::TraceReader reader(in);
  simnet::TraceHeader header;
  if (reader.header() != nullptr) {
    header = *reader.header();
  }
  for (;;) {
    const simnet::TraceReader::Item item = reader.next();
    if (const auto* error = std::get_if<simnet::TraceError>(&item)) {
      throw BadInput(fmt::format("{}: {}", file, error->to_string()));
    }
    if (const auto* end = std::get_if<simnet::TraceEnd>(&item)) {
      const std::string& line = end->schedule.empty() ? header.schedule : end->schedule;
      if (line.empty()) {
        return of_seeded_trace(catalog, file + ": line 1", header, end->digest);
      }
      ScheduleSource source = of_line(catalog, file + ": its schedule", line, end->digest);
      if (const auto policy = simnet::NamedPolicy::parse(header.policy)) {
        source.seeded = simnet::SeededRun{header.seed, *policy};
      }
      return source;
    }
  }
}

}  // namespace

simnet::Schedule ScheduleSource::schedule() const {
  const auto* known = std::get_if<simnet::Schedule>(&how);
  if (known != nullptr) {
    return *known;
  }
  const auto& seeded_run = std::get<simnet::SeededRun>(how);
  return run_seed(scenario, seeded_run, crashes_before(scenario, seeded_run), {}).schedule;
}

ScheduleSource read_source(const Catalog& catalog, const std::string& command,
                           const std::string& text) {
  std::error_code error;
  if (!std::filesystem::exists(text, error)) {
    if (text.find(' ') != std::string::npos) {
      return of_line(catalog, command, text);
    }
    throw BadInput(
        fmt::format("{}: '{}' is neither a file nor a schedule; a schedule looks like 'NAME data=1 "
                    "run/host/0/1=2'",
                    command, text));
  }
  std::ifstream in(text, std::ios::binary);
  std::string line;
  if (!in || !std::getline(in, line)) {
    throw BadInput(fmt::format("{}: cannot be read; expected a schedule or a trace", text));
  }
  if (line.starts_with('{')) {
    in.seekg(0);
    return of_trace(catalog, text, in);
  }
  return of_line(catalog, text + ": line 1", without_breaks(line));
}

}  // namespace rehearsal::harness
