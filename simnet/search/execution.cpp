#include "simnet/search/execution.hpp"

#include <algorithm>

namespace rehearsal::simnet {
namespace {

// Returns whether accesses to one object commute; `bits` combines all of them.
bool accesses_commute(std::uint8_t bits) {
  return bits == static_cast<std::uint8_t>(sched::Access::read) ||
         bits == static_cast<std::uint8_t>(sched::Access::add);
}

}  // namespace

void Touches::settle() {
  std::ranges::sort(touched_, {}, &Touched::object);
  std::size_t kept = 0;
  for (const Touched& touched : touched_) {
    if (kept != 0 && touched_[kept - 1].object == touched.object) {
      touched_[kept - 1].how |= touched.how;
    } else {
      touched_[kept++] = touched;
    }
  }
  touched_.resize(kept);
}

void Touches::merge(const Touches& others) {
  touched_.insert(touched_.end(), others.touched_.begin(), others.touched_.end());
  settle();
}

bool Touches::commute(const Touches& other) const {
  const auto touches_all = [](const Touches& touches) {
    return !touches.touched_.empty() && touches.touched_.front().object == sched::everything;
  };
  if (touches_all(*this) || touches_all(other)) {
    return false;
  }
  auto mine = touched_.begin();
  auto its = other.touched_.begin();
  while (mine != touched_.end() && its != other.touched_.end()) {
    if (mine->object < its->object) {
      ++mine;
    } else if (its->object < mine->object) {
      ++its;
    } else if (!accesses_commute(mine->how | its->how)) {
      return false;
    } else {
      ++mine;
      ++its;
    }
  }
  return true;
}

std::size_t ExecutedStep::place_of(std::uint64_t actor) const {
  return static_cast<std::size_t>(std::ranges::find(enabled, actor, &Transition::actor) -
                                  enabled.begin());
}

}  // namespace rehearsal::simnet
