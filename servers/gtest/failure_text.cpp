#include "servers/gtest/failure_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "servers/flags.hpp"
#include "servers/gtest/settings.hpp"
#include "servers/run_text.hpp"
#include "servers/words.hpp"
#include "simnet/kept.hpp"

namespace rehearsal::servers {
namespace {

constexpr std::size_t most_listed = 20;  // deviations
// A shell takes no word above 128 KiB.
constexpr std::size_t longest_schedule = 100'000;

std::string shrinking(const simnet::Shrunk& shrunk) {
  if (!shrunk.failure) {
    return "Its schedule, replayed, passes: the run depends on what is no part of it.\n";
  }
  return "Shrunk from " + counted(shrunk.deviations_before, "deviation") + " to " +
         std::to_string(shrunk.schedule.deviations.size()) + " in " + counted(shrunk.runs, "run") +
         (shrunk.minimal ? ".\n" : "; not to the end (REHEARSAL_SHRINK_RUNS).\n");
}

// What did not hold, and the failures of the world that are no expectations.
std::string failures(const CapturedRun& run) {
  std::string text;
  for (const Expectation& expectation : run.failed) {
    text += expectation.file + ':' + std::to_string(expectation.line) + ": " +
            (expectation.when.empty() ? "after the run" : expectation.when) + '\n' +
            indented(expectation.message, "  ");
  }
  const simnet::RunReport& report = run.result.report;
  const auto is_expectation = [&](const simnet::Failure& failure) {
    return std::ranges::any_of(run.failed, [&](const Expectation& expectation) {
      return expectation.failure() == failure;
    });
  };
  if (report.failures.empty() && run.failure && run.failed.empty()) {
    text += run.failure->what + '\n';
  }
  for (const simnet::Failure& failure : report.failures) {
    text += is_expectation(failure) ? std::string() : failure.to_string() + '\n';
  }
  for (const std::string& task : report.tasks) {
    text += "  " + task + '\n';
  }
  return text + "after " + counted(report.steps, "step") + " and " + in_words(report.time) +
         " of virtual time\n";
}

std::string deviations(const std::vector<simnet::Deviation>& all) {
  if (all.empty()) {
    return "The nominal run fails: no choice has to deviate.\n";
  }
  std::string text = "It takes " + counted(all.size(), "deviation") + " from the nominal run:\n";
  for (std::size_t i = 0; i < std::min(all.size(), most_listed); ++i) {
    text += "  " + all[i].to_string() + '\n';
  }
  if (all.size() > most_listed) {
    text += "  and " + std::to_string(all.size() - most_listed) + " more\n";
  }
  return text;
}

}  // namespace

std::string test_command(const std::string& test) {
  return shell_quoted(program_path()) + " --gtest_filter=" + shell_quoted(test);
}

std::string replay_command(const simnet::Schedule& schedule) {
  return "REHEARSAL_REPLAY=" + shell_quoted(schedule.to_string()) + ' ' +
         test_command(schedule.scenario);
}

std::string last_words(const std::string& what, const std::string& command) {
  return '\n' + what + ". Repeat it:\n" + command + '\n';
}

std::string not_applied_text(const std::vector<simnet::Deviation>& not_applied) {
  std::string text = "not applied:\n";
  for (std::size_t i = 0; i < std::min(not_applied.size(), most_listed); ++i) {
    text += "  " + not_applied[i].to_string() + '\n';
  }
  return text;
}

std::string nondeterminism_text(const std::string& test, std::uint64_t seed,
                                const CapturedRun& first, const CapturedRun& second) {
  const auto end = [](const CapturedRun& run) {
    return (run.failure ? "fails: " + run.failure->to_string() : "passes") + ", digest " +
           fmt::format("{:016x}", run.result.report.digest) + ", " +
           counted(run.result.report.steps, "step") + '\n';
  };
  return test + " is not deterministic: the run of seed " + std::to_string(seed) +
         " came out differently the second time.\n  first:  " + end(first) +
         "  second: " + end(second) +
         "A clock, a random number, an address or what an earlier run left is in it.\n"
         "Repeat it:\n";
}

std::string to_string(const FailureText& text, const CapturedRun& run) {
  const simnet::Schedule& schedule = run.result.schedule;
  const bool replays = (text.shrunk == nullptr || text.shrunk->failure) &&
                       schedule.to_string().size() <= longest_schedule;
  std::string said = text.test + " failed in " + text.found + ".\n";
  if (text.shrunk != nullptr) {
    said += shrinking(*text.shrunk);
  }
  said += '\n' + failures(run) + '\n';
  if (replays) {
    said += deviations(schedule.deviations);
  }
  const std::string command = replays ? replay_command(schedule) : text.otherwise;
  said += "Digest " + fmt::format("{:016x}", run.result.report.digest) + ". Repeat it:\n" +
          command + '\n';
  if (!text.traces.empty() && replays) {
    said += "Keep it for every run of the tests:\nREHEARSAL_KEEP=" +
            shell_quoted(simnet::kept_name(schedule)) + ' ' + command + '\n';
  }
  return said;
}

}  // namespace rehearsal::servers
