// `keep` saves a failing schedule in a file, which every run of the tests replays. `kept` replays
// such files.
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
#include "harness/failure/explained_failure.hpp"
#include "harness/failure/failure_report.hpp"
#include "harness/flags.hpp"
#include "harness/number_text.hpp"
#include "harness/process/attempts.hpp"
#include "harness/report/export/replayed_run.hpp"
#include "harness/run_text.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/kept.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::harness {
namespace {

using simnet::KeptError;
using simnet::KeptSchedule;
using simnet::KeptVerdict;

struct KeepFlags {
  std::string source;
  std::string name;
  std::string folder = "tests/corpus/kept";
  bool fails = false;
  ShrinkFlags shrink;

  [[nodiscard]] std::string file_of(const simnet::Schedule& schedule) const {
    return simnet::kept_file(folder, name.empty() ? simnet::kept_name(schedule) : name);
  }
};

void add_keep_flags(CLI::App& keep, KeepFlags& flags) {
  keep.add_option("schedule", flags.source,
                  "Schedule of a failure, a file that contains it, or a trace")
      ->required()
      ->type_name("SCHEDULE|FILE");
  keep.add_option("--as", flags.name, "Name of the file (default: made from the scenario)")
      ->check(check_file_name)
      ->type_name("NAME");
  keep.add_option("--in", flags.folder, "Folder of kept schedules")
      ->type_name("FOLDER")
      ->capture_default_str();
  keep.add_flag("--fails", flags.fails, "Mark as a known bug: expect the schedule to fail");
  flags.shrink.add_to_shrinking(keep);
  keep.footer(exit_status_help);
}

// Returns the command that shrinks the kept schedule further and replaces it by the result.
std::string resuming(const KeepFlags& flags, const std::string& program,
                     const simnet::Shrunk& result) {
  const std::string line = result.schedule.to_string();
  if (!fits_a_shell(line)) {
    return std::string(too_long_for_a_shell);
  }
  return fmt::format("rm {} && {} keep {} --in {}{}{} {}",
                     shell_quoted(flags.file_of(result.schedule)), shell_quoted(program),
                     shell_quoted(line), shell_quoted(flags.folder),
                     flags.name.empty() ? "" : " --as " + shell_quoted(flags.name),
                     flags.fails ? " --fails" : "", resuming_flags(result, flags.shrink.bound()));
}

// Returns the shrunk schedule to keep. Prints a line and returns nothing if its failure does not
// happen again.
std::optional<KeptSchedule> shrunk(const KeepFlags& flags, const std::string& program,
                                   const ScheduleSource& source) {
  const simnet::Schedule schedule = source.schedule();
  Attempts attempts(source.scenario);
  const simnet::Outcome whole = attempts.run(schedule);
  if (const auto missing = not_applied(schedule, whole); !missing.empty()) {
    throw BadInput(fmt::format("keep: deviation {} does not apply to this program; nothing kept",
                               missing.front().to_string()));
  }
  if (!whole.failure) {
    if (flags.fails) {
      throw BadInput("keep: the schedule passes; omit --fails");
    }
    fmt::print("the schedule passes; nothing to shrink\n");
    return KeptSchedule{schedule, std::nullopt, false};
  }
  simnet::Shrunk result = attempts.shrink(schedule, flags.shrink.bound());
  if (!result.failure) {
    fmt::print("FAILED {}: nothing kept\n{}", source.scenario.name,
               nondeterminism_text("passes", find_command(program, schedule, source.seeded)));
    return std::nullopt;
  }
  fmt::print("{}: shrunk {}\n", result.failure->to_string(), shrunk_text(result));
  if (!result.minimal) {
    fmt::print("{}\n", resuming(flags, program, result));
  }
  return KeptSchedule{std::move(result.schedule), std::move(result.failure), flags.fails};
}

void keep_in_file(const KeepFlags& flags, const std::string& program, const KeptSchedule& kept) {
  const std::string file = flags.file_of(kept.schedule);
  const std::string wrong = simnet::write_kept(file, kept);
  if (!wrong.empty()) {
    throw BadInput(wrong);
  }
  fmt::print("kept in {} (expected to {}). Replay it with:\n{} kept {}\n", file,
             kept.fails ? "fail" : "pass", shell_quoted(program), shell_quoted(file));
}

int keep_with(const KeepFlags& flags, const Catalog& catalog) {
  const ScheduleSource source = read_source(catalog, "keep", flags.source);
  std::error_code error;
  if (!std::filesystem::is_directory(flags.folder, error)) {
    throw BadInput(
        fmt::format("keep: folder '{}' does not exist; create it or set --in", flags.folder));
  }
  const std::optional<KeptSchedule> kept = shrunk(flags, catalog.program, source);
  if (!kept) {
    return nondeterministic;
  }
  keep_in_file(flags, catalog.program, *kept);
  return 0;
}

// Returns the files that `paths` name, and the kept schedules in the folders that they name.
std::vector<std::string> files_of(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
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
      throw BadInput(fmt::format("kept: folder '{}' has no kept schedules; expected files NAME{}",
                                 path, simnet::kept_ending));
    }
    files.insert(files.end(), names.begin(), names.end());
  }
  return files;
}

