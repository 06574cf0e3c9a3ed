#include "simnet/scripted_source.hpp"

#include <algorithm>

#include "sched/base/check.hpp"
#include "sched/core/scheduler.hpp"

namespace rehearsal::simnet {

using sched::Wake;

static_assert(sched::Source<ScriptedSource>);

sched::Result<> ScriptedSource::watch(sched::Descriptor descriptor, sched::Direction way) {
  const bool added = watched_.emplace(descriptor, way).second;
  sched::check(added, "a direction is watched once at a time");
  return {};
}

void ScriptedSource::unwatch(sched::Descriptor descriptor, sched::Direction way) {
  const bool removed = watched_.erase(std::pair(descriptor, way)) == 1;
  sched::check(removed, "what is unwatched was watched");
}

Wake ScriptedSource::wait(sched::Deadline until, sched::ReadyList& ready) {
  ++waits_done_;
  if (next_wait_ == waits_.size()) {
    if (until == sched::never) {
      return Wake::quiescent;
    }
    now_ = std::max(now_, until);
    return Wake::deadline;
  }
  const ScriptedWait& scripted = waits_[next_wait_++];
  now_ += scripted.takes;
  ready.append(scripted.ready);
  return scripted.ready.empty() && now_ >= until ? Wake::deadline : Wake::ready;
}

std::uint32_t ScriptedSource::delay(const sched::TaskRecord& /*task*/) {
  return next_delay_ < delays_.size() ? delays_[next_delay_++] : 0;
}

std::vector<std::pair<sched::Descriptor, sched::Direction>> ScriptedSource::watched() const {
  return {watched_.begin(), watched_.end()};
}

}  // namespace rehearsal::simnet

template class rehearsal::sched::Scheduler<rehearsal::simnet::ScriptedSource>;
