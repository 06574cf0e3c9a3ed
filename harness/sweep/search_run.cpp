#include "harness/sweep/search_run.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "harness/flags.hpp"
#include "harness/number_text.hpp"
#include "harness/process/attempts.hpp"
#include "harness/process/child.hpp"
#include "harness/process/run_log.hpp"
#include "harness/process/shared_memory.hpp"
#include "harness/process/stop_signals.hpp"
#include "harness/report/failure_report.hpp"
#include "harness/run_text.hpp"
#include "simnet/choices/choices.hpp"
#include "simnet/network/fabric.hpp"
#include "simnet/search/delay_bounded.hpp"
#include "simnet/search/exhaustive.hpp"
#include "simnet/search/faults.hpp"

namespace rehearsal::harness {
namespace {

constexpr std::uint32_t usual_delays = 2;
constexpr std::uint32_t usual_faults = 1;
constexpr std::uint64_t most_at_all = 100;  // delays or faults

// The progress of the child that searches. It survives a crash of the child.
struct Standing {
  std::atomic<std::uint64_t> run{0};  // number of the current run, from 1
  std::atomic<bool> stops{false};     // the search must end before the next run
};

// A search in a child. It is deterministic, so after a crash it is repeated twice: first up to the
// run that crashed, to count its events, then to its last event, to read its schedule.
class SearchInChild {
 public:
  SearchInChild(const simnet::Scenario& scenario, const SearchPlan& plan)
      : scenario_(scenario), plan_(plan) {}

  int run();

 private:
  using Watch = std::function<void(simnet::World& world)>;

  // Searches; called in the child. If `number` is not 0, calls `watch` when the run of this number
  // starts, and ends after it.
  simnet::SearchReport search(std::uint64_t number, const Watch& watch);
  simnet::SearchReport search() { return search(0, nullptr); }
  RunEnded search_and_print();
  [[nodiscard]] int conclude(const simnet::SearchReport& report) const;
  std::optional<RunEnded> hear(Child& child);
  int crashes(Child& child);
  simnet::Schedule schedule_of(std::uint64_t number);
  [[nodiscard]] int report(const FoundFailure& found) const;

