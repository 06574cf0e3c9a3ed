#include <cstdint>
#include <filesystem>
#include <fstream>
#include <istream>
#include <limits>
#include <optional>
#include <utility>
#include <variant>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sched/trace_reader.hpp"
#include "servers/commands.hpp"
#include "servers/flags.hpp"
#include "servers/gdb.hpp"
#include "servers/recording_commands.hpp"
#include "servers/recording_files.hpp"
#include "servers/single_run.hpp"

namespace rehearsal::servers {
namespace {

std::string_view without_breaks(std::string_view text) {
  const std::size_t last = text.find_last_not_of("\r\n");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// How a trace is to be run again.
struct Recorded {
  sched::TraceHeader header;
  std::optional<sched::TraceEnd> end;
  std::optional<sched::TraceError> error;
};

Recorded read_trace(std::istream& in) {
  Recorded recorded;
  sched::TraceReader reader(in);
  if (reader.header() != nullptr) {
    recorded.header = *reader.header();
  }
  for (;;) {
    const sched::TraceReader::Item item = reader.next();
    if (const auto* end = std::get_if<sched::TraceEnd>(&item)) {
      recorded.end = *end;
      return recorded;
    }
    if (const auto* error = std::get_if<sched::TraceError>(&item)) {
      recorded.error = *error;
      return recorded;
    }
  }
}

// Both are given a run that was had before.
enum class Verb : std::uint8_t { replay, shrink };

class ReplayCommand final : public Command {
 public:
  ReplayCommand(CLI::App& app, const Catalog& catalog, Verb verb);
  [[nodiscard]] bool asked() const override { return replay_->parsed(); }
  int run() override;

 private:
  int replay_trace(const std::string& file, std::istream& in);
  int replay_text(const std::string& where, std::string_view text);
  [[nodiscard]] SingleRunOptions options() const;

  const Catalog& catalog_;
  Verb verb_;
  CLI::App* replay_;
  // What the flags say.
  std::string schedule_;
  std::string trace_file_;
  std::uint64_t until_ = 0;
  std::uint64_t reach_ = 0;
  std::uint64_t shrink_runs_ = simnet::ShrinkBound().runs;
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
    replay_->add_option("--shrink-runs", shrink_runs_, "How many runs it may take")
        ->check(whole_number(1, most))
        ->type_name("N")
        ->capture_default_str();
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
  replay_->add_flag("--gdb", gdb_, "Run it under gdb, up to the step at which it fails");
}

int ReplayCommand::run() {
  std::error_code error;
  if (verb_ == Verb::replay && is_recording(schedule_)) {
    return replay_recording(catalog_.program, schedule_, catalog_.servers);
  }
  if (!std::filesystem::exists(schedule_, error)) {
    if (schedule_.find(' ') == std::string::npos) {
      return catalog_.refuse(
          fmt::format("{}: '{}' is no file and no schedule, as in 'NAME data=1 run/host/0/1=2'",
                      replay_->get_name(), schedule_));
    }
    return replay_text(replay_->get_name(), schedule_);
  }
  std::ifstream in(schedule_, std::ios::binary);
  std::string line;
  if (!in || !std::getline(in, line)) {
    return catalog_.refuse(
        fmt::format("{}: cannot be read; expected a schedule or a trace", schedule_));
  }
  if (line.starts_with('{')) {
    in.seekg(0);
    return replay_trace(schedule_, in);
  }
  return replay_text(schedule_ + ": line 1", without_breaks(line));
}

// Only a whole trace says what its run came to.
int ReplayCommand::replay_trace(const std::string& file, std::istream& in) {
  const Recorded recorded = read_trace(in);
  if (recorded.error) {
    return catalog_.refuse(fmt::format("{}: {}", file, recorded.error->to_string()));
  }
  const std::string where = file + ": line 1";
  const sched::TraceHeader& header = recorded.header;
  const simnet::Scenario* scenario = catalog_.find(header.scenario);
  if (scenario == nullptr) {
    return catalog_.unknown_scenario(where, header.scenario);
  }
  SingleRunOptions how = options();
  how.digest = recorded.end->digest;
  const std::string& line =
      recorded.end->schedule.empty() ? header.schedule : recorded.end->schedule;
  if (!line.empty()) {
    const auto parsed = simnet::parse_schedule(line);
    if (const auto* error = std::get_if<simnet::ScheduleError>(&parsed)) {
      return catalog_.refuse(fmt::format("{}: its schedule: {}", file, error->to_string()));
    }
    return gdb_ ? replay_under_gdb(catalog_.program, *scenario, std::get<simnet::Schedule>(parsed))
                : replay_once(*scenario, std::get<simnet::Schedule>(parsed), how);
  }
  if (gdb_) {
    return catalog_.refuse(fmt::format("{}: it has no schedule, which --gdb needs", where));
  }
  const auto policy = simnet::NamedPolicy::parse(header.policy);
  if (!policy) {
    return catalog_.refuse(fmt::format("{}: it has no schedule, and '{}' is not one of {}", where,
                                       header.policy, simnet::NamedPolicy::names()));
  }
  return run_once(*scenario, {header.seed, *policy}, how);
}

SingleRunOptions ReplayCommand::options() const {
  SingleRunOptions how;
  how.program = catalog_.program;
  how.trace_file = trace_file_;
  how.until = until_;
  how.isolated = !no_fork_;
  how.reach = reach_;
  how.shrinks = verb_ == Verb::shrink;
  how.bound.runs = shrink_runs_;
  return how;
}

int ReplayCommand::replay_text(const std::string& where, std::string_view text) {
  const auto parsed = simnet::parse_schedule(text);
  if (const auto* error = std::get_if<simnet::ScheduleError>(&parsed)) {
    return catalog_.refuse(fmt::format("{}: {}", where, error->to_string()));
  }
  const auto& schedule = std::get<simnet::Schedule>(parsed);
  const simnet::Scenario* scenario = catalog_.find(schedule.scenario);
  if (scenario == nullptr) {
    return catalog_.unknown_scenario(where, schedule.scenario);
  }
  return gdb_ ? replay_under_gdb(catalog_.program, *scenario, schedule)
              : replay_once(*scenario, schedule, options());
}

}  // namespace

std::unique_ptr<Command> add_replay_command(CLI::App& app, const Catalog& catalog) {
  return std::make_unique<ReplayCommand>(app, catalog, Verb::replay);
}

std::unique_ptr<Command> add_shrink_command(CLI::App& app, const Catalog& catalog) {
  return std::make_unique<ReplayCommand>(app, catalog, Verb::shrink);
}

}  // namespace rehearsal::servers
