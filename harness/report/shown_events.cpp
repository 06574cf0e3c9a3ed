#include "harness/report/shown_events.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rehearsal::harness {
namespace {

using simnet::History;
using simnet::NumberedEvent;
using simnet::Op;
using simnet::TraceEvent;

constexpr std::size_t least_rows = 30;
constexpr std::size_t rows_per_deviation = 8;
constexpr std::size_t most_rows = 62;
constexpr std::size_t last_rows = 10;   // before the failed check, of all hosts
constexpr std::size_t of_host = 10;     // of one host
constexpr std::size_t rows_before = 2;  // before a deviation
constexpr std::size_t rows_after = 3;
constexpr std::size_t rows_of_step = 4;
constexpr std::size_t log_rows = 10;  // the last lines of the program's log
// Of the way to the failed check: the last receives of the task, the sends that they had their data
// from, and what the host had received before each of them.
constexpr std::size_t receives = 2;
constexpr std::size_t sends_of_receive = 2;
constexpr std::size_t receives_of_send = 3;

// What a deviation concerns: a connection, a task, one or two hosts, or anything.
class Subject {
 public:
  explicit Subject(const simnet::AppliedDeviation& applied) : entity_(applied.deviation.at.entity) {
    if (entity_.starts_with(simnet::world_prefix)) {
      return;
    }
    if (entity_.ends_with('>') || entity_.ends_with('<')) {
      entity_.remove_suffix(1);
    }
    const std::size_t name = entity_.find_first_of(":+>~");
    if (entity_.find('#') == std::string_view::npos &&
        entity_.find('/') == std::string_view::npos) {
      host_ = entity_.substr(0, name);
      if (name != std::string_view::npos && (entity_[name] == '+' || entity_[name] == '>')) {
        other_ = entity_.substr(name + 1);
      }
    }
    if (applied.deviation.at.site == simnet::Site::run) {
      host_ = applied.host;  // the order of its tasks
    }
  }

  [[nodiscard]] bool concerns(const TraceEvent& event) const {
    if (entity_.starts_with(simnet::world_prefix)) {
      return true;
    }
    if (!host_.empty()) {
      return event.host == host_ || (!other_.empty() && event.host == other_);
    }
    return event.task == entity_ || std::string_view(event.handle).starts_with(entity_);
  }

 private:
  std::string_view entity_;
  std::string_view host_;
  std::string_view other_;
};

class Choice {
 public:
  explicit Choice(const simnet::Diagnostics& evidence)
      : evidence_(evidence),
        history_(evidence.history),
        bound_(std::min(
            most_rows,
            least_rows +
                rows_per_deviation * (std::max<std::size_t>(evidence.deviations.size(), 1) - 1))) {}

  EventRows rows(const std::vector<std::uint64_t>& hit) {
    add_last(last_rows);
    if (evidence_.point_of_no_return) {
      add_step(evidence_.point_of_no_return->number);
    }
    for (const std::uint64_t number : hit) {
      add(number);
    }
    add_log();
    add_way();
    for (const simnet::AppliedDeviation& applied : evidence_.deviations) {
      add_around(applied);
    }
    for (const simnet::FaultEvent& fault : evidence_.faults) {
      add(fault.event.number);
    }
    add_last(least_rows - std::min(least_rows, chosen_.size()) + last_rows);
    EventRows rows;
    for (const std::uint64_t number : chosen_) {
      rows.push_back(history_.find(number));
    }
    return rows;
  }

 private:
  void add(std::uint64_t number) {
    if (chosen_.size() < bound_ + extra_ && history_.find(number) != nullptr) {
      chosen_.insert(number);
    }
  }
  // Adds an event that takes the place of no other.
  void add_extra(std::uint64_t number) { extra_ += chosen_.insert(number).second ? 1U : 0U; }
  // Adds the last events, but not more of a host than it may have.
  void add_last(std::size_t count) {
    std::map<std::string_view, std::size_t> of;
    std::size_t seen = 0;
    for (auto at = history_.end(); at != history_.begin() && seen < count;) {
      --at;
      if (of[at->event.host]++ < of_host) {
        ++seen;
        if (chosen_.size() < least_rows) {
          add(at->number);
        }
      }
    }
  }
  void add_log() {
    std::size_t left = log_rows;
    for (auto at = history_.end(); at != history_.begin() && left != 0;) {
      --at;
      if (at->event.op == Op::log) {
        add(at->number);
        --left;
      }
    }
  }
  // Returns the last `count` events before `number` that `fits` accepts, the last one first.
  template <class Fits>
  [[nodiscard]] std::vector<const NumberedEvent*> before(std::uint64_t number, std::size_t count,
                                                         const Fits& fits) const {
    std::vector<const NumberedEvent*> found;
    for (auto at = history_.from(number); at != history_.begin() && found.size() < count;) {
      --at;
      if (fits(at->event)) {
        found.push_back(&*at);
      }
    }
    return found;
  }
  // Adds what the failed check of a task came from.
  void add_way() {
    if (!evidence_.failing_step || history_.begin() == history_.end()) {
      return;
    }
    const auto receives_data = [](const TraceEvent& event) {
      return event.op == Op::recv && event.result.value_or(0) != 0;
    };
    const std::string& task = evidence_.failing_step->event.task;
    const std::uint64_t end = std::prev(history_.end())->number + 1;
    for (const NumberedEvent* receive : before(end, receives, [&](const TraceEvent& event) {
           return event.task == task && receives_data(event);
         })) {
      add_extra(receive->number);
      std::string peer = receive->event.handle;
      if (!peer.ends_with('>') && !peer.ends_with('<')) {
        continue;
      }
      peer.back() = peer.back() == '>' ? '<' : '>';
      for (const NumberedEvent* send :
           before(receive->number, sends_of_receive, [&](const TraceEvent& event) {
             return event.op == Op::send && event.handle == peer;
           })) {
        add_extra(send->number);
        for (const NumberedEvent* cause :
             before(send->number, receives_of_send, [&](const TraceEvent& event) {
               return event.host == send->event.host && receives_data(event);
             })) {
          add_extra(cause->number);
        }
      }
    }
  }
  // Adds a resumption and what its task does in it.
  void add_step(std::uint64_t number) {
    const NumberedEvent* resumed = history_.find(number);
    if (resumed == nullptr) {
      return;
    }
    std::size_t left = rows_of_step;
    for (auto at = history_.from(number); at != history_.end() && left != 0; ++at, --left) {
      if (at->number != number &&
          (at->event.host != resumed->event.host || at->event.op == Op::resume)) {
        break;
      }
      add(at->number);
    }
  }
  void add_around(const simnet::AppliedDeviation& applied) {
    const Subject subject(applied);
    std::size_t left = rows_after;
    for (auto at = history_.from(applied.event + 1); at != history_.end() && left != 0; ++at) {
      if (subject.concerns(at->event)) {
        add(at->number);
        --left;
      }
    }
    left = rows_before;
    for (auto at = history_.from(applied.event + 1); at != history_.begin() && left != 0;) {
      --at;
      if (subject.concerns(at->event)) {
        add(at->number);
        --left;
      }
    }
  }

  const simnet::Diagnostics& evidence_;
  const History& history_;
  std::size_t bound_;
  std::size_t extra_ = 0;  // how many were chosen beyond the bound
  std::set<std::uint64_t> chosen_;
};

}  // namespace

EventRows shown_events(const simnet::Diagnostics& evidence, const std::vector<std::uint64_t>& hit) {
  return Choice(evidence).rows(hit);
}

}  // namespace rehearsal::harness
