#include "servers/scenario_commands.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <utility>
#include <variant>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sched/trace_reader.hpp"
#include "servers/determinism.hpp"
#include "servers/flags.hpp"
#include "servers/single_run.hpp"
#include "servers/trace_commands.hpp"

namespace rehearsal::servers {
namespace {

constexpr std::uint64_t most_jobs = 256;
constexpr std::uint64_t most_seed = std::numeric_limits<std::uint64_t>::max();

bool parse_seeds(std::string_view text, std::uint64_t& first, std::uint64_t& last) {
  const std::size_t dots = text.find("..");
  // A sweep of all numbers would have one run more than a number can count.
  return dots != std::string_view::npos && parse_number(text.substr(0, dots), first) &&
         parse_number(text.substr(dots + 2), last) && first <= last && last - first < most_seed;
}

std::string check_seeds(const std::string& text) {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  return parse_seeds(text, first, last)
             ? std::string()
             : fmt::format("'{}' is not FIRST..LAST, as in 1..1000", text);
}

std::string check_policy(const std::string& text) {
  return simnet::NamedPolicy::parse(text)
             ? std::string()
             : fmt::format("'{}' is not one of {}", text, simnet::NamedPolicy::names());
}

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

}  // namespace

ScenarioCommands::ScenarioCommands(CLI::App& app, std::string program, Scenarios scenarios)
    : program_(std::move(program)), scenarios_(std::move(scenarios)) {
  list_ = app.add_subcommand("list", "List the scenarios that can be rehearsed");
  add_run(app);
  add_replay(app);
  add_trace(app);
}

void ScenarioCommands::add_run(CLI::App& app) {
  run_ = app.add_subcommand("run", "Rehearse a scenario in a simulated network");
  run_->add_option("scenario", scenario_, "One that `list` names")->required();
  CLI::Option* seed = run_->add_option("--seed", seed_, "Run it once, under this seed")
                          ->check(whole_number(0, most_seed))
                          ->type_name("N")
                          ->capture_default_str();
  CLI::Option* seeds = run_->add_option("--seeds", seeds_,
                                        "Run it once under each of these seeds, and judge whether "
                                        "every fault came")
                           ->check(check_seeds)
                           ->type_name("FIRST..LAST")
                           ->excludes(seed);
  run_->add_option("--policy", policy_,
                   "How choices are made: one of " + simnet::NamedPolicy::names())
      ->check(check_policy)
      ->type_name("NAME")
      ->capture_default_str();
  run_->add_option("--jobs", jobs_, "Processes that share the seeds")
      ->check(whole_number(1, most_jobs))
      ->type_name("J")
      ->capture_default_str()
      ->needs(seeds);
  run_->add_option("--trace", trace_file_, "Write what happens, event by event, to this file")
      ->type_name("FILE")
      ->excludes(seeds);
  run_->add_flag("--check-determinism", checks_determinism_,
                 "Run each seed in two processes that differ in all but the schedule, and compare");
}

void ScenarioCommands::add_replay(CLI::App& app) {
  replay_ = app.add_subcommand("replay", "Run a schedule, or a trace, once more");
  replay_
      ->add_option("schedule", schedule_,
                   "The line that a failure gave, or a file of it or of a trace")
      ->required()
      ->type_name("SCHEDULE|FILE");
  replay_->add_option("--until", until_, "Stop after this event, from 1, and show what led to it")
      ->check(whole_number(1, most_seed))
      ->type_name("EVENT");
  replay_->add_option("--trace", trace_file_, "Write what happens, event by event, to this file")
      ->type_name("FILE");
}

void ScenarioCommands::add_trace(CLI::App& app) {
  CLI::App* trace = app.add_subcommand("trace", "Look at traces");
  trace->require_subcommand(1);
  show_ = trace->add_subcommand("show", "Print the events of a trace");
  show_->add_option("file", left_, "The trace")->required()->type_name("FILE");
  diff_ = trace->add_subcommand("diff", "Find the first event at which two traces part");
  diff_->add_option("left", left_, "A trace")->required()->type_name("FILE");
  diff_->add_option("right", right_, "Another one")->required()->type_name("FILE");
}

int ScenarioCommands::run() {
  scramble_heap_where_asked();
  if (run_->parsed()) {
    return run_one_or_sweep();
  }
  if (replay_->parsed()) {
    return replay();
  }
  if (show_->parsed()) {
    return show_trace(program_, left_);
  }
  if (diff_->parsed()) {
    return diff_traces(program_, left_, right_);
  }
  return list();
}

int ScenarioCommands::list() const {
  std::size_t widest = 0;
  for (const simnet::Scenario& scenario : scenarios_) {
    widest = std::max(widest, scenario.name.size());
  }
  for (const simnet::Scenario& scenario : scenarios_) {
    fmt::print("{:<{}}  {}\n", scenario.name, widest, scenario.description);
  }
  return 0;
}

const simnet::Scenario* ScenarioCommands::find(std::string_view name) const {
  const auto found = std::ranges::find(scenarios_, name, &simnet::Scenario::name);
  return found == scenarios_.end() ? nullptr : &*found;
}

int ScenarioCommands::refuse(const std::string& what) const {
  return servers::refuse(program_, what);
}

int ScenarioCommands::unknown_scenario(const std::string& where, std::string_view name) const {
  std::string names;
  for (const simnet::Scenario& scenario : scenarios_) {
    names += (names.empty() ? "" : ", ") + scenario.name;
  }
  return refuse(fmt::format("{}: '{}' is no scenario; expected one of {}", where, name, names));
}

int ScenarioCommands::run_one_or_sweep() {
  const simnet::Scenario* scenario = find(scenario_);
  if (scenario == nullptr) {
    return unknown_scenario("run", scenario_);
  }
  const simnet::NamedPolicy policy = *simnet::NamedPolicy::parse(policy_);
  if (checks_determinism_) {
    std::uint64_t first = seed_;
    std::uint64_t last = seed_;
    if (!seeds_.empty()) {
      parse_seeds(seeds_, first, last);
    }
    int status = 0;
    for (std::uint64_t seed = first; seed - first <= last - first; ++seed) {
      status = std::max(status, check_determinism(program_, *scenario, {seed, policy}));
    }
    return status;
  }
  if (seeds_.empty()) {
    return run_once(*scenario, {seed_, policy}, single_run());
  }
  SweepOptions options;
  options.program = program_;
  options.policy = policy;
  options.jobs = jobs_;
  return parse_seeds(seeds_, options.first_seed, options.last_seed) ? sweep(*scenario, options)
                                                                    : bad_input;
}

int ScenarioCommands::replay() {
  std::error_code error;
  if (!std::filesystem::exists(schedule_, error)) {
    if (schedule_.find(' ') == std::string::npos) {
      return refuse(
          fmt::format("replay: '{}' is no file and no schedule, as in 'NAME data=1 "
                      "run/host/0/1=2'",
                      schedule_));
    }
    return replay_text("replay", schedule_);
  }
  std::ifstream in(schedule_, std::ios::binary);
  std::string line;
  if (!in || !std::getline(in, line)) {
    return refuse(fmt::format("{}: cannot be read; expected a schedule or a trace", schedule_));
  }
  if (line.starts_with('{')) {
    in.seekg(0);
    return replay_trace(schedule_, in);
  }
  return replay_text(schedule_ + ": line 1", without_breaks(line));
}

// Only a whole trace says what its run came to.
int ScenarioCommands::replay_trace(const std::string& file, std::istream& in) {
  const Recorded recorded = read_trace(in);
  if (recorded.error) {
    return refuse(fmt::format("{}: {}", file, recorded.error->to_string()));
  }
  const std::string where = file + ": line 1";
  const sched::TraceHeader& header = recorded.header;
  const simnet::Scenario* scenario = find(header.scenario);
  if (scenario == nullptr) {
    return unknown_scenario(where, header.scenario);
  }
  SingleRunOptions options = single_run();
  options.digest = recorded.end->digest;
  const std::string& line =
      recorded.end->schedule.empty() ? header.schedule : recorded.end->schedule;
  if (!line.empty()) {
    const auto parsed = simnet::parse_schedule(line);
    if (const auto* error = std::get_if<simnet::ScheduleError>(&parsed)) {
      return refuse(fmt::format("{}: its schedule: {}", file, error->to_string()));
    }
    return replay_once(*scenario, std::get<simnet::Schedule>(parsed), options);
  }
  const auto policy = simnet::NamedPolicy::parse(header.policy);
  if (!policy) {
    return refuse(fmt::format("{}: it has no schedule, and '{}' is not one of {}", where,
                              header.policy, simnet::NamedPolicy::names()));
  }
  return run_once(*scenario, {header.seed, *policy}, options);
}

SingleRunOptions ScenarioCommands::single_run() const {
  SingleRunOptions options;
  options.program = program_;
  options.trace_file = trace_file_;
  options.until = until_;
  return options;
}

int ScenarioCommands::replay_text(const std::string& where, std::string_view text) {
  const auto parsed = simnet::parse_schedule(text);
  if (const auto* error = std::get_if<simnet::ScheduleError>(&parsed)) {
    return refuse(fmt::format("{}: {}", where, error->to_string()));
  }
  const auto& schedule = std::get<simnet::Schedule>(parsed);
  const simnet::Scenario* scenario = find(schedule.scenario);
  if (scenario == nullptr) {
    return unknown_scenario(where, schedule.scenario);
  }
  return replay_once(*scenario, schedule, single_run());
}

int run_scenarios(int argc, char** argv, const Scenarios& scenarios) {
  CLI::App app("Rehearses its scenarios in a simulated network",
               std::filesystem::path(argv[0]).filename().string());
  app.require_subcommand(1);
  ScenarioCommands commands(app, argv[0], scenarios);
  int status = 0;
  return parsed(app, argc, argv, status) ? commands.run() : status;
}

}  // namespace rehearsal::servers
