#include "simnet/trace/history.hpp"

#include <utility>

#include "sched/core/task_record.hpp"
#include "simnet/failure.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/network/fabric.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {

NumberedEvent numbered(World& world, std::uint64_t number, TraceEvent event) {
  NumberedEvent one{number, world.steps(), std::move(event), {}};
  const Kernel* kernel = one.event.at.empty() ? nullptr : world.fabric().named(one.event.host);
  const sched::TaskRecord* task = kernel == nullptr ? nullptr : kernel->task();
  if (task == nullptr || task->path() != one.event.task) {
    one.frames = one.event.at;
    return one;
  }
  for (const std::source_location& frame : task->frames()) {
    if (frame.line() != 0) {
      one.frames += (one.frames.empty() ? "" : " < ") + line_of(frame);
    }
  }
  return one;
}

void History::add(NumberedEvent event) {
  if (data_ + event.event.bytes.size() > most_data) {
    event.event.cut(most_of_each);
  }
  data_ += event.event.bytes.size();
  events_.push_back(std::move(event));
  if (events_.size() > most) {
    data_ -= events_.front().event.bytes.size();
    events_.pop_front();
  }
}

History::Iterator History::from(std::uint64_t number) const {
  if (events_.empty() || number <= events_.front().number) {
    return begin();
  }
  const std::uint64_t place = number - events_.front().number;
  return place >= size() ? end() : begin() + static_cast<std::ptrdiff_t>(place);
}

const NumberedEvent* History::find(std::uint64_t number) const {
  const Iterator found = from(number);
  return found == end() || found->number != number ? nullptr : &*found;
}

HistoryRecorder::HistoryRecorder()
    : reporter_([this](World& world, std::uint64_t number, TraceEvent event) {
        history_.add(numbered(world, number, std::move(event)));
      }) {}

void HistoryRecorder::begins(World& world) {
  history_ = {};
  reporter_.begins(world);
}

void HistoryRecorder::ends(World& world, const RunReport& report) { reporter_.ends(world, report); }

}  // namespace rehearsal::simnet
