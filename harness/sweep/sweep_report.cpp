#include "harness/sweep/sweep_report.hpp"

#include <cstdio>
#include <variant>

#include <fmt/format.h>

#include "harness/exit_status.hpp"
#include "harness/number_text.hpp"
#include "harness/process/attempts.hpp"
#include "harness/run_text.hpp"

namespace rehearsal::harness {
void SweepReport::add(const FailureReport& failure) {
  if (failures_++ == 0) {
    first_seed_ = failure.seed;
    status_ = exit_status(simnet::failure_kind_named(failure.kind));
  }
  fmt::print("FAILED {}, seed {}: {}\n", scenario_.name, failure.seed,
             failure.what.substr(0, failure.what.find('\n')));
  std::fflush(stdout);
}

void SweepReport::explain(const FailureReport& first) {
  if (first.details.empty()) {
    return;
  }
  fmt::print("\n{}, seed {}: {}", scenario_.name, first.seed, first.details);
  status_ = explain_schedule(first);
  fmt::print("\n");
}

int SweepReport::explain_schedule(const FailureReport& first) const {
  const auto parsed = simnet::parse_schedule(first.schedule);
  const auto* schedule = std::get_if<simnet::Schedule>(&parsed);
  if (schedule == nullptr) {
    return nondeterministic;
  }
  const simnet::SeededRun how{first.seed, plan_.policy};
  const simnet::Outcome outcome = Attempts(scenario_).run(*schedule);
  if (!outcome.failure) {
    fmt::print("{}", nondeterminism_text("passes",
                                         find_command(plan_.report.program, scenario_.name, how)));
    return nondeterministic;
  }
  FailureReportOptions options = plan_.report;
  options.timed = false;  // so that the same seeds print the same text
  return report_failure(scenario_, {*schedule, *outcome.failure, outcome.digest, how}, options);
}

void SweepReport::conclude(const simnet::Tally& tally, const Seeds& seeds, std::uint64_t more) {
  failures_ += more;
  if (more != 0) {
    fmt::print("and {} more failed\n", grouped(more));
  }
  fmt::print("{}: {} of seeds {}..{}, {} of virtual time, {} failed, digest {:016x}\n",
             scenario_.name, counted(tally.runs, "run"), seeds.first, seeds.last,
             in_words(tally.time), grouped(failures_), tally.digest);
  if (failures_ != 0) {
    fmt::print("  run the first failure again:\n{}\n",
               run_command(plan_.report.program, scenario_.name, {first_seed_, plan_.policy}));
  }
  for (const auto& [name, fault] : tally.faults) {
    fmt::print("  fault {}: fired {} of {} times, had an effect {} times\n", name,
               grouped(fault.fired), grouped(fault.matched), grouped(fault.mattered));
  }
  for (const simnet::Site site : simnet::raised_sites(scenario_)) {
    fmt::print("  site {}: deviated {} times\n", name(site), grouped(tally.fired[index(site)]));
  }
  for (const std::string& note : tally.notes()) {
    fmt::print("  {}\n", note);
  }
}

int SweepReport::judge(const simnet::Tally& tally) {
  int status = status_;
  // Under the nominal policy no random fault can fire.
  for (const std::string& missing :
       plan_.policy.nominal() ? tally.unreached() : tally.missing(scenario_)) {
    fmt::print("FAILED {}: {}\n", scenario_.name, missing);
    status = status == 0 ? failed : status;
  }
  return status;
}

}  // namespace rehearsal::harness
