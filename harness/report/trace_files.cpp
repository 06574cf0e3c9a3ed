#include "harness/report/trace_files.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "harness/exit_status.hpp"
#include "harness/number_text.hpp"
#include "harness/process/attempts.hpp"
#include "harness/process/child.hpp"
#include "harness/process/run_log.hpp"
#include "harness/report/trace_text.hpp"
#include "sched/base/hex.hpp"
#include "simnet/network/fabric.hpp"
#include "simnet/trace/trace_reader.hpp"
#include "simnet/trace/trace_recorder.hpp"

namespace rehearsal::harness {
namespace {

constexpr const char* could_not_write =
    "the trace cannot be written; check the folder and the space on the disk";

// Calls a function at an event, by its number from 1. 0 means when the run begins.
class CallsAt final : public simnet::RunWatcher {
 public:
  CallsAt(std::optional<std::uint64_t> event, std::function<void(simnet::World&)> calls)
      : event_(event), calls_(std::move(calls)) {}
  void begins(simnet::World& world) override {
    if (event_ == 0) {
      calls_(world);
    }
    auto& listener = world.fabric().listener;
    listener = [this, &world, before = std::move(listener)](const simnet::RunEvent& event) {
      before(event);
      if (world.fabric().events == event_) {
        calls_(world);
      }
    };
  }

 private:
  std::optional<std::uint64_t> event_;  // nothing: never
  std::function<void(simnet::World&)> calls_;
};

[[noreturn]] void unreadable(const std::string& file, const simnet::TraceError& error) {
  throw BadInput(fmt::format("{}: {}", file, error.to_string()));
}

std::ifstream open_trace(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    throw BadInput(fmt::format("{}: cannot be read; expected a trace", file));
  }
  return in;
}

std::string end_line(const simnet::TraceEnd& end) {
  return fmt::format("end: {}, after {} and {} of virtual time, digest {}", end.end,
                     counted(end.steps, "step"), in_words(end.t.time_since_epoch()),
                     sched::hex16(end.digest));
}

}  // namespace

std::string record_line(std::uint64_t index, const simnet::TraceRecord& record) {
  if (const auto* event = std::get_if<simnet::TraceEvent>(&record)) {
    return event_line(index + 1, *event);
  }
  return end_line(std::get<simnet::TraceEnd>(record));
}

void show_trace(const std::string& file) {
  std::ifstream in = open_trace(file);
  simnet::TraceReader reader(in);
  if (const simnet::TraceHeader* header = reader.header(); header != nullptr) {
    fmt::print("scenario {}, data seed {}, policy {}, seed {}\n", header->scenario,
               header->data_seed, header->policy, header->seed);
  }
  for (std::uint64_t number = 1;; ++number) {
    const simnet::TraceReader::Item item = reader.next();
    if (const auto* event = std::get_if<simnet::TraceEvent>(&item)) {
      fmt::print("{}\n", event_line(number, *event));
    } else if (const auto* end = std::get_if<simnet::TraceEnd>(&item)) {
      fmt::print("{}\n", end_line(*end));
      return;
    } else {
      unreadable(file, std::get<simnet::TraceError>(item));
    }
  }
}

int diff_traces(const std::string& left, const std::string& right) {
  std::ifstream left_in = open_trace(left);
  std::ifstream right_in = open_trace(right);
  simnet::TraceReader left_reader(left_in);
  simnet::TraceReader right_reader(right_in);
  const simnet::TraceComparison found = diff(left_reader, right_reader);
  if (const auto* equal = std::get_if<simnet::TracesEqual>(&found)) {
    fmt::print("identical: {}\n", counted(equal->events, "event"));
    return 0;
  }
  if (const auto* wrong = std::get_if<simnet::TraceUnreadable>(&found)) {
    fmt::print("identical for {}, then unreadable\n", counted(wrong->index, "event"));
    unreadable(wrong->which == simnet::TraceWhich::left ? left : right, wrong->error);
  }
  const auto& difference = std::get<simnet::TraceDifference>(found);
  fmt::print("identical for {}, then different\n", counted(difference.index, "event"));
  fmt::print("{}:{}:\n  {}\n", left, difference.left.line,
             record_line(difference.index, difference.left.record));
  fmt::print("{}:{}:\n  {}\n", right, difference.right.line,
             record_line(difference.index, difference.right.record));
  return failed;
}

simnet::TraceHeader replay_header(const simnet::Schedule& schedule) {
  simnet::TraceHeader header;
  header.scenario = schedule.scenario;
  header.data_seed = schedule.data_seed;
  header.policy = "replay";
  header.schedule = schedule.to_string();
  for (const simnet::Deviation& deviation : schedule.deviations) {
    header.deviations.push_back(deviation.to_string());
  }
  return header;
}

std::string write_trace(const simnet::Scenario& scenario, const simnet::Schedule& schedule,
                        const std::string& file) {
  std::string wrong;
  bool ended = false;
  // Ends the run at this event, the last one before it crashes.
  std::optional<std::uint64_t> until;
  const auto body = [&](const Parent& parent) {
    RunLog log;
    log.keep(false);
    std::ofstream out(file, std::ios::binary);
    {
      simnet::TraceRecorder recorder(out, replay_header(schedule));
      CallsAt last(until, [&](simnet::World& world) {
        recorder.crashes(world);
        out.close();
        parent.tell(Logs{out ? "" : could_not_write});
        ::_exit(0);
      });
      const std::array<simnet::RunWatcher*, 2> watchers = {&recorder, &last};
      replay_scenario(scenario, schedule, watchers);
    }
    out.close();
    parent.tell(Logs{out ? "" : could_not_write});
  };
  const auto hear = [&](Message& message) {
    ended = true;
    wrong = std::get<Logs>(message).line;
  };
  run_in_child(body, hear);
  if (!ended) {
    until = length_of(scenario, schedule).end.event;
    run_in_child(body, hear);
  }
  return wrong.empty() ? wrong : file + ": " + wrong;
}

}  // namespace rehearsal::harness
