#include "harness/sweep/merge.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/sweep/results_file.hpp"
#include "harness/sweep/sweep_report.hpp"

namespace rehearsal::harness {
namespace {

constexpr std::size_t most_missing = 10;  // shards that are named

// What this header has otherwise than the first one; nothing where they are of one sweep.
std::optional<std::string> difference(const ResultsHeader& first, const ResultsHeader& other) {
  const auto differs = [](std::string_view what, const auto& left, const auto& right) {
    return fmt::format("its {} is {}; expected {}", what, right, left);
  };
  if (other.scenario != first.scenario) {
    return differs("scenario", first.scenario, other.scenario);
  }
  if (other.policy != first.policy) {
    return differs("policy", first.policy, other.policy);
  }
  if (!(other.seeds == first.seeds)) {
    return differs("range of seeds", first.seeds.to_string(), other.seeds.to_string());
  }
  if (other.shard.of != first.shard.of) {
    return differs("number of shards", first.shard.of, other.shard.of);
  }
  if (other.build != first.build) {
    return differs("build", first.build, other.build);
  }
  return std::nullopt;
}

class Merge {
 public:
  Merge(const Catalog& catalog, const MergeOptions& options)
      : catalog_(catalog), options_(options) {}

  // Takes a file in; gives what is wrong with it.
  std::optional<std::string> add(const std::string& file) {
    auto read = read_results(file);
    if (const auto* error = std::get_if<std::string>(&read)) {
      return *error;
    }
    auto& results = std::get<Results>(read);
    const ResultsHeader& header = results.header;
    if (shards_.empty()) {
      first_file_ = file;
      first_ = header;
    } else if (const auto other = difference(first_, header)) {
      return fmt::format("{}: line 1: {}, as in {}", file, *other, first_file_);
    }
    const std::uint64_t number = header.shard.number;
    const auto [place, is_new] = shards_.try_emplace(number, Part{file, std::move(results)});
    return is_new ? std::nullopt
                  : std::optional(fmt::format("{}: line 1: shard {} stands in {} too", file,
                                              header.shard.to_string(), place->second.file));
  }

  [[nodiscard]] std::optional<std::string> missing() const {
    std::vector<std::uint64_t> missing;
    for (std::uint64_t number = 1; number <= first_.shard.of; ++number) {
      if (!shards_.contains(number)) {
        missing.push_back(number);
      }
    }
    if (missing.empty()) {
      return std::nullopt;
    }
    const std::size_t named = std::min(missing.size(), most_missing);
    return fmt::format(
        "{}: line 1: expected {} shards, but there is no file of {}{}", first_file_,
        first_.shard.of, fmt::join(missing.begin(), missing.begin() + std::ptrdiff_t(named), ", "),
        missing.size() > named ? fmt::format(" and {} more", missing.size() - named) : "");
  }

  int report() const {
    const simnet::Scenario* scenario = catalog_.find(first_.scenario);
    if (scenario == nullptr) {
      return catalog_.unknown_scenario(first_file_ + ": line 1", first_.scenario);
    }
    const auto policy = simnet::NamedPolicy::parse(first_.policy);
    if (!policy) {
      return catalog_.refuse(fmt::format("{}: line 1: '{}' is not one of {}", first_file_,
                                         first_.policy, simnet::NamedPolicy::names()));
    }
    const SweepPlan plan{catalog_.program, *policy, first_.seeds, options_.shrinks, options_.bound};
    SweepReport report(*scenario, plan);
    simnet::Tally tally;
    std::uint64_t failed = 0;
    for (const auto& [number, part] : shards_) {
      tally.merge(part.results.tally);
      failed += part.results.failed;
      for (const FailureReport& failure : part.results.failures) {
        if (report.failures() < most_failures_told) {
          report.add(failure);
        }
      }
    }
    report.explain();
    report.conclude(tally, plan.seeds, failed - report.failures());
    const int status = report.judge(tally);
    std::fflush(stdout);
    return status;
  }

 private:
  struct Part {
    std::string file;
    Results results;
  };

  const Catalog& catalog_;
  const MergeOptions& options_;
  std::map<std::uint64_t, Part> shards_;
  std::string first_file_;
  ResultsHeader first_;
};

}  // namespace

int merge_results(const Catalog& catalog, const std::vector<std::string>& files,
                  const MergeOptions& options) {
  Merge merge(catalog, options);
  for (const std::string& file : files) {
    if (const auto wrong = merge.add(file)) {
      return catalog.refuse(*wrong);
    }
  }
  if (const auto missing = merge.missing()) {
    return catalog.refuse(*missing);
  }
  return merge.report();
}

}  // namespace rehearsal::harness
