#include "simnet/search/step_order.hpp"

#include <algorithm>

#include "sched/base/draw.hpp"

namespace rehearsal::simnet {
namespace {

bool begins_a_time(const Execution& run, std::size_t step) {
  if (step == 0) {
    return true;
  }
  const ExecutedStep& earlier = run.steps[step - 1];
  const ExecutedStep& later = run.steps[step];
  return earlier.at != later.at || earlier.transition().kind == Transition::Kind::script ||
         later.transition().kind == Transition::Kind::script;
}

// Returns the step of the same instant that enabled `step`, or `step` itself if it was enabled from
// the beginning of the instant.
std::size_t enabler(const Execution& run, std::size_t step, std::size_t time) {
  const std::uint64_t actor = run.steps[step].actor();
  for (std::size_t i = step; i > time; --i) {
    const ExecutedStep& earlier = run.steps[i - 1];
    if (earlier.actor() == actor || earlier.place_of(actor) == earlier.enabled.size()) {
      return i - 1;
    }
  }
  return step;
}

}  // namespace

void StepOrder::update(const Execution& run, std::size_t kept) {
  known_.resize(std::min(kept, known_.size()));
  while (known_.size() < run.steps.size()) {
    add(run, known_.size());
  }
}

void StepOrder::add(const Execution& run, std::size_t step) {
  const ExecutedStep& what = run.steps[step];
  Known known;
  if (begins_a_time(run, step)) {
    known.time = step;
    known.past = step == 0 ? 0 : mix(known_[step - 1].past + mix(known_[step - 1].together));
  } else {
    known.time = known_[step - 1].time;
    known.past = known_[step - 1].past;
    known.together = known_[step - 1].together;
  }
  const std::size_t let_by = enabler(run, step, known.time);
  known.earlier.resize((step - known.time) / 64 + 1);
  std::uint64_t before = known.past;
  for (std::size_t i = step; i > known.time; --i) {
    const std::size_t other = i - 1;
    const ExecutedStep& earlier = run.steps[other];
    const std::size_t place = other - known.time;
    if (test(known.earlier, place)) {
      continue;
    }
    const bool one_actor = earlier.actor() == what.actor();
    if (!one_actor && other != let_by && earlier.touches.commute(what.touches)) {
      continue;
    }
    for (std::size_t word = 0; word < known_[other].earlier.size(); ++word) {
      known.earlier[word] |= known_[other].earlier[word];
    }
    known.earlier[place / 64] |= std::uint64_t{1} << (place % 64);
    before += mix(known_[other].hash);
    if (!one_actor && other != let_by) {
      known.races.push_back(other);
    }
  }
  known.hash = draw(before, what.actor(), 0);
  for (const Decision& outcome : what.outcomes) {
    known.hash = mix(known.hash + outcome.place + 1);
  }
  known.together += mix(known.hash);
  known_.push_back(std::move(known));
}

std::uint64_t StepOrder::trace() const {
  return known_.empty() ? 0 : mix(known_.back().past + mix(known_.back().together));
}

}  // namespace rehearsal::simnet
