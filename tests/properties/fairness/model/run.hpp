// One run of a program over a script, with the log of all events. `holds` selects a source that
// holds tasks back by the script's delays, or one that never does.
#pragma once

#include <deque>
#include <optional>
#include <utility>

#include "sched/core/scheduler.hpp"
#include "tests/properties/fairness/model/log.hpp"
#include "tests/properties/fairness/model/stage.hpp"

namespace rehearsal::fairness {

// Logs the questions to the source and its answers.
template <bool holds>
class LoggedSource : public simnet::ScriptedSource {
 public:
  static constexpr sched::SourceHooks hooks{.holds_back = holds};

  LoggedSource(const Script& script, Log& log)
      : simnet::ScriptedSource(script.waits, script.delays), log_(log) {}

  sched::Wake wait(sched::Deadline until, sched::ReadyList& ready) {
    const std::size_t before = ready.size();
    const sched::Wake wake = simnet::ScriptedSource::wait(until, ready);
    for (std::size_t i = before; i < ready.size(); ++i) {
      log_.reported(ready[i]);
    }
    return wake;
  }
  std::uint32_t delay(const sched::TaskRecord& task) {
    const std::uint32_t delay = simnet::ScriptedSource::delay(task);
    log_.arrived(task, delay);
    return delay;
  }

 private:
  Log& log_;
};

template <bool holds>
class Run {
 public:
  using SourceType = LoggedSource<holds>;

  explicit Run(const Script& script, sched::SchedulerOptions options = {})
      : source_(script, log_), scheduler_(std::in_place, source_, options), sockets_(*scheduler_) {
    log_.watch(*scheduler_);
  }
  Run(const Script& script, const Program& program, sched::SchedulerOptions options = {})
      : Run(script, options) {
    start(program);
  }

  // Spawns the tasks of `program`, which must outlive the run, on a stage of their own.
  Stage& start(const Program& program) {
    Stage& stage = stages_.emplace_back(log_);
    stage.start(program, *scheduler_, sockets_);
    return stage;
  }
  sched::RunEnd finish() { return scheduler_->run(); }

  [[nodiscard]] Log& log() { return log_; }
  [[nodiscard]] SourceType& source() { return source_; }
  [[nodiscard]] sched::Scheduler<SourceType>& scheduler() { return *scheduler_; }
  // Afterwards only the log, the stage and the source are left.
  void destroy_scheduler() { scheduler_.reset(); }
  // Returns the first stage that was started.
  [[nodiscard]] Stage& stage() { return stages_.front(); }

 private:
  Log log_;
  std::deque<Stage> stages_;
  SourceType source_;
  std::optional<sched::Scheduler<SourceType>> scheduler_;
  SocketsOf<SourceType> sockets_;
};

using HoldingRun = Run<true>;
using PlainRun = Run<false>;

}  // namespace rehearsal::fairness
