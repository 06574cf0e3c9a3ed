// `keep` and `kept`: a failure is kept in a file, and every run of the tests replays it.
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/schedule_source.hpp"
#include "harness/cli/shrink_flags.hpp"
#include "harness/flags.hpp"
#include "harness/number_text.hpp"
#include "harness/process/attempts.hpp"
#include "harness/report/failure_report.hpp"
#include "harness/run_text.hpp"
#include "simnet/search/kept.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::harness {
namespace {

using simnet::KeptError;
using simnet::KeptSchedule;
using simnet::KeptVerdict;

std::string check_name(const std::string& text) {
  return text.empty() || text.front() == '.' || text.find('/') != std::string::npos
             ? fmt::format("'{}' is no name of a file, without its folder and ending", text)
             : std::string();
}

// What did not come about in a run of this schedule.
std::vector<simnet::Deviation> not_applied(const simnet::Schedule& schedule,
                                           const simnet::Outcome& outcome) {
  std::vector<simnet::Deviation> missing;
  std::ranges::copy_if(schedule.deviations, std::back_inserter(missing),
                       [&](const simnet::Deviation& one) {
                         return std::ranges::find(outcome.deviated, one) == outcome.deviated.end();
                       });
  return missing;
}

class KeepCommand final : public Command {
 public:
  KeepCommand(CLI::App& parent, const Catalog& catalog);
  int run() override;

 private:
  [[nodiscard]] std::optional<KeptSchedule> shrunk(const simnet::Scenario& scenario,
                                                   const simnet::Schedule& schedule) const;
  void write(const KeptSchedule& kept) const;
  [[nodiscard]] std::string file_of(const simnet::Schedule& schedule) const;
  [[nodiscard]] std::string resuming(const simnet::Shrunk& result) const;

  // What the flags say.
  std::string source_;
  std::string name_;
  std::string folder_ = "tests/corpus/kept";
  bool fails_ = false;
  ShrinkFlags shrink_;
};

KeepCommand::KeepCommand(CLI::App& parent, const Catalog& catalog)
    : Command(
          parent.add_subcommand("keep", "Shrink a failure and keep it for every run of the tests"),
          catalog) {
  app()
      .add_option("schedule", source_,
                  "The line that a failure gave, or a file of it or of a trace")
      ->required()
      ->type_name("SCHEDULE|FILE");
  app()
      .add_option("--as", name_, "The name of its file, otherwise one after its scenario")
      ->check(check_name)
      ->type_name("NAME");
  app()
      .add_option("--in", folder_, "The folder of kept schedules")
      ->type_name("FOLDER")
      ->capture_default_str();
  app().add_flag("--fails", fails_,
                 "It is expected to fail, until someone mends what it found; otherwise to pass");
  shrink_.add_to_shrinking(app());
  app().footer(exit_status_help);
}

// Returns none where its failure does not come again, and says so.
std::optional<KeptSchedule> KeepCommand::shrunk(const simnet::Scenario& scenario,
                                                const simnet::Schedule& schedule) const {
  Attempts attempts(scenario);
  const simnet::Attempt attempt = [&](const simnet::Schedule& one) { return attempts.run(one); };
  const simnet::Outcome whole = attempt(schedule);
  if (const auto missing = not_applied(schedule, whole); !missing.empty()) {
    throw BadInput(
        fmt::format("keep: it would be stale: {} was not applied; expected a schedule "
                    "of this program",
                    missing.front().to_string()));
  }
  if (!whole.failure) {
    if (fails_) {
      throw BadInput("keep: its run passes; --fails is for one that fails");
    }
    fmt::print("it passes, so that nothing is shrunk\n");
    return KeptSchedule{schedule, std::nullopt, false};
  }
  simnet::ShrinkBound bound = shrink_.bound();
  bound.rates = scenario.rates;
  simnet::Shrunk result = shrink(schedule, attempt, bound);
  if (!result.failure) {
    fmt::print(
        "FAILED {}: fails, and passes when it is run again: something in it reads more than "
        "its world; it is not kept\n",
        scenario.name);
    return std::nullopt;
  }
  fmt::print("{}: {} left of {}, in {}{}\n", result.failure->to_string(),
             counted(result.schedule.deviations.size(), "deviation"),
             grouped(result.deviations_before), counted(result.runs, "run"),
             result.minimal ? "" : "; its bound was reached, more may go; go on:");
  if (!result.minimal) {
    fmt::print("{}\n", resuming(result));
  }
  return KeptSchedule{std::move(result.schedule), std::move(result.failure), fails_};
}

std::string KeepCommand::file_of(const simnet::Schedule& schedule) const {
  return simnet::kept_file(folder_, name_.empty() ? simnet::kept_name(schedule) : name_);
}

// The command that shrinks what is kept further, and keeps that in its place.
std::string KeepCommand::resuming(const simnet::Shrunk& result) const {
  const std::string line = result.schedule.to_string();
  if (!fits_a_shell(line)) {
    return std::string(too_long_for_a_shell);
  }
  return fmt::format("rm {} && {} keep {} --in {}{}{} {}", shell_quoted(file_of(result.schedule)),
                     shell_quoted(catalog().program), shell_quoted(line), shell_quoted(folder_),
                     name_.empty() ? "" : " --as " + shell_quoted(name_), fails_ ? " --fails" : "",
                     resuming_flags(result, shrink_.bound()));
}

void KeepCommand::write(const KeptSchedule& kept) const {
  const std::string file = file_of(kept.schedule);
  const std::string wrong = simnet::write_kept(file, kept);
  if (!wrong.empty()) {
    throw BadInput(wrong);
  }
  fmt::print("kept in {}, which is expected to {}; replay it:\n{} kept {}\n", file,
             kept.fails ? "fail" : "pass", shell_quoted(catalog().program), shell_quoted(file));
}

int KeepCommand::run() {
  const ScheduleSource source = read_source(catalog(), "keep", source_);
  std::error_code error;
  if (!std::filesystem::is_directory(folder_, error)) {
    throw BadInput(fmt::format("keep: '{}' is no folder; --in names one", folder_));
  }
  const std::optional<KeptSchedule> kept = shrunk(source.scenario, source.schedule());
  if (!kept) {
    return nondeterministic;
  }
  write(*kept);
  return 0;
}

class KeptCommand final : public Command {
 public:
  KeptCommand(CLI::App& parent, const Catalog& catalog);
  int run() override;

