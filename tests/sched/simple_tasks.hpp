// Tasks that do one thing.
#pragma once

#include <chrono>
#include <stdexcept>

#include "sched/core/task.hpp"
#include "sched/sync/event.hpp"
#include "sched/sync/sleep.hpp"

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
