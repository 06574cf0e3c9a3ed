#include <cstdint>
#include <limits>
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
  ReplayCommand(CLI::App& app, const Catalog& catalog, Verb verb);
  [[nodiscard]] bool asked() const override { return replay_->parsed(); }
  int run() override;

 private:
  [[nodiscard]] SingleRunOptions options() const;

  const Catalog& catalog_;
  Verb verb_;
  CLI::App* replay_;
  // What the flags say.
  std::string schedule_;
  std::string trace_file_;
  std::uint64_t until_ = 0;
  std::uint64_t reach_ = 0;
  ShrinkFlags shrink_;
  bool no_fork_ = false;
  bool gdb_ = false;
};

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

ReplayCommand::ReplayCommand(CLI::App& app, const Catalog& catalog, Verb verb)
    : catalog_(catalog),
      verb_(verb),
      replay_(verb == Verb::replay
                  ? app.add_subcommand("replay", "Run a schedule, a trace or a recording once more")
                  : app.add_subcommand("shrink",
                                       "Take from a failing schedule what its failure "
                                       "does not need")) {
  replay_
      ->add_option("schedule", schedule_,
                   verb == Verb::replay
                       ? "The line that a failure gave, a file of it or of a trace, or the "
                         "directory of a recording"
                       : "The line that a failure gave, or a file of it or of a trace")
      ->required()
      ->type_name(verb == Verb::replay ? "SCHEDULE|FILE|DIR" : "SCHEDULE|FILE");
  replay_->footer(exit_status_help);
  if (verb == Verb::shrink) {
    shrink_.add_to_shrinking(*replay_);
    return;
  }
  replay_->add_option("--until", until_, "Stop after this event, from 1, and show what led to it")
      ->check(whole_number(1, most))
      ->type_name("EVENT");
  replay_->add_option("--trace", trace_file_, "Write what happens, event by event, to this file")
      ->type_name("FILE");
  replay_->add_flag("--no-fork", no_fork_,
                    "Run it in this process, for a debugger; a crash ends it, and nothing is "
                    "explained");
  replay_
      ->add_option("--reach", reach_,
                   "Call rehearsal_reached() as this step begins, for a breakpoint")
      ->check(whole_number(1, most))
      ->type_name("STEP")
      ->needs("--no-fork");
  replay_->add_flag("--gdb", gdb_, "Run it under gdb, up to the step at which it fails")
      ->excludes("--until")
      ->excludes("--trace")
      ->excludes("--no-fork");
}

int ReplayCommand::run() {
  if (verb_ == Verb::replay && record::is_recording(schedule_)) {
    return replay_recording(catalog_.program, schedule_, catalog_.servers);
  }
  const auto read = read_source(catalog_, replay_->get_name(), schedule_);
  const auto* source = std::get_if<ScheduleSource>(&read);
  if (source == nullptr) {
    return std::get<int>(read);
  }
  SingleRunOptions how = options();
  how.digest = source->digest;
  if (const auto* schedule = std::get_if<simnet::Schedule>(&source->how)) {
    return gdb_ ? replay_under_gdb(catalog_.program, *source->scenario, *schedule)
                : replay_once(*source->scenario, *schedule, how);
  }
  if (gdb_) {
    return catalog_.refuse(schedule_ + ": line 1: it has no schedule, which --gdb needs");
  }
  return run_once(*source->scenario, std::get<simnet::SeededRun>(source->how), how);
}

SingleRunOptions ReplayCommand::options() const {
  SingleRunOptions how;
  how.program = catalog_.program;
  how.trace_file = trace_file_;
  how.until = until_;
  how.isolated = !no_fork_;
  how.reach = reach_;
  how.shrinks = verb_ == Verb::shrink;
  how.bound = shrink_.bound();
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
