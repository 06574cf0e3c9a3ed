#include "servers/schedule_source.hpp"

#include <filesystem>
#include <fstream>
#include <istream>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "sched/trace_reader.hpp"

namespace rehearsal::servers {
namespace {

using Source = std::variant<simnet::Schedule, int>;

Source parsed_line(const Catalog& catalog, const std::string& where, std::string_view line) {
  auto schedule = simnet::parse_schedule(line);
  if (const auto* error = std::get_if<simnet::ScheduleError>(&schedule)) {
    return catalog.refuse(fmt::format("{}: {}", where, error->to_string()));
  }
  const std::string& name = std::get<simnet::Schedule>(schedule).scenario;
  if (catalog.find(name) == nullptr) {
    return catalog.unknown_scenario(where, name);
  }
  return std::get<simnet::Schedule>(std::move(schedule));
}

// The line of the run that it records; what draws it again where it does not say.
Source of_trace(const Catalog& catalog, const std::string& file, std::istream& in) {
  sched::TraceReader reader(in);
  sched::TraceHeader header;
  if (reader.header() != nullptr) {
    header = *reader.header();
  }
  for (;;) {
    const sched::TraceReader::Item item = reader.next();
    if (const auto* error = std::get_if<sched::TraceError>(&item)) {
      return catalog.refuse(fmt::format("{}: {}", file, error->to_string()));
    }
    if (const auto* end = std::get_if<sched::TraceEnd>(&item)) {
      header.schedule = end->schedule.empty() ? header.schedule : end->schedule;
      break;
    }
  }
  const std::string where = file + ": line 1";
  if (!header.schedule.empty()) {
    return parsed_line(catalog, file + ": its schedule", header.schedule);
  }
  const simnet::Scenario* scenario = catalog.find(header.scenario);
  if (scenario == nullptr) {
    return catalog.unknown_scenario(where, header.scenario);
  }
  const auto policy = simnet::NamedPolicy::parse(header.policy);
  if (!policy) {
    return catalog.refuse(fmt::format("{}: it has no schedule, and '{}' is not one of {}", where,
                                      header.policy, simnet::NamedPolicy::names()));
  }
  return run_scenario(*scenario, {header.seed, *policy}).schedule;
}

}  // namespace

std::variant<simnet::Schedule, int> read_schedule(const Catalog& catalog,
                                                  const std::string& command,
                                                  const std::string& source) {
  std::error_code error;
  if (!std::filesystem::exists(source, error)) {
    if (source.find(' ') != std::string::npos) {
      return parsed_line(catalog, command, source);
    }
    return catalog.refuse(
        fmt::format("{}: '{}' is no file and no schedule, as in 'NAME data=1 "
                    "run/host/0/1=2'",
                    command, source));
  }
  std::ifstream in(source, std::ios::binary);
  std::string line;
  if (!in || !std::getline(in, line)) {
    return catalog.refuse(
        fmt::format("{}: cannot be read; expected a schedule or a trace", source));
  }
  if (line.starts_with('{')) {
    in.seekg(0);
    return of_trace(catalog, source, in);
  }
  return parsed_line(catalog, source + ": line 1",
                     std::string_view(line).substr(0, line.find_last_not_of("\r\n") + 1));
}

}  // namespace rehearsal::servers
