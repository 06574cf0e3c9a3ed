#include "harness/sweep/search_in_child.hpp"

#include <poll.h>

#include <array>
#include <utility>

#include "harness/process/attempts.hpp"
#include "harness/process/run_log.hpp"
#include "harness/run_text.hpp"
#include "simnet/choices/choices.hpp"
#include "simnet/network/fabric.hpp"

namespace rehearsal::harness {

Searched searched(const simnet::SearchReport& report) {
  Searched all{report.to_string(), report.end,       report.runs, report.failed_at,
               report.notes,       report.unreached, {}};
  if (report.failure) {
    all.failure = RunEnded{outcome_of(*report.failure), 0, describe(report.failure->report)};
  }
  return all;
}

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

// Waits for the result of the child. Returns nothing if it crashed.
std::optional<Searched> SearchInChild::hear(Child& child, StopSignals* signals) {
  for (;;) {
    if (const std::optional<Message> message = child.next()) {
      return std::get<Searched>(*message);
    }
    std::array<pollfd, 2> waits = {{{child.descriptor(), POLLIN, 0},
                                    {signals == nullptr ? -1 : signals->descriptor(), POLLIN, 0}}};
    ::poll(waits.data(), waits.size(), -1);
    if (signals != nullptr && signals->came()) {
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

SearchInChild::Result SearchInChild::run(StopSignals* signals) {
  Result result;
  Child child([this](const Parent& parent) { parent.tell(searched(search(0, nullptr))); });
  result.searched = hear(child, signals);
  if (signals != nullptr) {
    signals->release();
  }
  result.end = child.wait();
  if (!result.searched && !interrupted_) {
    result.crashed = standing_->run;
    result.schedule = schedule_of(result.crashed);
  }
  return result;
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
      world.choices().on_deviation(
          [&parent](const simnet::Deviation& deviation) { parent.tell(Deviates{deviation}); });
      world.fabric().listener = [&reached, &world](const simnet::RunEvent& /*event*/) {
        if (world.fabric().events == reached->event) {
          world.end_schedule();
        }
      };
    });
  };
  run_in_child(tell_deviations, [&schedule](Message& message) {
    schedule.deviations.push_back(std::move(std::get<Deviates>(message).deviation));
  });
  return schedule;
}

}  // namespace rehearsal::harness
