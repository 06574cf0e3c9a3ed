#include "simnet/milestones.hpp"

namespace rehearsal::simnet {

void Milestones::sometimes(std::string_view name, bool condition, std::uint64_t step) {
  if (step == 0) {
    early_.emplace(name);
  } else if (const auto early = early_.find(name); early != early_.end()) {
    early_.erase(early);
  }
  auto& [known, held] = *held_.try_emplace(std::string(name), false).first;
  if (condition && !held) {
    held = true;
    reached_.push_back({known, 1, step});
  }
}

void Milestones::state(std::string_view name, std::uint64_t value, std::uint64_t step) {
  bool& known = states_[{std::string(name), value}];
  if (!known) {
    known = true;
    reached_.push_back({std::string(name), value, step});
  }
}

}  // namespace rehearsal::simnet
