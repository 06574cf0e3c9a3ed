#include "tests/properties/fairness/model/log.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <sstream>

namespace rehearsal::fairness {

void showValue(const Entry& entry, std::ostream& out) {
  constexpr std::array kinds{"spawned",   "arrived",  "resumed", "suspended", "returned", "failed",
                             "cancelled", "reported", "polled",  "begins",    "ends"};
  out << entry.at << "ns " << kinds.at(static_cast<std::size_t>(entry.kind));
  if (entry.task != nobody) {
    out << " " << entry.task;
  }
  if (entry.kind == Kind::begins || entry.kind == Kind::ends) {
    out << " " << name_of(entry.action);
  }
  out << " " << entry.which << " " << entry.value;
}

void Log::watch(sched::Executor& executor) {
  executor_ = &executor;
  executor.observe(*this);
}

std::size_t Log::count(Kind kind) const {
  return static_cast<std::size_t>(std::ranges::count(entries_, kind, &Entry::kind));
}

std::string Log::text() const {
  std::ostringstream out;
  for (const Entry& entry : entries_) {
    showValue(entry, out);
    out << '\n';
  }
  return out.str();
}

void Log::step(Kind kind, const Step& step, std::int64_t value) {
  entries_.push_back(
      {kind, now(), number_of(*executor_->current()), step.action, step.which, value});
}

void Log::arrived(const sched::TaskRecord& task, std::uint32_t delay) {
  add(Kind::arrived, task);
  entries_.back().value = delay;
}

void Log::reported(const sched::Ready& ready) {
  Entry entry{.kind = Kind::reported, .at = now()};
  entry.which = static_cast<std::uint32_t>(ready.descriptor);
  entry.value = static_cast<std::int64_t>(ready.what);
  entries_.push_back(entry);
}

void Log::spawned(const sched::TaskRecord& task) {
  numbers_[&task] = tasks_++;
  add(Kind::spawned, task);
}

void Log::done(const sched::TaskRecord& task, const std::exception_ptr& failure) {
  add(failure ? Kind::failed : task.cancelled() ? Kind::cancelled : Kind::returned, task);
}

void Log::polled(sched::Wake wake, std::size_t ready) {
  Entry entry{.kind = Kind::polled, .at = now()};
  entry.which = static_cast<std::uint32_t>(ready);
  entry.value = static_cast<std::int64_t>(wake);
  entries_.push_back(entry);
}

void Log::add(Kind kind, const sched::TaskRecord& task) {
  entries_.push_back({.kind = kind, .at = now(), .task = number_of(task)});
}

}  // namespace rehearsal::fairness
