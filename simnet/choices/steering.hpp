// Steering: a chooser that says what happens next, one step at a time. A step is one resumption of
// a task, one timer, or one event of a kernel; what a step makes ready is reported at its end.
// Running takes no time.
//
// The run that comes of it is written down as any other: its first deviation is that it goes in
// steps (Site::step), its others are the ties and the delays that give the same order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "sched/base/time.hpp"
#include "simnet/choices/policy.hpp"

namespace rehearsal::simnet {

struct Transition {
  enum class Kind : std::uint8_t {
    script,   // the world's script; it goes alone
    kernel,   // an event of a host's kernel: a segment arrives, blocking work is done
    timer,    // a timer of a host's program fires
    reports,  // a host's program is told what is ready
    task      // a task is resumed
  };

  // The same in every run, and no other's of those that can happen now.
  std::uint64_t actor = 0;
  std::uint32_t host = 0;
  Kind kind = Kind::script;

  friend bool operator==(const Transition&, const Transition&) = default;
};

class Steering : public Chooser {
 public:
  // What can happen at `at`, in the order in which it would if nothing deviated. Gives the place of
  // what does. What it throws ends the run, and reaches who runs it.
  virtual std::size_t step(sched::Instant at, std::span<const Transition> enabled) = 0;
};

// What `steering` does not decide is nominal.
inline Policy steered(std::shared_ptr<Steering> steering) {
  Policy policy;
  policy.steering = steering.get();
  policy.chooser = std::move(steering);
  return policy;
}

}  // namespace rehearsal::simnet
