#include "simnet/search/fuzz.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace rehearsal::simnet {
namespace {

// Returns about 2^(far / 8): each power of two in eight equal steps.
std::uint64_t magnitude_of(std::uint8_t far) {
  const std::uint64_t eighths = 8U + (far & 7U);
  return (eighths << (far >> 3U)) / 8;
}

}  // namespace

FuzzChooser::FuzzChooser(std::span<const std::uint8_t> bytes, const Rates& rates) : rates_(rates) {
  std::vector<std::size_t> sites;
  for (std::size_t site = 0; site < site_count; ++site) {
    if (rates.of[site].per_million != 0) {
      sites.push_back(site);
    }
  }
  if (sites.empty()) {
    return;
  }
  for (; bytes.size() >= deviation_size; bytes = bytes.subspan(deviation_size)) {
    const auto ordinal = static_cast<std::uint32_t>(bytes[1] | bytes[2] << 8U);
    std::vector<Place>& places = places_[sites[bytes[0] % sites.size()]];
    const auto at = std::ranges::lower_bound(places, ordinal, {}, &Place::ordinal);
    if (at == places.end() || at->ordinal != ordinal) {
      places.insert(at, {ordinal, bytes[3]});
    }
  }
}

std::uint32_t FuzzChooser::choose(const Question& question) {
  const std::size_t site = index(question.site);
  const std::uint32_t ordinal = asked_[site]++;
  std::size_t& next = next_[site];
  const std::vector<Place>& places = places_[site];
  if (next == places.size() || places[next].ordinal != ordinal) {
    return 0;
  }
  const std::uint64_t most = std::min(question.most, question.outcomes - 1);
  return static_cast<std::uint32_t>(std::min(magnitude_of(places[next++].far), most));
}

RunResult run_fuzzed(const Scenario& scenario, std::span<const std::uint8_t> bytes,
                     RunWatchers watchers) {
  return run_scenario(scenario,
                      Policy::directed(1, std::make_shared<FuzzChooser>(bytes, scenario.rates)), 1,
                      watchers);
}

int fuzz(const Scenario& scenario, std::span<const std::uint8_t> bytes) {
  const RunResult run = run_fuzzed(scenario, bytes);
  if (!run.report.ok()) {
    std::fprintf(stderr, "%s: %s\nschedule: %s\n", scenario.name.c_str(),
                 run.report.to_string().c_str(), run.schedule.to_string().c_str());
    std::abort();
  }
  return 0;
}

}  // namespace rehearsal::simnet
