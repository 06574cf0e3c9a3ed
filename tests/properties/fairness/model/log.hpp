// The events of a run, in order: the scheduler's calls to its observer, the questions to the
// source, and the notes of the program's own steps. Properties are stated over this log.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include "sched/core/executor.hpp"
#include "tests/properties/fairness/model/program.hpp"

namespace rehearsal::fairness {

enum class Kind : std::uint8_t {
  spawned,
  arrived,  // it became ready, and the source held it back by `value`
  resumed,
  suspended,  // it waits or has yielded
  returned,
  failed,
  cancelled,
  reported,  // the source reports that socket `which` shows `value`
  polled,    // the source was asked; `value`: why its wait ended, `which`: how many were ready
  begins,    // a step with the number `value`
  ends,      // the step, with the outcome `value`
};

inline constexpr int nobody = -1;

struct Entry {
  Kind kind{};
  std::int64_t at = 0;  // the scheduler's now(), in nanoseconds
  int task = nobody;    // numbered in the order of spawning
  Action action{};      // for begins and ends
  std::uint32_t which = 0;
  std::int64_t value = 0;

  friend bool operator==(const Entry&, const Entry&) = default;
};

void showValue(const Entry& entry, std::ostream& out);

class Log final : public sched::Observer {
 public:
  // Observes `executor` from now on.
  void watch(sched::Executor& executor);
  [[nodiscard]] int number_of(const sched::TaskRecord& task) const { return numbers_.at(&task); }
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] std::size_t count(Kind kind) const;
  // Returns one line for each entry.
  [[nodiscard]] std::string text() const;

  void step(Kind kind, const Step& step, std::int64_t value);
  void arrived(const sched::TaskRecord& task, std::uint32_t delay);
  void reported(const sched::Ready& ready);

 private:
  void spawned(const sched::TaskRecord& task) override;
  void resumed(const sched::TaskRecord& task) override { add(Kind::resumed, task); }
  void waits(const sched::TaskRecord& task) override { add(Kind::suspended, task); }
  void done(const sched::TaskRecord& task, const std::exception_ptr& failure) override;
  void polled(sched::Wake wake, std::size_t ready) override;

  [[nodiscard]] std::int64_t now() const { return executor_->now().time_since_epoch().count(); }
  void add(Kind kind, const sched::TaskRecord& task);

  sched::Executor* executor_ = nullptr;
  std::map<const sched::TaskRecord*, int> numbers_;
  int tasks_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace rehearsal::fairness
