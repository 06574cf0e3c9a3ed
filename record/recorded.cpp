#include "record/recorded.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "record/record_log.hpp"
#include "record/record_text.hpp"
#include "sched/core/scheduler.hpp"
#include "sched/core/task_record.hpp"

namespace rehearsal::record {
namespace {

sched::Instant instant(std::uint64_t count) {
  return sched::Instant(sched::Duration(static_cast<std::int64_t>(count)));
}

std::string place(const sched::TaskRecord& task) {
  const std::source_location where = task.where();
  return std::string(where.file_name()) + ':' + std::to_string(where.line());
}

}  // namespace

Recorded::Recorded(RecordingReader& reader) : reader_(reader), steps_(RecordLog::first_steps) {
  if (reader.missing_before() != 0) {
    // A chain whose beginning is missing can be replayed only from a `quiescent` record.
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

void Recorded::follow(sched::Executor& executor) {
  executor_ = &executor;
  executor.observe(*this);
}

// Returns true if there is a next record; it is in next_.
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
  if (const sched::TaskRecord* task = executor_ == nullptr ? nullptr : executor_->current()) {
    difference.task = task->path();
    difference.at = place(*task);
  }
  difference.recorded = describe(next_, next_.data);
  difference.instead = std::move(instead);
  stop(std::move(difference));
}

void Recorded::compare(const Asked& call) {
  const sched::ConstBytes asked = call.data.value_or(next_.data);
  const sched::ConstBytes then =
      call.datagram ? next_.data.first(std::min(asked.size(), next_.data.size())) : next_.data;
  const bool same_data = !call.data || std::ranges::equal(then, asked);
  const bool same = next_.kind == call.kind && next_.asked == call.asked && next_.task == task_ &&
                    next_.number == call.number.value_or(next_.number) && same_data;
  if (same) [[likely]] {
    return;
  }
  std::string instead(name(call.kind));
  if (call.number) {
    instead += ' ' + std::to_string(*call.number);
  }
  if (next_.kind == call.kind && next_.asked != call.asked) {
    instead +=
        ", asking for " + std::to_string(call.asked) + ", not " + std::to_string(next_.asked);
  } else if (next_.kind == call.kind && !same_data) {
    const RecordData form = data_of(call.kind);
    instead += " with " + (form == RecordData::text ? excerpt(asked) : describe_data(form, asked));
  } else if (next_.kind == call.kind && next_.task != task_) {
    instead += " by another task";
  }
  part(std::move(instead));
}

const Record* Recorded::take(const Asked& call) {
  if (ended_ || !peek()) {
    return nullptr;
  }
  compare(call);
  if (ended_) {
    return nullptr;
  }
  has_next_ = false;
  ++replayed_;
  return &next_;
}

const Record& Recorded::take_or_throw(const Asked& call) {
  const Record* record = take(call);
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

// Returns true if the kernel could have returned this descriptor, which is open from now on.
bool Recorded::open(const Record& record, std::uint64_t descriptor) {
  constexpr std::uint64_t most = std::uint64_t{1} << 20U;
  if (descriptor >= most || (descriptor < open_.size() && open_[descriptor])) {
    stop(ReplayImpossible{record.at, std::string(name(record.kind)) +
                                         " returns a descriptor that is open already or invalid"});
    return false;
  }
  if (descriptor >= open_.size()) {
    open_.resize(descriptor + 1);
  }
  open_[descriptor] = true;
  return true;
}

// Returns the received bytes, or nothing if they were not kept.
std::optional<sched::ConstBytes> Recorded::payload_of(const Record& record, std::size_t behind) {
  if (record.kept() != PayloadKept::full && record.value != 0) {
    stop(ReplayImpossible{record.at, std::string(name(record.kind)) + ' ' +
                                         std::to_string(record.number) +
                                         ": the bytes received were not recorded"});
    return std::nullopt;
  }
  return record.data.subspan(behind);
}

bool Recorded::same_payload(const Record& record, sched::Pieces pieces, std::size_t size,
                            sched::ConstBytes kept) {
  if (record.kept() == PayloadKept::hash) {
    const std::uint64_t hash = hash_of_pieces(pieces, size);
    if (std::memcmp(&hash, kept.data(), sizeof hash) != 0) {
      part("as many bytes with other values");
    }
  } else if (record.kept() == PayloadKept::full) {
    std::size_t at = 0;
    for (const sched::ConstBytes& piece : pieces) {
      const sched::ConstBytes now = piece.first(std::min(piece.size(), size - at));
      const sched::ConstBytes then = kept.subspan(at, now.size());
      const auto first = std::ranges::mismatch(then, now).in1 - then.begin();
      if (first != static_cast<std::ptrdiff_t>(now.size())) {
        const auto from = static_cast<std::size_t>(first);
        part("byte " + std::to_string(at + from) + " of them differs: '" +
             excerpt(now.subspan(from)) + "', not '" + excerpt(then.subspan(from)) + "'");
        break;
      }
      at += now.size();
    }
  }
  return !ended_;
}

void Recorded::closes(RecordKind kind, sched::Descriptor descriptor) {
  if (static_cast<std::size_t>(descriptor) < open_.size()) {
    open_[static_cast<std::size_t>(descriptor)] = false;
  }
  (void)take({.kind = kind, .number = descriptor});
}

std::optional<sched::BlockingOutcome> Recorded::blocking_outcome(sched::Descriptor descriptor) {
  if (!ended_ && peek() &&
      (next_.kind != RecordKind::blocking_result || next_.number != descriptor)) {
    return std::nullopt;
  }
  const Record& record = take_or_throw(
      {.kind = RecordKind::blocking_result, .number = descriptor, .asked = next_.asked});
  sched::BlockingOutcome outcome;
  if (!record.ok()) {
    outcome.what = sched::as_text(record.data);
    outcome.error = record.error == other_exception ? std::errc{} : record.code();
    return outcome;
  }
  outcome.is_bytes = record.asked != 0;
  const auto bytes = payload_of(record);
  if (!bytes) {
    throw ReplayStopped();
  }
  outcome.value.assign(bytes->begin(), bytes->end());
  return outcome;
}

void Recorded::finish() {
  executor_ = nullptr;  // the program has ended, and its scheduler may be gone
  if (peek() && next_.kind != RecordKind::quiescent) {
    part("the program ends");
  }
}

sched::Instant Recorded::now() {
  const Record& record = take_or_throw({.kind = RecordKind::clock});
  now_ = instant(record.value);
  if (began_ == sched::Instant{}) {
    began_ = now_;
  }
  return now_;
}

sched::Result<> Recorded::watch(sched::Descriptor descriptor, sched::Direction way) {
  steps_ = RecordLog::step(steps_, RecordLog::watch_step(descriptor, way, true));
  const std::uint64_t asked = way == sched::Direction::recv ? 0 : 1;
  if (peek() && next_.kind == RecordKind::watch && next_.number == descriptor &&
      next_.asked == asked) [[unlikely]] {
    has_next_ = false;
    ++replayed_;
    return next_.code();
  }
  return {};
}

void Recorded::unwatch(sched::Descriptor descriptor, sched::Direction way) {
  steps_ = RecordLog::step(steps_, RecordLog::watch_step(descriptor, way, false));
}

sched::Wake Recorded::wait(sched::Deadline until, sched::ReadyList& ready) {
  const Record& record =
      take_or_throw({.kind = RecordKind::wait,
                     .asked = static_cast<std::uint64_t>(until.time_since_epoch().count())});
  if (record.value != steps_) {
    part("the tasks took other steps since the previous wait");
    throw ReplayStopped();
  }
  for (std::size_t at = 0; at < record.data.size(); at += sizeof(RecordedReady)) {
    RecordedReady one;
    std::memcpy(&one, record.data.data() + at, sizeof one);
    ready.push_back({one.descriptor, static_cast<sched::Readiness>(one.what)});
  }
  return static_cast<sched::Wake>(record.number);
}

void Recorded::spawned(const sched::TaskRecord& task) {
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

void Recorded::resumed(const sched::TaskRecord& task) {
  task_ = static_cast<std::uint32_t>(task.key());
  steps_ = RecordLog::step(steps_, task.key());
}

std::uint32_t RecordedHolding::delay(const sched::TaskRecord& task) {
  const Record* record = take_if(RecordKind::delay, task.key());
  return record == nullptr ? 0 : static_cast<std::uint32_t>(record->value);
}

sched::Instant RecordedHolding::resume(const sched::TaskRecord& task) {
  const Record* record = take_if(RecordKind::turn, task.key());
  if (record == nullptr) {
    part("the task " + task.path() + " continues");
    throw ReplayStopped();
  }
  return instant(record->value);
}

}  // namespace rehearsal::record

template class rehearsal::sched::Scheduler<rehearsal::record::Recorded>;
template class rehearsal::sched::Scheduler<rehearsal::record::RecordedHolding>;
