#include "harness/report/consequences.hpp"

#include <cstddef>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "harness/number_text.hpp"
#include "harness/report/event_lookup.hpp"

namespace rehearsal::harness {
namespace {

using simnet::NumberedEvent;

constexpr std::size_t most_tasks = 10;

bool is_deed(const NumberedEvent& one) { return is_call(one.event) || is_end(one.event.op); }

// What a task does in the default run, and how much of it the failing run has done.
struct Deeds {
  std::vector<Found> all;
  std::size_t next = 0;
  bool differs = false;
};

}  // namespace

std::string consequences(const simnet::History& failing, const simnet::History& other) {
  std::string text;
  if (!failing.whole() || !other.whole()) {
    return text;
  }
  std::map<std::string, Deeds> deeds;
  for (const NumberedEvent& one : other) {
    if (is_deed(one)) {
      deeds[one.event.task].all.push_back(&one);
    }
  }
  std::size_t tasks = 0;
  for (const NumberedEvent& one : failing) {
    if (!is_deed(one)) {
      continue;
    }
    Deeds& of = deeds[one.event.task];
    const Found by_default = of.next < of.all.size() ? of.all[of.next] : nullptr;
    ++of.next;
    if (of.differs || (by_default != nullptr && is_same(one.event, by_default->event))) {
      continue;
    }
    of.differs = true;
    if (tasks++ < most_tasks) {
      text += fmt::format("  at {}, {}: {}, instead of {}\n", exact(one.event.t.time_since_epoch()),
                          one.event.task, deed(one),
                          by_default == nullptr ? "nothing" : deed(*by_default));
    }
  }
  if (tasks > most_tasks) {
    text += fmt::format("  and {}\n", counted(tasks - most_tasks, "more task"));
  }
  return text;
}

}  // namespace rehearsal::harness
