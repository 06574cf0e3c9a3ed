#include "record/recorded.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "record/record_log.hpp"
#include "record/record_text.hpp"
#include "sched/core/scheduler.hpp"
#include "sched/core/task_record.hpp"

namespace rehearsal::sched {
namespace {

Instant instant(std::uint64_t count) { return Instant(Duration(static_cast<std::int64_t>(count))); }

std::string place(const TaskRecord& task) {
  const std::source_location where = task.where();
  return std::string(where.file_name()) + ':' + std::to_string(where.line());
}

// Whether the number of such a record is what the call gave, not what it was given.
bool number_is_given(RecordKind kind) {
  return kind == RecordKind::listen || kind == RecordKind::connect || kind == RecordKind::bind ||
         kind == RecordKind::resolve || kind == RecordKind::signals || kind == RecordKind::inbox ||
         kind == RecordKind::start_blocking || kind == RecordKind::wait;
}

}  // namespace

Recorded::Recorded(RecordingReader& reader) : reader_(reader), steps_(RecordLog::first_steps) {
  if (reader.missing_before() != 0) {
    // What a cut chain begins with is no start, unless the program said so.
    while (peek() && next_.kind != RecordKind::quiescent) {
      has_next_ = false;
    }
    if (has_next_) {
      has_next_ = false;
    } else {
      ended_ = RecordingGap{reader.file(), reader.missing_before()};
    }
  }
}

void Recorded::follow(Executor& executor) {
  executor_ = &executor;
  executor.observe(*this);
}

// Whether there is a next record; it is in next_.
bool Recorded::peek() {
  while (!has_next_ && !ended_) {
    RecordingReader::Item item = reader_.next();
    if (auto* record = std::get_if<Record>(&item)) [[likely]] {
      next_ = *record;
      has_next_ = true;
    } else if (const auto* error = std::get_if<RecordingError>(&item)) {
      stop(*error);
    } else if (const auto* gap = std::get_if<RecordingGap>(&item)) {
      stop(*gap);
    } else {
      stop(std::get<RecordingEnd>(item));
    }
  }
  return has_next_;
}

void Recorded::stop(ReplayEnd why) {
  if (!ended_) {
    ended_ = std::move(why);
  }
}

void Recorded::part(std::string instead) {
  ReplayDifference difference;
  difference.record = next_.at;
  difference.t = now_;
  if (const TaskRecord* task = executor_ == nullptr ? nullptr : executor_->current()) {
    difference.task = task->path();
    difference.at = place(*task);
  }
  difference.recorded = describe(next_, next_.data);
  difference.instead = std::move(instead);
  stop(std::move(difference));
}

void Recorded::compare(const RecordHeader& call, ConstBytes data, bool compares_data) {
  const bool same = next_.kind == call.kind && next_.asked == call.asked && next_.task == task_ &&
                    (number_is_given(call.kind) || next_.number == call.number) &&
                    (!compares_data || std::ranges::equal(next_.data, data));
  if (same) [[likely]] {
    return;
  }
  std::string instead(name(call.kind));
  if (!number_is_given(call.kind)) {
    instead += ' ' + std::to_string(call.number);
  }
  if (next_.kind == call.kind && next_.asked != call.asked) {
    instead +=
        ", asking for " + std::to_string(call.asked) + ", not " + std::to_string(next_.asked);
  } else if (next_.kind == call.kind && compares_data && !std::ranges::equal(next_.data, data)) {
    instead += " with " + excerpt(data);
  } else if (next_.kind == call.kind && next_.task != task_) {
    instead += " by another task";
  }
  part(std::move(instead));
}

const Record* Recorded::take(const RecordHeader& call, ConstBytes data, bool compares_data) {
  if (ended_ || !peek()) {
    return nullptr;
  }
  compare(call, data, compares_data);
  if (ended_) {
    return nullptr;
  }
  has_next_ = false;
  ++replayed_;
  return &next_;
}

const Record& Recorded::take_or_throw(const RecordHeader& call, ConstBytes data,
                                      bool compares_data) {
  const Record* record = take(call, data, compares_data);
  if (record == nullptr) {
    throw ReplayStopped();
  }
  return *record;
}

const Record* Recorded::take_if(RecordKind kind, std::uint64_t asked) {
  if (ended_ || !peek() || next_.kind != kind || next_.asked != asked) {
    return nullptr;
  }
  has_next_ = false;
  ++replayed_;
  return &next_;
}

// Of calls that destructors make, which must not throw.
void Recorded::ends(RecordKind kind, Descriptor descriptor) {
  if (static_cast<std::size_t>(descriptor) < open_.size()) {
    open_[static_cast<std::size_t>(descriptor)] = false;
  }
  if (ended_ || !peek()) {
    return;
  }
  compare({.kind = kind, .number = descriptor}, {}, false);
  if (!ended_) {
    has_next_ = false;
    ++replayed_;
  }
}

void Recorded::finish() {
  executor_ = nullptr;  // the program is over, and its scheduler may be gone
  if (peek() && next_.kind != RecordKind::quiescent) {
    part("the program ends");
  }
}

Instant Recorded::now() {
  const Record& record = take_or_throw({.kind = RecordKind::clock});
  now_ = instant(record.value);
  if (began_ == Instant{}) {
    began_ = now_;
  }
  return now_;
}

Result<> Recorded::watch(Descriptor descriptor, Direction way) {
  steps_ = RecordLog::step(steps_, RecordLog::watch_step(descriptor, way, true));
  const std::uint64_t asked = way == Direction::recv ? 0 : 1;
  if (peek() && next_.kind == RecordKind::watch && next_.number == descriptor &&
      next_.asked == asked) [[unlikely]] {
    has_next_ = false;
    ++replayed_;
    return next_.code();
  }
  return {};
}

void Recorded::unwatch(Descriptor descriptor, Direction way) {
  steps_ = RecordLog::step(steps_, RecordLog::watch_step(descriptor, way, false));
}

Wake Recorded::wait(Deadline until, ReadyList& ready) {
  RecordHeader call{.kind = RecordKind::wait};
  call.asked = static_cast<std::uint64_t>(until.time_since_epoch().count());
  const Record& record = take_or_throw(call);
  if (record.value != steps_) {
    part("the tasks took other steps since the wait before");
    throw ReplayStopped();
  }
  for (std::size_t at = 0; at < record.data.size(); at += sizeof(RecordedReady)) {
    RecordedReady one;
    std::memcpy(&one, record.data.data() + at, sizeof one);
    ready.push_back({one.descriptor, static_cast<Readiness>(one.what)});
  }
  return static_cast<Wake>(record.number);
}

void Recorded::spawned(const TaskRecord& task) {
  if (ended_ || !peek()) {
    return;
  }
  if (next_.kind != RecordKind::task || next_.value != task.key()) {
    part("the task " + task.path() + " is spawned");
    return;
  }
  has_next_ = false;
  ++replayed_;
}

void Recorded::resumed(const TaskRecord& task) {
  task_ = static_cast<std::uint32_t>(task.key());
  steps_ = RecordLog::step(steps_, task.key());
}

std::uint32_t RecordedHolding::delay(const TaskRecord& task) {
  const Record* record = take_if(RecordKind::delay, task.key());
  return record == nullptr ? 0 : static_cast<std::uint32_t>(record->value);
}

Instant RecordedHolding::resume(const TaskRecord& task) {
  const Record* record = take_if(RecordKind::turn, task.key());
  if (record == nullptr) {
    part("the task " + task.path() + " goes on");
    throw ReplayStopped();
  }
  return instant(record->value);
}

}  // namespace rehearsal::sched

template class rehearsal::sched::Scheduler<rehearsal::sched::Recorded>;
template class rehearsal::sched::Scheduler<rehearsal::sched::RecordedHolding>;
