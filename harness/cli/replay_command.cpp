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
#include "harness/process/gdb.hpp"
#include "harness/sweep/single_run.hpp"
#include "record/files/recording_files.hpp"

namespace rehearsal::harness {
namespace {

// Both are given a run that was had before.
enum class Verb : std::uint8_t { replay, shrink };

class ReplayCommand final : public Command {
 public:
  ReplayCommand(CLI::App& parent, const Catalog& catalog, Verb verb);
  int run() override;

 private:
  [[nodiscard]] SingleRunOptions options() const;

  Verb verb_;
  // What the flags say.
  std::string schedule_;
  std::string trace_file_;
  std::uint64_t until_ = 0;
  std::uint64_t reach_ = 0;
  ShrinkFlags shrink_;
  bool no_fork_ = false;
  bool gdb_ = false;
};

ReplayCommand::ReplayCommand(CLI::App& parent, const Catalog& catalog, Verb verb)
    : Command(
          verb == Verb::replay
              ? parent.add_subcommand("replay", "Run a schedule, a trace or a recording once more")
              : parent.add_subcommand("shrink",
                                      "Take from a failing schedule what its failure "
                                      "does not need"),
          catalog),
      verb_(verb) {
  app()
      .add_option("schedule", schedule_,
                  verb == Verb::replay
                      ? "The line that a failure gave, a file of it or of a trace, or the "
                        "directory of a recording"
                      : "The line that a failure gave, or a file of it or of a trace")
      ->required()
      ->type_name(verb == Verb::replay ? "SCHEDULE|FILE|DIR" : "SCHEDULE|FILE");
  app().footer(exit_status_help);
  if (verb == Verb::shrink) {
    shrink_.add_to_shrinking(app());
    return;
  }
  app()
      .add_option("--until", until_, "Stop after this event, from 1, and show what led to it")
      ->check(whole_number(1))
      ->type_name("EVENT");
  app()
      .add_option("--trace", trace_file_, "Write what happens, event by event, to this file")
      ->type_name("FILE");
  app().add_flag("--no-fork", no_fork_,
                 "Run it in this process, for a debugger; a crash ends it, and nothing is "
                 "explained");
  app()
      .add_option("--reach", reach_,
                  "Call rehearsal_reached() as this step begins, for a breakpoint")
      ->check(whole_number(1))
      ->type_name("STEP")
      ->needs("--no-fork");
  app()
      .add_flag("--gdb", gdb_, "Run it under gdb, up to the step at which it fails")
      ->excludes("--until")
      ->excludes("--trace")
      ->excludes("--no-fork");
}

int ReplayCommand::run() {
  if (verb_ == Verb::replay && record::is_recording(schedule_)) {
    return replay_recording(schedule_, catalog().servers);
  }
  const ScheduleSource source = read_source(catalog(), app().get_name(), schedule_);
  const auto* schedule = std::get_if<simnet::Schedule>(&source.how);
  if (gdb_) {
    if (schedule == nullptr) {
      throw BadInput(schedule_ + ": line 1: it has no schedule, which --gdb needs");
    }
    replay_under_gdb(source.scenario, *schedule);
  }
  SingleRunOptions how = options();
  how.digest = source.digest;
  return schedule != nullptr
             ? replay_once(source.scenario, *schedule, how)
             : run_once(source.scenario, std::get<simnet::SeededRun>(source.how), how);
}

SingleRunOptions ReplayCommand::options() const {
  SingleRunOptions how;
  how.report = shrink_.reported(catalog().program);
  how.report.shrinks = verb_ == Verb::shrink;
  how.trace_file = trace_file_;
  how.until = until_;
  how.isolated = !no_fork_;
  how.reach = reach_;
  return how;
}

}  // namespace

std::unique_ptr<Command> add_replay_command(CLI::App& app, const Catalog& catalog) {
  return std::make_unique<ReplayCommand>(app, catalog, Verb::replay);
}

std::unique_ptr<Command> add_shrink_command(CLI::App& app, const Catalog& catalog) {
  return std::make_unique<ReplayCommand>(app, catalog, Verb::shrink);
}

}  // namespace rehearsal::harness