// Writes the files of a schedule that passes or fails as expected.
int write_files_of(const Catalog& catalog, const simnet::Scenario& scenario,
                   const KeptSchedule& kept, const simnet::Outcome& outcome,
                   const RunFiles& files) {
  const PageOptions page = page_options(catalog.program, kept.schedule);
  if (!outcome.failure) {
    return write_files(catalog.program, files,
                       replayed_contents(scenario, kept.schedule, "passed", files, page), 0);
  }
  ExplainedFailureOptions options;
  options.again = page.command + '\n';
  options.files = files;
  options.page = page;
  return write_files(catalog.program, files,
                     explain(scenario, kept.schedule, *outcome.failure, options).contents, 0);
}

// Judges a kept schedule, and writes the wanted files.
int judge(const Catalog& catalog, const std::string& file, const RunFiles& wanted) {
  const auto read = simnet::read_kept(file);
  if (const auto* wrong = std::get_if<KeptError>(&read)) {
    throw BadInput(wrong->to_string());
  }
  const auto& kept = std::get<KeptSchedule>(read);
  const simnet::Scenario& scenario = catalog.find(file + ": line 1", kept.schedule.scenario);
  const simnet::Outcome outcome = Attempts(scenario).run(kept.schedule);
  const simnet::KeptJudgement judgement =
      judge_kept(file, kept, outcome.failure, not_applied(kept.schedule, outcome));
  if (judgement.verdict == KeptVerdict::as_expected) {
    fmt::print("{}: {} as expected\n", file, kept.fails ? "fails" : "passes");
    return wanted.any() ? write_files_of(catalog, scenario, kept, outcome, wanted) : 0;
  }
  fmt::print("FAILED {}\n", judgement.said);
  if (judgement.verdict != KeptVerdict::failed) {
    return failed;
  }
  FailureReportOptions options;
  options.program = catalog.program;
  options.shrinks = false;
  options.files = wanted;
  return report_failure(scenario, {kept.schedule, *outcome.failure, outcome.digest}, options);
}

int judge_all(const Catalog& catalog, const std::vector<std::string>& files,
              const RunFiles& wanted) {
  if (wanted.any() && files.size() != 1) {
    throw BadInput(
        fmt::format("kept: --html shows one schedule; expected one file, got {}", files.size()));
  }
  int status = 0;
  for (const std::string& file : files) {
    int of_this = 0;
    try {
      of_this = judge(catalog, file, wanted);
    } catch (const BadInput& bad) {
      of_this = refuse(catalog.program, bad.what());
    }
    status = status == 0 ? of_this : status;
  }
  return status;
}

}  // namespace

Command add_keep_command(CLI::App& app, const Catalog& catalog) {
  CLI::App* keep = app.add_subcommand("keep", "Shrink a failure and keep it as a regression test");
  const auto flags = std::make_shared<KeepFlags>();
  add_keep_flags(*keep, *flags);
  return {keep, [flags, &catalog] { return keep_with(*flags, catalog); }};
}

Command add_kept_command(CLI::App& app, const Catalog& catalog) {
  CLI::App* kept = app.add_subcommand(
      "kept", "Replay kept schedules and check that each passes or fails as expected");
  const auto paths = std::make_shared<std::vector<std::string>>();
  const auto wanted = std::make_shared<RunFiles>();
  kept->add_option("path", *paths, "Kept schedules, or folders that contain them")
      ->required()
      ->type_name("FILE|FOLDER");
  add_file_flags(*kept, *wanted);
  kept->footer(exit_status_help);
  return {kept,
          [paths, wanted, &catalog] { return judge_all(catalog, files_of(*paths), *wanted); }};
}

}  // namespace rehearsal::harness
