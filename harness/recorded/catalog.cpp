#include "harness/recorded/catalog.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/flags.hpp"
#include "harness/recorded/recorded_scenario.hpp"
#include "record/files/recording_files.hpp"

namespace rehearsal::harness {

const simnet::Scenario* Catalog::find(std::string_view name) const {
  const auto found = std::ranges::find(scenarios, name, &simnet::Scenario::name);
  if (found != scenarios.end()) {
    return &*found;
  }
  const auto known = std::ranges::find(recorded, name, &simnet::Scenario::name);
  if (known != recorded.end()) {
    return &*known;
  }
  const std::string path(name);
  if (!record::is_recording(path)) {
    return nullptr;
  }
  return &recorded.emplace_back(recorded_scenario(path, servers));
}

int Catalog::unknown_scenario(const std::string& where, std::string_view name) const {
  std::string names;
  for (const simnet::Scenario& scenario : scenarios) {
    names += (names.empty() ? "" : ", ") + scenario.name;
  }
  std::string expected = names.empty() ? "" : "one of " + names;
  if (!servers.empty()) {
    expected += (names.empty() ? "" : ", or ") + std::string("a directory of recordings");
  }
  return refuse(fmt::format("{}: '{}' is no scenario; expected {}", where, name,
                            expected.empty() ? "none" : expected));
}

int Catalog::refuse(const std::string& what) const { return harness::refuse(program, what); }
}  // namespace rehearsal::harness