  const simnet::Scenario& scenario_;
  const SearchPlan& plan_;
  StopSignals signals_;
  bool interrupted_ = false;
  SharedMemory<Standing> standing_;
};

simnet::SearchReport SearchInChild::search(std::uint64_t number, const Watch& watch) {
  standing_->run = 0;
  simnet::Scenario watched = scenario_;
  watched.build = [&](simnet::World& world) {
    if (++standing_->run == number) {
      watch(world);
    }
    scenario_.build(world);
  };
  SearchPlan plan = plan_;
  plan.runs = number != 0 ? number : plan_.runs;  // the run may not crash again
  simnet::SearchOptions options;
  options.interrupted = [this] { return standing_->stops.load(); };
  RunLog log;
  log.keep(false);  // a failing run is repeated with its log
  return plan.search(watched, options);
}

RunEnded SearchInChild::search_and_print() {
  const simnet::SearchReport report = search();
  fmt::print("{}{}: {}\n", report.failures == 0 ? "" : "FAILED ", scenario_.name,
             report.to_string());
  if (!report.failure) {
    return {{}, static_cast<std::uint64_t>(conclude(report)), {}};
  }
  const simnet::RunResult& failure = *report.failure;
  fmt::print("  run {}: {}\n  {}, digest {:016x}\n", report.failed_at, describe(failure.report),
             counted(failure.schedule.deviations.size(), "deviation"), failure.report.digest);
  return {outcome_of(failure), failed, {}};
}

// Prints what no run came to, after a search without a failing run. Returns the exit status.
int SearchInChild::conclude(const simnet::SearchReport& report) const {
  for (const std::string& note : report.notes) {
    fmt::print("  {}\n", note);
  }
  if (report.end == simnet::SearchEnd::interrupted) {
    return interrupted;
  }
  for (const std::string& unreached : report.unreached) {
    fmt::print("FAILED {}: {}\n", scenario_.name, unreached);
  }
  return report.unreached.empty() ? 0 : failed;
}

// Waits for the result of the child. Returns nothing if it crashed.
std::optional<RunEnded> SearchInChild::hear(Child& child) {
  for (;;) {
    if (const std::optional<Message> message = child.next()) {
      return std::get<RunEnded>(*message);
    }
    std::array<pollfd, 2> waits = {
        {{child.descriptor(), POLLIN, 0}, {signals_.descriptor(), POLLIN, 0}}};
    ::poll(waits.data(), waits.size(), -1);
    if (signals_.came()) {
      if (std::exchange(interrupted_, true)) {
        child.kill();  // a second signal stops it at once
      }
      standing_->stops = true;
    }
    if (waits[0].revents != 0 && !child.receive()) {
      return std::nullopt;
    }
  }
}

int SearchInChild::run() {
  Child child([this](const Parent& parent) { parent.tell(search_and_print()); });
  const std::optional<RunEnded> ended = hear(child);
  signals_.release();
  if (!ended) {
    return interrupted_ ? interrupted : crashes(child);
  }
  std::fputs(child.wait().errors.c_str(), stderr);
  const simnet::Outcome& outcome = ended->outcome;
  if (!outcome.failure) {
    return static_cast<int>(ended->status);
  }
  return report(
      {{scenario_.name, plan_.data_seed, outcome.deviated}, *outcome.failure, outcome.digest});
}

int SearchInChild::crashes(Child& child) {
  const ChildEnd end = child.wait();
  const std::uint64_t number = standing_->run;
  fmt::print("FAILED {}: run {} of the search: the process crashed: {}\n{}", scenario_.name,
             grouped(number), end.how, indented(end.errors, "  "));
  std::fflush(stdout);
  return report({schedule_of(number), crash(end), 0});
}

simnet::Schedule SearchInChild::schedule_of(std::uint64_t number) {
  standing_->stops = false;
  const SharedMemory<Reached> reached;
  CountsEvents counts(*reached);
  const auto count = [&](simnet::World& world) { counts.begins(world); };
  run_in_child([&](const Parent& /*parent*/) { search(number, count); }, [](Message&) {});
  simnet::Schedule schedule{scenario_.name, plan_.data_seed, {}};
  const auto tell_deviations = [&](const Parent& parent) {
    search(number, [&](simnet::World& world) {
      const auto tell = [&parent, &world] {
        world.end_schedule();
        for (const simnet::Deviation& deviation : world.choices().deviations()) {
          parent.tell(Deviates{deviation});
        }
        ::_exit(0);
      };
      if (reached->event == 0) {
        tell();
      }
      world.fabric().listener = [&reached, &world, tell](const simnet::RunEvent& /*event*/) {
        if (world.fabric().events == reached->event) {
          tell();
        }
      };
    });
  };
  run_in_child(tell_deviations, [&schedule](Message& message) {
    schedule.deviations.push_back(std::move(std::get<Deviates>(message).deviation));
  });
  return schedule;
}

int SearchInChild::report(const FoundFailure& found) const {
  fmt::print("Reproduce\n{}\n", replay_command(plan_.report.program, found.schedule.to_string(),
                                               std::string(too_long_for_a_shell)));
  return report_failure(scenario_, found, plan_.report);
}

}  // namespace

std::optional<SearchPlan> SearchPlan::parse(std::string_view policy) {
  if (policy == "exhaustive") {
    return SearchPlan{};
  }
  const std::string_view name = policy.substr(0, policy.find(':'));
  SearchPlan plan;
  if (name == "delays") {
    plan.kind = Kind::delays;
    plan.most = usual_delays;
  } else if (name == "faults") {
    plan.kind = Kind::faults;
    plan.most = usual_faults;
  } else {
    return std::nullopt;
  }
  if (policy.size() == name.size()) {
    return plan;
  }
  const std::string_view digits = policy.substr(name.size() + 1);
  std::uint64_t most = 0;
  if (!parse_number(digits, most) || digits.starts_with('0') || most > most_at_all) {
    return std::nullopt;
  }
  plan.most = static_cast<std::uint32_t>(most);
  return plan;
}

simnet::SearchReport SearchPlan::search(const simnet::Scenario& scenario,
                                        simnet::SearchOptions options) const {
  options.runs = runs;
  options.data_seed = data_seed;
  switch (kind) {
    case Kind::faults:
      return simnet::search_faults(scenario, most, options);
    case Kind::delays: {
      simnet::DelayBounded delays(most);
      return simnet::search(scenario, options, delays);
    }
    case Kind::exhaustive:
      break;
  }
  simnet::Exhaustive exhaustive;
  return simnet::search(scenario, options, exhaustive);
}

std::string check_policy(const std::string& text) {
  return simnet::NamedPolicy::parse(text) || SearchPlan::parse(text)
             ? std::string()
             : fmt::format("'{}' is not one of {}, {}", text, simnet::NamedPolicy::names(),
                           SearchPlan::names());
}

int run_search(const simnet::Scenario& scenario, const SearchPlan& plan) {
  return SearchInChild(scenario, plan).run();
}

}  // namespace rehearsal::harness
