#include "simnet/choices/pct.hpp"

#include <algorithm>

#include "sched/base/check.hpp"
#include "simnet/choices/magnitude.hpp"

namespace rehearsal::simnet {
namespace {

// Usually two priorities differ by more than the length of a run.
constexpr std::uint64_t spread = 16;
// A run may be longer than the default run, and a run of a few steps still has changes.
constexpr std::uint64_t least_steps = 16;
constexpr std::uint64_t fall_salt = 0x66616c6c;
constexpr std::uint64_t late_salt = 0x6c617465;

}  // namespace

Pct::Pct(std::uint64_t seed, std::uint32_t depth, const RunShape& shape) : seed_(mix(seed)) {
  sched::check(depth >= 1, "a bug has a depth of at least 1");
  const std::uint64_t runs = std::max(shape.asked[index(Site::run)], least_steps);
  const std::uint64_t sends = std::max(shape.asked[index(Site::late)], least_steps);
  lowest_ = static_cast<std::uint32_t>(std::min(runs * spread, std::uint64_t{UINT32_MAX} / 2));
  falls_ = draw_changes(depth, runs, fall_salt);
  lates_ = draw_changes(depth, sends, late_salt);
}

Pct::Changes Pct::draw_changes(std::uint32_t depth, std::uint64_t steps, std::uint64_t salt) const {
  Changes changes;
  const auto bound = static_cast<std::uint32_t>(std::min(steps, std::uint64_t{UINT32_MAX}));
  for (std::uint32_t i = 1; i < depth; ++i) {
    changes.at.push_back(1 + below(draw(seed_, salt, i), bound));
  }
  std::ranges::sort(changes.at);
  const auto [first, last] = std::ranges::unique(changes.at);
  changes.at.erase(first, last);
  return changes;
}

std::uint32_t Pct::choose(const Question& question) {
  switch (question.site) {
    case Site::run:
      return std::min(priority(question), question.outcomes - 1);
    case Site::late:
      return std::min(lateness(question), question.outcomes - 1);
    default:
      return draw(seed_, question.entity, 0) % 2 == 0 ? 0 : std::min(1U, question.outcomes - 1);
  }
}

std::uint32_t Pct::priority(const Question& question) {
  if (falls_.due(++runs_)) {
    std::erase(fallen_, question.entity);
    fallen_.push_back(question.entity);
  }
  const auto fallen = std::ranges::find(fallen_, question.entity);
  if (fallen != fallen_.end()) {
    return lowest_ + lowest_ / 2 + static_cast<std::uint32_t>(fallen - fallen_.begin());
  }
  return below(draw(seed_, question.entity, 0), lowest_);
}

std::uint32_t Pct::lateness(const Question& question) {
  if (lates_.due(++sends_)) {
    return any_scale(draw(seed_, late_salt + question.entity, sends_), question.most);
  }
  // Half of the directions have no delay.
  const std::uint64_t bits = draw(seed_, question.entity, 1);
  return bits % 2 == 0 ? 0 : any_scale(mix(bits), question.most);
}

}  // namespace rehearsal::simnet
