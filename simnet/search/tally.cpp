#include "simnet/search/tally.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

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

void merge_flags(std::map<std::string, bool, std::less<>>& flags,
                 const std::map<std::string, bool, std::less<>>& more) {
  for (const auto& [name, flag] : more) {
    flags[name] |= flag;
  }
}

constexpr std::string_view only_early = "was evaluated only before a task ran";

// Returns the end of a line about a check or an action that no run came to.
std::string_view never_reached(std::string_view name) {
  if (name.starts_with("invariant")) {
    return " was never evaluated";
  }
  return name.starts_with("eventually") ? " was never judged: every run ended before its deadline"
                                        : " never happened: every run ended before its time";
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

// Keeps the longest runs. Of two of one length, that with the smaller seed comes first, so that the
// order in which runs are added does not matter.
void cut_longest(std::vector<LongRun>& runs) {
  std::ranges::sort(runs, {}, [](const LongRun& one) { return std::pair(~one.steps, one.seed); });
  runs.resize(std::min(runs.size(), Tally::most_longest));
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
    sometimes_late[name] |= !run.sometimes_early.contains(name);
  }
  for (const Planned& one : run.planned) {
    if (one.reached || run.report.ok()) {
      planned[one.to_string()] |= one.reached;
    }
  }
  if (run.report.ok()) {
    for (const std::string& program : run.unended) {
      ++unended[program];
    }
  }
}

void Tally::note_length(std::uint64_t seed, const RunResult& run) {
  longest.push_back({run.report.steps, seed, !run.report.ok()});
  cut_longest(longest);
}

std::uint64_t Tally::reached() const {
  const auto count_true = [](const auto& flags) {
    return std::ranges::count_if(flags, [](const auto& one) { return one.second; });
  };
  const auto deviated =
      std::ranges::count_if(fired, [](std::uint64_t count) { return count != 0; });
  const auto mattered =
      std::ranges::count_if(faults, [](const auto& one) { return one.second.mattered != 0; });
  return static_cast<std::uint64_t>(deviated + mattered + count_true(sometimes) +
                                    count_true(planned));
}

void Tally::merge(const Tally& other) {
  runs += other.runs;
  failed += other.failed;
  steps += other.steps;
  // The results of a shard may be damaged, and the sum not fit.
  time = sched::after(sched::Instant(time), other.time).time_since_epoch();
  digest += other.digest;
  for (const auto& [name, fault] : other.faults) {
    add_fault(faults, fault);
  }
  for (std::size_t site = 0; site < site_count; ++site) {
    fired[site] += other.fired[site];
  }
  merge_flags(sometimes, other.sometimes);
  merge_flags(sometimes_late, other.sometimes_late);
  merge_flags(planned, other.planned);
  for (const auto& [program, count] : other.unended) {
    unended[program] += count;
  }
  longest.insert(longest.end(), other.longest.begin(), other.longest.end());
  cut_longest(longest);
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
  std::ranges::copy(never_held(), std::back_inserter(missing));
  std::ranges::copy(unreached(), std::back_inserter(missing));
  return missing;
}

std::vector<std::string> Tally::never_held() const {
  std::vector<std::string> never;
  for (const auto& [name, held] : sometimes) {
    if (!held) {
      never.push_back("'" + name + "' never held" +
                      (is_late(name) ? std::string() : ": it " + std::string(only_early)));
    }
  }
  return never;
}

std::vector<std::string> Tally::unreached() const {
  std::vector<std::string> lines;
  for (const auto& [name, reached] : planned) {
    if (!reached) {
      lines.push_back(name + std::string(never_reached(name)));
    }
  }
  return lines;
}

std::vector<std::string> Tally::notes() const {
  std::vector<std::string> notes;
  for (const auto& [name, held] : sometimes) {
    if (held && !is_late(name)) {
      notes.push_back("'" + name + "' " + std::string(only_early));
    }
  }
  for (const auto& [program, count] : unended) {
    if (count == runs - failed) {
      notes.push_back("program '" + program +
                      "' never ended: checks after its last wait never ran");
    }
  }
  return notes;
}

std::vector<std::string> Tally::search_notes() const {
  std::vector<std::string> all = never_held();
  std::ranges::copy(notes(), std::back_inserter(all));
  return all;
}

bool Tally::is_late(std::string_view name) const {
  const auto found = sometimes_late.find(name);
  return found == sometimes_late.end() || found->second;
}

}  // namespace rehearsal::simnet
