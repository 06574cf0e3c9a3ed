#include "simnet/search/tally.hpp"

#include "sched/base/draw.hpp"

namespace rehearsal::simnet {
namespace {

void add_fault(std::map<std::string, FaultCount, std::less<>>& faults, const FaultCount& more) {
  FaultCount& fault = faults[more.name];
  fault.name = more.name;
  fault.optional = more.optional;
  fault.matched += more.matched;
  fault.fired += more.fired;
  fault.mattered += more.mattered;
}

std::uint32_t link_rate(const LinkOptions& link, Site site) {
  switch (site) {
    case Site::lost:
      return link.loss;
    case Site::duplicate:
      return link.duplication;
    default:
      return 0;
  }
}

}  // namespace

std::vector<Site> raised_sites(const Scenario& scenario) {
  const Rates usual = Rates::usual();
  std::vector<Site> raised;
  for (std::size_t i = 0; i < site_count; ++i) {
    const auto site = static_cast<Site>(i);
    if (scenario.rates[site].per_million > usual[site].per_million ||
        link_rate(scenario.options.link, site) != 0) {
      raised.push_back(site);
    }
  }
  return raised;
}

void Tally::add(const RunResult& run) {
  ++runs;
  failed += run.report.ok() ? 0U : 1U;
  steps += run.report.steps;
  time += run.report.time;
  digest += mix(run.report.digest);
  for (const FaultCount& fault : run.faults) {
    add_fault(faults, fault);
  }
  for (std::size_t site = 0; site < site_count; ++site) {
    fired[site] += run.sites[site].fired;
  }
  for (const auto& [name, held] : run.sometimes) {
    sometimes[name] |= held;
  }
}

void Tally::merge(const Tally& other) {
  runs += other.runs;
  failed += other.failed;
  steps += other.steps;
  time += other.time;
  digest += other.digest;
  for (const auto& [name, fault] : other.faults) {
    add_fault(faults, fault);
  }
  for (std::size_t site = 0; site < site_count; ++site) {
    fired[site] += other.fired[site];
  }
  for (const auto& [name, held] : other.sometimes) {
    sometimes[name] |= held;
  }
}

std::vector<std::string> Tally::missing(const Scenario& scenario) const {
  std::vector<std::string> missing;
  for (const auto& [name, fault] : faults) {
    if (fault.fired == 0 && !fault.optional) {
      missing.push_back("fault '" + name + "' never fired (" + std::to_string(fault.matched) +
                        (fault.matched == 1 ? " operation" : " operations") + " matched)");
    }
  }
  for (const Site site : raised_sites(scenario)) {
    if (fired[index(site)] == 0) {
      missing.push_back("fault '" + std::string(name(site)) +
                        "' never fired although the scenario sets its rate");
    }
  }
  for (const auto& [name, held] : sometimes) {
    if (!held) {
      missing.push_back("'" + name + "' never held");
    }
  }
  return missing;
}

}  // namespace rehearsal::simnet
