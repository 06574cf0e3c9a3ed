#include "simnet/search/seed_runs.hpp"

#include <algorithm>

#include "sched/base/check.hpp"
#include "sched/base/draw.hpp"
#include "simnet/choices/choices.hpp"
#include "simnet/choices/swarm.hpp"

namespace rehearsal::simnet {
namespace {

// Number of runs at the beginning of a block that are not guided. No run begins at a milestone that
// several of them reach, because it is common.
constexpr std::uint64_t unguided = 8;

// Records the schedule of a run, so that later runs can begin as it.
class Records final : public RunWatcher {
 public:
  void begins(World& world) override { world.choices().record(true); }
};

}  // namespace

void SeedRuns::look_at_default_run() {
  if (!shape_ && policy_.needs_shape()) {
    shape_ = shape_of(scenario_);
  }
}

bool SeedRuns::guided() {
  look_at_default_run();
  return policy_.guided() && shape_->names_milestones;
}

std::optional<std::uint64_t> SeedRuns::needed_before(std::uint64_t seed) {
  if (!guided() || seed == last_) {
    return std::nullopt;
  }
  enter_block_of(seed);
  while (*next_ < seed && left_out_.contains(*next_)) {
    ++*next_;
  }
  return *next_ < seed ? next_ : std::nullopt;
}

void SeedRuns::enter_block_of(std::uint64_t seed) {
  const std::uint64_t first = first_of_block(seed);
  if (!next_ || *next_ <= first || *next_ > seed) {
    next_ = first;
    known_.clear();
    order_.clear();
    last_.reset();
  }
}

// Half of the runs begin as an earlier one, and half of these as the run that reached the newest
// milestone.
std::optional<SeedRuns::Branch> SeedRuns::plan(std::uint64_t seed) const {
  const std::uint64_t bits = draw(seed, 0x6d696c6573, 0);
  if (order_.empty() || seed - first_of_block(seed) < unguided || bits % 2 == 0) {
    return std::nullopt;
  }
  const auto any = below(bits >> 2U, static_cast<std::uint32_t>(order_.size()));
  return known_.at((bits >> 1U) % 2 == 0 ? order_.back() : order_[any]).branch;
}

RunResult SeedRuns::follow(std::uint64_t seed, const std::optional<Branch>& begin,
                           RunWatchers watchers) {
  if (!begin) {
    return run_scenario(scenario_, {seed, policy_}, watchers, shape_ ? &*shape_ : nullptr);
  }
  const bool swarms = draw(seed, 0x737761726d, 1) % 2 == 0;
  const Policy policy =
      Policy::random(seed, swarms ? swarm(seed, scenario_.rates) : scenario_.rates);
  return continue_scenario(scenario_, begin->schedule, begin->step + 1, policy, watchers);
}

RunResult SeedRuns::run(std::uint64_t seed, RunWatchers watchers) {
  if (!guided()) {
    return follow(seed, std::nullopt, watchers);
  }
  if (seed == last_) {
    return follow(seed, last_begin_, watchers);
  }
  enter_block_of(seed);
  sched::check(next_ == seed, "the seeds that a run depends on are run before it");
  last_begin_ = plan(seed);
  last_ = seed;
  next_ = seed + 1;
  Records records;
  std::vector<RunWatcher*> all(watchers.begin(), watchers.end());
  all.push_back(&records);
  RunResult result = follow(seed, last_begin_, all);
  learn(seed, result);
  return result;
}

// Keeps a branch for each new milestone, except those that are reached after the last step.
void SeedRuns::learn(std::uint64_t seed, const RunResult& run) {
  for (const Milestone& milestone : run.reached) {
    if (milestone.step >= run.report.steps) {
      break;
    }
    const What what(milestone.name, milestone.value);
    Known& known = known_[what];
    if (known.runs++ == 0) {
      known.branch = {run.schedule, milestone.step};
      order_.push_back(what);
    } else if (seed - first_of_block(seed) < unguided && known.branch) {
      known.branch.reset();
      std::erase(order_, what);
    }
  }
}

}  // namespace rehearsal::simnet