 private:
  [[nodiscard]] std::vector<std::string> files() const;
  [[nodiscard]] int judge(const std::string& file) const;

  std::vector<std::string> paths_;  // what the flags say
};

KeptCommand::KeptCommand(CLI::App& parent, const Catalog& catalog)
    : Command(
          parent.add_subcommand("kept", "Replay kept schedules, and judge whether they still fit"),
          catalog) {
  app()
      .add_option("path", paths_, "Kept schedules, or folders of them")
      ->required()
      ->type_name("FILE|FOLDER");
  app().footer(exit_status_help);
}

std::vector<std::string> KeptCommand::files() const {
  std::vector<std::string> files;
  for (const std::string& path : paths_) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    const auto found = simnet::kept_files(path);
    if (const auto* wrong = std::get_if<KeptError>(&found)) {
      throw BadInput(wrong->to_string());
    }
    const auto& names = std::get<std::vector<std::string>>(found);
    if (names.empty()) {
      throw BadInput(fmt::format("kept: '{}' has no kept schedule; expected NAME{}", path,
                                 simnet::kept_ending));
    }
    files.insert(files.end(), names.begin(), names.end());
  }
  return files;
}

int KeptCommand::run() {
  int status = 0;
  for (const std::string& file : files()) {
    int of_this = 0;
    try {
      of_this = judge(file);
    } catch (const BadInput& bad) {
      of_this = refuse(catalog().program, bad.what());
    }
    status = status == 0 ? of_this : status;
  }
  return status;
}

int KeptCommand::judge(const std::string& file) const {
  const auto read = simnet::read_kept(file);
  if (const auto* wrong = std::get_if<KeptError>(&read)) {
    throw BadInput(wrong->to_string());
  }
  const auto& kept = std::get<KeptSchedule>(read);
  const simnet::Scenario& scenario = catalog().find(file + ": line 1", kept.schedule.scenario);
  const simnet::Outcome outcome = Attempts(scenario).run(kept.schedule);
  const simnet::KeptJudgement judgement =
      judge_kept(file, kept, outcome.failure, not_applied(kept.schedule, outcome));
  if (judgement.verdict == KeptVerdict::as_expected) {
    fmt::print("{}: {} as expected\n", file, kept.fails ? "fails" : "passes");
    return 0;
  }
  fmt::print("FAILED {}\n", judgement.said);
  if (judgement.verdict != KeptVerdict::failed) {
    return failed;
  }
  FailureReportOptions options;
  options.program = catalog().program;
  options.shrinks = false;
  return report_failure(scenario, {kept.schedule, *outcome.failure, outcome.digest}, options);
}

}  // namespace

std::unique_ptr<Command> add_keep_command(CLI::App& app, const Catalog& catalog) {
  return std::make_unique<KeepCommand>(app, catalog);
}

std::unique_ptr<Command> add_kept_command(CLI::App& app, const Catalog& catalog) {
  return std::make_unique<KeptCommand>(app, catalog);
}

}  // namespace rehearsal::harness
