// What a steered run did, step by step: the enabled transitions, the chosen one, the objects that
// it touched, and the outcomes of the choices within it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sched/base/time.hpp"
#include "sched/core/footprint.hpp"
#include "simnet/choices/policy.hpp"

namespace rehearsal::simnet {

// A set of objects, each with how it was accessed.
class Touches {
 public:
  void add(std::uint64_t object, sched::Access how) {
    touched_.push_back({object, static_cast<std::uint8_t>(how)});
  }
  // Sorts what was added. REQUIRES: called before any function below.
  void settle();
  void merge(const Touches& others);
  // Returns whether a step that touches these and a step that touches `other` are independent, so
  // that they can change places.
  [[nodiscard]] bool commute(const Touches& other) const;

 private:
  struct Touched {
    std::uint64_t object;
    std::uint8_t how;  // bits of sched::Access
  };

  std::vector<Touched> touched_;  // by object, each once
};

// One choice within a step: the index of its outcome among those that are searched.
struct Decision {
  std::uint32_t place = 0;
  std::uint32_t places = 1;

  friend bool operator==(const Decision&, const Decision&) = default;
};

struct ExecutedStep {
  sched::Instant at{};
  std::vector<Transition> enabled;  // in the order without deviations
  std::size_t chosen = 0;
  Touches touches;
  std::vector<Decision> outcomes;

  [[nodiscard]] const Transition& transition() const { return enabled[chosen]; }
  [[nodiscard]] std::uint64_t actor() const { return transition().actor; }
  // Returns the position of `actor` in `enabled`, or the size of `enabled` if it is not there.
  [[nodiscard]] std::size_t place_of(std::uint64_t actor) const;
};

struct Execution {
  // The steps of the run. The first one stands for the building of the world.
  std::vector<ExecutedStep> steps;
  // The transitions that were enabled next if the run was given up or reached its step limit.
  std::vector<Transition> left;
  bool whole = true;  // false: it was given up or reached the limit
};

}  // namespace rehearsal::simnet
