// Looks up events of a run: what a task did, when it was resumed, and which call took a byte.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "simnet/trace/history.hpp"

namespace rehearsal::harness {

// An event of a history, which must outlive it; null if there is none.
using Found = const simnet::NumberedEvent*;

// Returns whether a task does this, as opposed to what the world does or what happens to a task.
[[nodiscard]] bool is_call(const simnet::TraceEvent& event);
// Returns whether a task ends.
[[nodiscard]] bool is_end(simnet::Op op);
// Returns whether two tasks do the same. Numbers of descriptors do not count.
[[nodiscard]] bool is_same(const simnet::TraceEvent& a, const simnet::TraceEvent& b);
// Returns the lines of the innermost frames of the task that runs: " at io.cpp:5 < db.cpp:12".
[[nodiscard]] std::string place(const simnet::NumberedEvent& one);
// Returns operation_text() with the lines of all frames.
[[nodiscard]] std::string act(const simnet::NumberedEvent& one);
// Returns act(), or how the task ended.
[[nodiscard]] std::string deed(const simnet::NumberedEvent& one);

// The events of a run from a deviation on.
class EventLookup {
 public:
  // Looks behind the event number `after`, the last one before the deviation. `history` must
  // outlive this.
  EventLookup(const simnet::History& history, std::uint64_t after)
      : history_(history), after_(after) {}

  // Returns the first event after the deviation, and after the event `from` if it is not null, that
  // fulfils the condition.
  template <class Condition>
  [[nodiscard]] Found first(const Condition& condition, Found from = nullptr) const {
    const auto begin = history_.from((from == nullptr ? after_ : from->number) + 1);
    const auto found = std::find_if(begin, history_.end(), condition);
    return found == history_.end() ? nullptr : &*found;
  }
  // Returns the first event after the deviation.
  [[nodiscard]] Found next() const { return history_.find(after_ + 1); }
  // Returns the last resumption of a task before an event.
  [[nodiscard]] Found resumption_before(const std::string& task,
                                        const simnet::NumberedEvent& event) const;
  // Returns how often a task is resumed after the deviation and before an event.
  [[nodiscard]] std::size_t resumptions(const std::string& task,
                                        const simnet::NumberedEvent& until) const;
  // Returns the resumption of a task after the deviation that `before` others precede.
  [[nodiscard]] Found resumption(const std::string& task, std::size_t before) const;
  // Returns what a task does next, or how it ends.
  [[nodiscard]] Found next_deed(const std::string& task, Found from) const;
  // Returns what a task of a host did last before the deviation.
  [[nodiscard]] Found last_deed(std::string_view host) const;
  // Returns the receive on an end of a connection that takes a byte of the stream, after the
  // deviation. REQUIRES: the history is whole.
  [[nodiscard]] Found reads(const std::string& handle, std::uint64_t byte) const;
  [[nodiscard]] const simnet::History& history() const { return history_; }

 private:
  const simnet::History& history_;
  std::uint64_t after_;
};

}  // namespace rehearsal::harness
