#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include <CLI/CLI.hpp>

#include "harness/cli/commands.hpp"
#include "harness/cli/recording_commands.hpp"
#include "harness/cli/schedule_source.hpp"
#include "harness/cli/shrink_flags.hpp"
#include "harness/flags.hpp"
#include "harness/gdb/gdb.hpp"
#include "harness/sweep/single_run.hpp"
#include "record/files/recording_files.hpp"

namespace rehearsal::harness {
namespace {

struct ReplayFlags {
  std::string schedule;
  std::string trace_file;
  RunFiles files;
  std::uint64_t until = 0;
  std::uint64_t reach = 0;
  ShrinkFlags shrink;
  bool no_fork = false;
  bool gdb = false;
};

void add_replay_flags(CLI::App& replay, ReplayFlags& flags) {
  replay
      .add_option("schedule", flags.schedule,
                  "Schedule of a failure, a file that contains it, a trace, or the directory of a "
                  "recording")
      ->required()
      ->type_name("SCHEDULE|FILE|DIR");
  replay
      .add_option("--until", flags.until,
                  "Stop after event number EVENT (from 1) and show the events before it")
      ->check(whole_number(1))
      ->type_name("EVENT");
  replay.add_option("--trace", flags.trace_file, "Write a trace of the run to FILE")
      ->type_name("FILE");
  replay.add_flag("--no-fork", flags.no_fork,
                  "Run in this process, for debugging: no shrinking, no report, a crash ends the "
                  "program");
  replay
      .add_option("--reach", flags.reach,
                  "Call rehearsal_reached() as step number STEP begins, for a breakpoint")
      ->check(whole_number(1))
      ->type_name("STEP");
  replay
      .add_flag("--gdb", flags.gdb, "Run in gdb and stop as the step that fails, or STEP, begins")
      ->excludes("--until")
      ->excludes("--trace")
      ->excludes("--no-fork");
  add_file_flags(replay, flags.files, {"--until", "--gdb", "--no-fork"});
  replay.footer(exit_status_help);
}

int run_source(const ScheduleSource& source, SingleRunOptions how) {
  how.digest = source.digest;
  how.seeded = source.seeded;
  const auto* schedule = std::get_if<simnet::Schedule>(&source.how);
  return schedule != nullptr
             ? replay_once(source.scenario, *schedule, how)
             : run_once(source.scenario, std::get<simnet::SeededRun>(source.how), how);
}

int replay_with(const ReplayFlags& flags, const Catalog& catalog) {
  if (record::is_recording(flags.schedule)) {
    return replay_recording(flags.schedule, catalog.servers);
  }
  if (flags.reach != 0 && !flags.gdb && !flags.no_fork) {
    throw BadInput("replay: --reach needs --gdb or --no-fork");
  }
  const ScheduleSource source = read_source(catalog, "replay", flags.schedule);
  if (flags.gdb) {
    const auto* schedule = std::get_if<simnet::Schedule>(&source.how);
    if (schedule == nullptr) {
      throw BadInput(flags.schedule + ": line 1: the trace has no schedule; omit --gdb");
    }
    replay_under_gdb(source.scenario, *schedule, flags.reach);
  }
  SingleRunOptions how;
  how.report = flags.shrink.reported(catalog.program);
  how.report.shrinks = false;
  how.report.files = flags.files;
  how.trace_file = flags.trace_file;
  how.until = flags.until;
  how.isolated = !flags.no_fork;
  how.reach = flags.reach;
  return run_source(source, how);
}

int shrink_with(const ReplayFlags& flags, const Catalog& catalog) {
  SingleRunOptions how;
  how.report = flags.shrink.reported(catalog.program);
  how.report.files = flags.files;
  return run_source(read_source(catalog, "shrink", flags.schedule), how);
}

}  // namespace

Command add_replay_command(CLI::App& app, const Catalog& catalog) {
  CLI::App* replay = app.add_subcommand("replay", "Replay a schedule, a trace or a recording");
  const auto flags = std::make_shared<ReplayFlags>();
  add_replay_flags(*replay, *flags);
  return {replay, [flags, &catalog] { return replay_with(*flags, catalog); }};
}

Command add_shrink_command(CLI::App& app, const Catalog& catalog) {
  CLI::App* shrink =
      app.add_subcommand("shrink", "Remove the deviations that a failure does not need");
  const auto flags = std::make_shared<ReplayFlags>();
  shrink
      ->add_option("schedule", flags->schedule,
                   "Schedule of a failure, a file that contains it, or a trace")
      ->required()
      ->type_name("SCHEDULE|FILE");
  add_file_flags(*shrink, flags->files);
  shrink->footer(exit_status_help);
  flags->shrink.add_to_shrinking(*shrink);
  return {shrink, [flags, &catalog] { return shrink_with(*flags, catalog); }};
}

}  // namespace rehearsal::harness
