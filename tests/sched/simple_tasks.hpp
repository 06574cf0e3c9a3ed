// Tasks that do one thing.
#pragma once

#include <chrono>
#include <stdexcept>

#include "sched/event.hpp"
#include "sched/sleep.hpp"
#include "sched/task.hpp"

namespace rehearsal::sched {

inline Task<> nothing() { co_return; }
inline Task<> nap(Duration how_long = std::chrono::milliseconds(1)) {
  co_await sleep_for(how_long);
}
inline Task<> sleep_for_ever() { co_await sleep_until(never); }
inline Task<> wait_for(Event& event) { co_await event.wait(); }
inline Task<> fail() {
  throw std::runtime_error("failed");
  co_return;
}

}  // namespace rehearsal::sched
