#include "harness/sweep/merge.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/exit_status.hpp"
#include "harness/sweep/results_file.hpp"
#include "harness/sweep/sweep_report.hpp"

namespace rehearsal::harness {
namespace {

constexpr std::size_t most_missing = 10;  // missing shards that are named

struct Part {
  std::string file;
  Results results;
};
using Parts = std::map<std::uint64_t, Part>;  // by the number of the shard

// Returns the first difference between the headers, or an empty string if they are of one sweep.
std::string difference(const ResultsHeader& first, const ResultsHeader& other) {
  const auto differs = [](std::string_view what, const auto& left, const auto& right) {
    return left == right ? std::string() : fmt::format("{} is {}; expected {}", what, right, left);
  };
  for (std::string found :
       {differs("scenario", first.scenario, other.scenario),
        differs("policy", first.policy, other.policy),
        differs("range of seeds", first.seeds.to_string(), other.seeds.to_string()),
        differs("number of shards", first.shard.of, other.shard.of),
        differs("build", first.build, other.build)}) {
    if (!found.empty()) {
      return found;
    }
  }
  return {};
}

Parts read_parts(const std::vector<std::string>& files) {
  Parts parts;
  ResultsHeader first;
  for (const std::string& file : files) {
    Results results = read_results(file);
    if (parts.empty()) {
      first = results.header;
    }
    if (const std::string other = difference(first, results.header); !other.empty()) {
      throw BadInput(fmt::format("{}: line 1: {}, as in {}", file, other, files.front()));
    }
    const Shard shard = results.header.shard;
    const auto [place, is_new] = parts.try_emplace(shard.number, Part{file, std::move(results)});
    if (!is_new) {
      throw BadInput(fmt::format("{}: line 1: shard {} is also in {}", file, shard.to_string(),
                                 place->second.file));
    }
  }
  return parts;
}

void refuse_missing(const Parts& parts, std::uint64_t shards, const std::string& file) {
  std::vector<std::uint64_t> missing;
  for (std::uint64_t number = 1; number <= shards; ++number) {
    if (!parts.contains(number)) {
      missing.push_back(number);
    }
  }
  if (!missing.empty()) {
    const std::size_t named = std::min(missing.size(), most_missing);
    throw BadInput(fmt::format(
        "{}: line 1: expected the results of {} shards; missing: {}{}", file, shards,
        fmt::join(missing.begin(), missing.begin() + std::ptrdiff_t(named), ", "),
        missing.size() > named ? fmt::format(" and {} more", missing.size() - named) : ""));
  }
}

}  // namespace

int merge_results(const Catalog& catalog, const std::vector<std::string>& files,
                  const FailureReportOptions& report) {
  const Parts parts = read_parts(files);
  const ResultsHeader& header = parts.begin()->second.results.header;
  refuse_missing(parts, header.shard.of, files.front());
  const std::string where = files.front() + ": line 1";
  const simnet::Scenario& scenario = catalog.find(where, header.scenario);
  const auto policy = simnet::NamedPolicy::parse(header.policy);
  if (!policy) {
    throw BadInput(fmt::format("{}: '{}' is not one of {}", where, header.policy,
                               simnet::NamedPolicy::names()));
  }
  const SweepPlan plan{report, *policy, header.seeds};
  SweepReport sweep(scenario, plan);
  simnet::Tally tally;
  std::uint64_t failing = 0;
  const FailureReport* first = nullptr;
  for (const auto& [number, part] : parts) {
    tally.merge(part.results.tally);
    failing += part.results.failed;
    for (const FailureReport& failure : part.results.failures) {
      if (sweep.failures() < most_failures_told) {
        sweep.add(failure);
        first = first == nullptr ? &failure : first;
      }
    }
  }
  if (first != nullptr) {
    sweep.explain(*first);
  }
  sweep.conclude(tally, plan.seeds, failing - sweep.failures());
  return sweep.judge(tally);
}

}  // namespace rehearsal::harness
