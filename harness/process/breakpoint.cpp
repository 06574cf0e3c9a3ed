#include "harness/process/breakpoint.hpp"

#include <utility>

namespace rehearsal::harness {

void CallsReached::begins(simnet::World& world) {
  if (step_ == 0) {
    return;
  }
  auto& listener = world.fabric().listener;
  listener = [this, &world, before = std::move(listener)](const simnet::RunEvent& event) {
    if (before) {
      before(event);
    }
    if (event.op == simnet::Op::resume && world.steps() == step_) {
      rehearsal_reached(step_);
    }
  };
}

}  // namespace rehearsal::harness

extern "C" [[gnu::noinline]] void rehearsal_reached(std::uint64_t step) {
  asm volatile("" : : "r"(step) : "memory");  // so that no compiler takes the call away
}
