#include "harness/recorded/catalog.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/exit_status.hpp"
#include "harness/recorded/recorded_scenario.hpp"
#include "record/files/recording_files.hpp"

namespace rehearsal::harness {

const simnet::Scenario& Catalog::find(const std::string& where, std::string_view name) const {
  const auto found = std::ranges::find(scenarios, name, &simnet::Scenario::name);
  if (found != scenarios.end()) {
    return *found;
  }
  const auto known = std::ranges::find(recorded, name, &simnet::Scenario::name);
  if (known != recorded.end()) {
    return *known;
  }
  const std::string path(name);
  if (record::is_recording(path)) {
    return recorded.emplace_back(recorded_scenario(path, servers));
  }
  std::string names;
  for (const simnet::Scenario& scenario : scenarios) {
    names += (names.empty() ? "" : ", ") + scenario.name;
  }
  std::string expected = names.empty() ? "" : "one of " + names;
  if (!servers.empty()) {
    expected += (names.empty() ? "" : ", or ") + std::string("a directory of recordings");
  }
  throw BadInput(fmt::format("{}: unknown scenario '{}'; expected {}", where, name,
                             expected.empty() ? "none" : expected));
}

}  // namespace rehearsal::harness
