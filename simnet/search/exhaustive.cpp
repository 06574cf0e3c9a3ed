#include "simnet/search/exhaustive.hpp"

#include <algorithm>
#include <utility>

#include "sched/base/check.hpp"

namespace rehearsal::simnet {

bool Exhaustive::sleeps(const Node& node, std::uint64_t actor) {
  return std::ranges::find(node.asleep, actor, &Asleep::actor) != node.asleep.end();
}

std::size_t Exhaustive::step(const Execution& so_far) {
  asked_ = 0;
  const std::size_t step = so_far.steps.size() - 1;
  const ExecutedStep& next = so_far.steps.back();
  if (step == nodes_.size()) {
    open(so_far);
  }
  Node& node = nodes_[step];
  sched::check(node.marks.size() == next.enabled.size(),
               "a run that is repeated can do the same again");
  if (node.chosen == node.marks.size()) {
    nodes_.pop_back();
    return give_up;
  }
  return node.chosen;
}

// At a new state, chooses the first transition that is not asleep.
void Exhaustive::open(const Execution& so_far) {
  const ExecutedStep& next = so_far.steps.back();
  Node node;
  node.marks.resize(next.enabled.size(), reduces_ ? Mark::none : Mark::to_try);
  if (reduces_ && !nodes_.empty()) {
    const ExecutedStep& last = so_far.steps[so_far.steps.size() - 2];
    for (const Asleep& sleeper : nodes_.back().asleep) {
      if (next.place_of(sleeper.actor) != next.enabled.size() &&
          sleeper.touches.commute(last.touches)) {
        node.asleep.push_back(sleeper);
      }
    }
  }
  while (node.chosen < node.marks.size() && sleeps(node, next.enabled[node.chosen].actor)) {
    ++node.chosen;
  }
  if (node.chosen != node.marks.size()) {
    node.marks[node.chosen] = Mark::to_try;
  }
  nodes_.push_back(std::move(node));
}

std::uint32_t Exhaustive::outcome(const Execution& so_far, std::uint32_t places) {
  std::vector<Decision>& known = nodes_[so_far.steps.size() - 1].outcomes;
  if (asked_ == known.size()) {
    known.push_back({0, places});
  }
  return known[asked_++].place;
}

void Exhaustive::ended(const Execution& run, const StepOrder& order) {
  if (reduces_) {
    for (std::size_t step = kept_; step < run.steps.size(); ++step) {
      add_races(run, order, step);
      // The script goes before all other transitions, and they stay enabled.
      if (step != 0 && run.steps[step].transition().kind != Transition::Kind::script) {
        add_disabled(run, step - 1, run.steps[step].enabled);
      }
    }
    if (run.whole || !run.left.empty()) {
      add_disabled(run, run.steps.size() - 1, run.left);
    }
  }
  finished_ = !advance(run);
}

// For each race of `step` with an earlier step, adds a step that leads to the other order, unless
// one of those to try there already does.
void Exhaustive::add_races(const Execution& run, const StepOrder& order, std::size_t step) {
  for (const std::size_t earlier : order.races(step)) {
    const ExecutedStep& at = run.steps[earlier];
    Node& node = nodes_[earlier];
    // The other order results from the steps in between that need not come after the earlier one,
    // then this one. Each of them that none of the others must precede can be the first.
    std::vector<std::size_t> leads;
    bool covered = false;
    std::size_t first = at.enabled.size();
    for (std::size_t between = earlier + 1; between <= step; ++between) {
      if (between != step && order.before(earlier, between)) {
        continue;
      }
      const bool is_first = std::ranges::none_of(
          leads, [&](std::size_t lead) { return order.before(lead, between); });
      leads.push_back(between);
      const std::size_t place = at.place_of(run.steps[between].actor());
      if (is_first && place != at.enabled.size()) {
        covered =
            covered || node.marks[place] != Mark::none || sleeps(node, run.steps[between].actor());
        first = std::min(first, place);
      }
    }
    if (!covered) {
      sched::check(first != at.enabled.size(), "one of two racing steps could have been the first");
      node.marks[first] = Mark::to_try;
    }
  }
}

// Handles actors that could have gone before `step`, did not go, and cannot go any more.
void Exhaustive::add_disabled(const Execution& run, std::size_t step,
                              const std::vector<Transition>& after) {
  const ExecutedStep& at = run.steps[step];
  for (std::size_t place = 0; place < at.enabled.size(); ++place) {
    const std::uint64_t actor = at.enabled[place].actor;
    if (place != at.chosen && std::ranges::find(after, actor, &Transition::actor) == after.end() &&
        nodes_[step].marks[place] == Mark::none) {
      nodes_[step].marks[place] = Mark::to_try;
    }
  }
}

// Goes back to the last state at which something is left to try.
bool Exhaustive::advance(const Execution& run) {
  while (!nodes_.empty()) {
    Node& node = nodes_.back();
    const ExecutedStep& step = run.steps[nodes_.size() - 1];
    node.touches.merge(step.touches);
    kept_ = nodes_.size() - 1;
    if (next_outcome(node)) {
      return true;
    }
    node.marks[node.chosen] = Mark::tried;
    if (reduces_) {
      node.asleep.push_back({step.actor(), std::move(node.touches)});
    }
    node.touches = {};
    node.outcomes.clear();
    for (std::size_t place = 0; place < node.marks.size(); ++place) {
      if (node.marks[place] == Mark::to_try && !sleeps(node, step.enabled[place].actor)) {
        node.chosen = place;
        return true;
      }
    }
    nodes_.pop_back();
  }
  return false;
}

bool Exhaustive::next_outcome(Node& node) {
  while (!node.outcomes.empty()) {
    Decision& last = node.outcomes.back();
    if (++last.place < last.places) {
      return true;
    }
    node.outcomes.pop_back();
  }
  return false;
}

}  // namespace rehearsal::simnet
