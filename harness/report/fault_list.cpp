#include "harness/report/fault_list.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/number_text.hpp"
#include "harness/report/deviation_text.hpp"
#include "harness/report/trace_text.hpp"
#include "simnet/network/link.hpp"

namespace rehearsal::harness {
namespace {

using simnet::FaultEvent;
using simnet::LinkState;
using simnet::Op;
using simnet::Site;

constexpr std::size_t most_lines = 40;

// The number of an event, and its line.
using Entry = std::pair<std::uint64_t, std::string>;

std::string time_text(const simnet::TraceEvent& event) { return exact(event.t.time_since_epoch()); }

// Returns what a task of the host did last: " (db/serve: recv a#0< = 2 "hi" at db.cpp:7, 2.00 ms
// before)".
std::string doing(const FaultEvent& fault) {
  if (!fault.before) {
    return {};
  }
  const simnet::TraceEvent& before = fault.before->event;
  const sched::Duration ago = fault.event.event.t - before.t;
  return fmt::format(" ({}: {}{})", before.task, operation_text(before),
                     ago <= sched::Duration::zero() ? "" : ", " + in_words(ago) + " before");
}

// Returns what happened to the link, or to both links of a pair.
std::string link_text(const simnet::TraceEvent& event, bool both) {
  const std::string& from = event.host;
  const std::string& to = event.handle;
  switch (static_cast<LinkState>(event.result.value_or(0))) {
    case LinkState::open:
      return both ? fmt::format("the links between {} and {} were healed", from, to)
                  : fmt::format("the link from {} to {} was healed", from, to);
    case LinkState::held:
      return both ? fmt::format("what {} and {} send each other was held back from then on", from,
                                to)
                  : fmt::format("what {} sends to {} was held back from then on", from, to);
    case LinkState::cut:
      return both ? fmt::format("{} and {} were cut off from each other", from, to)
                  : fmt::format("the link from {} to {} was cut", from, to);
  }
  return operation_text(event);
}

std::string host_text(const simnet::TraceEvent& event) {
  switch (event.op) {
    case Op::crash:
      return event.host + " crashed";
    case Op::power_off:
      return event.host + " lost power";
    case Op::restart:
      return event.host + " restarted";
    case Op::pause:
      return event.host + " was paused";
    case Op::unpause:
      return event.host + " continued";
    case Op::clock_jump:
      return fmt::format(
          "the clock of {} jumped forward by {}", event.host,
          in_words(sched::Duration(static_cast<std::int64_t>(event.result.value_or(0)))));
    default:
      return operation_text(event);
  }
}

// Returns whether both are the same change of the two links of one pair.
bool is_pair(const FaultEvent& one, const FaultEvent& other) {
  const simnet::TraceEvent& a = one.event.event;
  const simnet::TraceEvent& b = other.event.event;
  return a.op == Op::link && b.op == Op::link && a.t == b.t && a.result == b.result &&
         a.host == b.handle && a.handle == b.host;
}

// Returns whether the deviation is a fault of a call or a packet. Those of hosts are events.
bool is_fault(Site site) {
  return site == Site::reset || site == Site::accept || site == Site::connect ||
         site == Site::lost || site == Site::duplicate || site == Site::backlog ||
         site == Site::lookup || site == Site::stale;
}

Entry entry_of(const FaultEvent& fault) {
  const simnet::TraceEvent& event = fault.event.event;
  const std::string at = fmt::format("at {}, ", time_text(event));
  if (!fault.rule.empty()) {
    return {fault.event.number,
            fmt::format("{}the fault rule {} applied to {}: {}", at, fault.rule,
                        event.task.empty() ? event.host : event.task, operation_text(event))};
  }
  const bool begins = event.op != Op::restart && event.op != Op::unpause;
  return {fault.event.number, at + host_text(event) + (begins ? doing(fault) : "")};
}

}  // namespace

std::string fault_list(const simnet::Diagnostics& evidence) {
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < evidence.faults.size(); ++i) {
    const FaultEvent& fault = evidence.faults[i];
    const simnet::TraceEvent& event = fault.event.event;
    if (!fault.rule.empty() || event.op != Op::link) {
      entries.push_back(entry_of(fault));
      continue;
    }
    const bool both = i + 1 < evidence.faults.size() && is_pair(fault, evidence.faults[i + 1]);
    std::string text = fmt::format("at {}, {}", time_text(event), link_text(event, both));
    if (event.result != static_cast<std::uint64_t>(LinkState::open)) {
      text += doing(fault) + (both ? doing(evidence.faults[i + 1]) : "");
    }
    entries.push_back({fault.event.number, text});
    i += both ? 1U : 0U;
  }
  for (const simnet::AppliedDeviation& applied : evidence.deviations) {
    if (is_fault(applied.deviation.at.site)) {
      const simnet::NumberedEvent* call = evidence.history.find(applied.event + 1);
      const bool known = call != nullptr && call->event.host == applied.host;
      entries.push_back({applied.event + 1,
                         sentence(applied) + (known ? fmt::format(" ({}: {})", call->event.task,
                                                                  operation_text(call->event))
                                                    : "")});
    }
  }
  std::ranges::sort(entries);
  std::string text;
  for (std::size_t i = 0; i < std::min(entries.size(), most_lines); ++i) {
    text += fmt::format("  {}\n", entries[i].second);
  }
  return entries.size() <= most_lines
             ? text
             : text + fmt::format("  and {} more\n", grouped(entries.size() - most_lines));
}

}  // namespace rehearsal::harness
