// Milestones: what a run has reached for the first time, which steers later runs (seed_runs.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rehearsal::simnet {

/// Something that a run reached for the first time: a condition of World::sometimes() became true,
/// or World::state() was called with a new value.
struct Milestone {
  /// The name of the condition or state.
  std::string name;
  /// The value of the state; 1 for a condition.
  std::uint64_t value = 1;
  /// The number of task resumptions until then, including the present one.
  std::uint64_t step = 0;
};

// The milestones of one run.
class Milestones {
 public:
  void sometimes(std::string_view name, bool condition, std::uint64_t step);
  void state(std::string_view name, std::uint64_t value, std::uint64_t step);

  // Returns each name given to sometimes(), and whether its condition was true at least once.
  [[nodiscard]] const std::map<std::string, bool, std::less<>>& held() const { return held_; }
  // Returns the names given to sometimes() of which every call came before a task ran.
  [[nodiscard]] const std::set<std::string, std::less<>>& early() const { return early_; }
  // Returns what was reached, in order.
  [[nodiscard]] const std::vector<Milestone>& reached() const { return reached_; }

 private:
  std::map<std::string, bool, std::less<>> held_;
  std::set<std::string, std::less<>> early_;
  std::map<std::pair<std::string, std::uint64_t>, bool> states_;  // true: reached
  std::vector<Milestone> reached_;
};

}  // namespace rehearsal::simnet
