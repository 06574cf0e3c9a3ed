#include "servers/sweep_report.hpp"

#include <algorithm>
#include <cstdio>
#include <variant>

#include <fmt/format.h>

#include "servers/attempts.hpp"
#include "servers/failure_report.hpp"
#include "servers/flags.hpp"
#include "servers/run_text.hpp"
#include "servers/words.hpp"

namespace rehearsal::servers {
namespace {

constexpr std::uint64_t most_in_full = 10;
constexpr std::uint64_t most_seeds = 100;  // of those after them
constexpr std::size_t most_explained = 3;

}  // namespace

Telling telling(std::uint64_t rank) {
  if (rank < most_in_full) {
    return Telling::full;
  }
  return rank < most_in_full + most_seeds ? Telling::seed : Telling::counted;
}

void SweepReport::add(const FailureReport& failure) {
  const std::string by_seed =
      run_command(plan_.program, scenario_.name, {failure.seed, plan_.policy});
  if (failures_ == 0) {
    status_ = exit_status(simnet::failure_kind_named(failure.kind));
  }
  switch (telling(failures_++)) {
    case Telling::full:
      told_.push_back(failure);
      fmt::print("FAILED {}, seed {}: {}{}", scenario_.name, failure.seed, failure.what,
                 failure.what.ends_with('\n') ? "" : "\n");
      if (!failure.log.empty()) {
        fmt::print("  its log:\n{}", indented(failure.log, "  "));
      }
      fmt::print("  replay it:\n{}\n\n", replay_command(plan_.program, failure.schedule, by_seed));
      break;
    case Telling::seed:
      fmt::print("FAILED {}, seed {}: {}\n", scenario_.name, failure.seed, by_seed);
      break;
    case Telling::counted:
      break;
  }
  std::fflush(stdout);
}

void SweepReport::explain() {
  if (!plan_.explains) {
    return;
  }
  Attempts attempts(scenario_);
  std::vector<simnet::Failure> explained;
  for (const FailureReport& failure : told_) {
    const auto parsed = simnet::parse_schedule(failure.schedule);
    const auto* schedule = std::get_if<simnet::Schedule>(&parsed);
    if (schedule == nullptr || explained.size() == most_explained) {
      continue;  // what cannot be had again was told as it was
    }
    const simnet::Outcome outcome = attempts.run(*schedule);
    const bool known = std::ranges::any_of(explained, [&](const simnet::Failure& other) {
      return outcome.failure && same_failure(other, *outcome.failure);
    });
    if (!outcome.failure || known) {
      continue;
    }
    explained.push_back(*outcome.failure);
    FailureReportOptions options;
    options.program = plan_.program;
    options.bound = plan_.bound;
    options.timed = false;  // the same text for the same seeds
    fmt::print("{}, seed {}: {}\n", scenario_.name, failure.seed, outcome.failure->to_string());
    const int status = report_failure(scenario_, {*schedule, *outcome.failure, 0}, options);
    if (&failure == &told_.front()) {
      status_ = status;
    }
    fmt::print("\n");
  }
}

void SweepReport::conclude(const simnet::Tally& tally, const Seeds& seeds, std::uint64_t more) {
  failures_ += more;
  if (more != 0) {
    fmt::print("and {} more failed\n", grouped(more));
  }
  fmt::print("{}: {} of seeds {}..{}, {} of virtual time, {} failed, digest {:016x}\n",
             scenario_.name, counted(tally.runs, "run"), seeds.first, seeds.last,
             in_words(tally.time), grouped(failures_), tally.digest);
  for (const auto& [name, fault] : tally.faults) {
    fmt::print("  fault {}: fired {} of {} times, changed something {} times\n", name,
               grouped(fault.fired), grouped(fault.matched), grouped(fault.mattered));
  }
  for (const simnet::Site site : simnet::raised_sites(scenario_)) {
    fmt::print("  site {}: deviated {} times\n", name(site), grouped(tally.fired[index(site)]));
  }
}

int SweepReport::judge(const simnet::Tally& tally) {
  int status = status_;
  // The nominal policy lets nothing come that is not certain.
  if (!plan_.policy.nominal()) {
    for (const std::string& missing : tally.missing(scenario_)) {
      fmt::print("FAILED {}: {}\n", scenario_.name, missing);
      status = status == 0 ? failed : status;
    }
  }
  return status;
}

}  // namespace rehearsal::servers
