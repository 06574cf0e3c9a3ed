#include "realnet/watchdog.hpp"

#include <cstdio>
#include <string_view>
#include <utility>

#include "realnet/clock.hpp"
#include "sched/core/task_record.hpp"

namespace rehearsal::realnet {
namespace {

std::string place(std::source_location where, const char* otherwise) {
  if (where.line() == 0) {
    return otherwise;
  }
  std::string_view file = where.file_name();
  file.remove_prefix(file.rfind('/') + 1);  // npos + 1 is 0
  return std::string(file) + ":" + std::to_string(where.line());
}

}  // namespace

std::string Stall::to_string() const {
  const auto tenths = std::chrono::duration_cast<std::chrono::microseconds>(held).count() / 100;
  return path + " held the loop for " + std::to_string(tenths / 10) + "." +
         std::to_string(tenths % 10) + " ms, from " + place(from, "its start") + " to " +
         place(to, "its end");
}

void Watchdog::print(const Stall& stall) {
  std::fprintf(stderr, "watchdog: %s\n", stall.to_string().c_str());
}

Watchdog::Watchdog(sched::Duration limit, Report report)
    : limit_(limit), report_(std::move(report)) {}

void Watchdog::resumed(const sched::TaskRecord& task) {
  running_ = &task;
  from_ = task.where();
  since_ = monotonic_now();
}

void Watchdog::waits(const sched::TaskRecord& task) { let_go(task, task.where()); }

void Watchdog::done(const sched::TaskRecord& task, const std::exception_ptr& /*failure*/) {
  let_go(task, {});
}

void Watchdog::let_go(const sched::TaskRecord& task, std::source_location to) {
  // A cancelled task ends without having run.
  if (running_ != &task) {
    return;
  }
  running_ = nullptr;
  const sched::Duration held = monotonic_now() - since_;
  if (held > limit_) {
    report_(Stall{.path = task.path(), .held = held, .from = from_, .to = to});
  }
}

}  // namespace rehearsal::realnet
