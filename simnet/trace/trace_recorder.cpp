#include "simnet/trace/trace_recorder.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

#include "simnet/choices/choices.hpp"
#include "simnet/network/fabric.hpp"

namespace rehearsal::simnet {
namespace {

std::string text_of(const SharedText* text) {
  return text == nullptr ? std::string() : text->text();
}

TraceEvent event_of(const SharedEvent& named) {
  TraceEvent told;
  told.t = named.t;
  told.host = text_of(named.host);
  told.task = text_of(named.task);
  told.set_op(text_of(named.op));
  told.handle = text_of(named.handle);
  told.result = named.result;
  told.error = text_of(named.error);
  told.bytes = named.bytes;
  told.at = text_of(named.at);
  told.digest = named.digest;
  told.address = text_of(named.address);
  told.cause = named.cause;
  return told;
}

// Returns the time of an event. A task that ends outside of a turn of its host, as in a kill, ends
// after what the world has done, not when its host ran last.
sched::Instant time_of(const World& world, const RunEvent& event) {
  return event.op == Op::cancelled ? std::max(event.at, world.now()) : event.at;
}

}  // namespace

void EventListener::begins(World& world) {
  names_.emplace();
  Fabric& fabric = world.fabric();
  fabric.listener = [this, &world, before = std::move(fabric.listener)](const RunEvent& event) {
    if (before) {
      before(event);
    }
    SharedEvent named = names_->name(world.fabric(), event);
    named.t = time_of(world, event);
    happens(world, named);
  };
}

void EventListener::ends(World& world, const RunReport& /*report*/) {
  world.fabric().listener = nullptr;
}

void EventReporter::happens(World& world, const SharedEvent& event) {
  tell_(world, world.fabric().events, event_of(event));
}

void TraceRecorder::begins(World& world) {
  header_.data_seed = world.fabric().data_seed;
  writer_.emplace(out_, header_);
  EventListener::begins(world);
}

void TraceRecorder::happens(World& /*world*/, const SharedEvent& event) {
  const std::size_t size = event.bytes.size();
  if (kept_count_ == most_kept || size > most_data - data_size_) [[unlikely]] {
    write_kept();
  }
  if (size > most_data) [[unlikely]] {
    writer_->write(std::span(&event, 1));
    return;
  }
  char* const data = data_.data() + data_size_;
  data_size_ += event.bytes.copy(data, size);
  SharedEvent& kept = kept_[kept_count_++];
  kept = event;
  kept.bytes = {data, size};
}

void TraceRecorder::write_kept() {
  if (kept_count_ == 0) {
    return;
  }
  writer_->write(std::span(kept_).first(kept_count_));
  kept_count_ = 0;
  data_size_ = 0;
}

void TraceRecorder::write_end(const TraceEnd& end) {
  write_kept();
  writer_->end(end);
}

void TraceRecorder::ends(World& world, const RunReport& report) {
  TraceEnd end;
  end.end = name(report.end);
  end.steps = report.steps;
  end.t = sched::Instant(report.time);
  end.digest = report.digest;
  end.schedule =
      Schedule{header_.scenario, header_.data_seed, world.choices().deviations()}.to_string();
  write_end(end);
  EventListener::ends(world, report);
}

void TraceRecorder::crashes(World& world) {
  TraceEnd end;
  end.end = name(FailureKind::crash);
  end.steps = world.steps();
  end.t = world.now();
  end.digest = world.digest();
  end.schedule = header_.schedule;
  write_end(end);
}

}  // namespace rehearsal::simnet
