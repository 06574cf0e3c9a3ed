#include "harness/report/effect.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "harness/number_text.hpp"
#include "harness/report/event_lookup.hpp"
#include "harness/report/trace_text.hpp"

namespace rehearsal::harness {
namespace {

using simnet::AppliedDeviation;
using simnet::History;
using simnet::NumberedEvent;
using simnet::Op;
using simnet::Site;
using simnet::TraceEvent;

bool is_direction(std::string_view entity) {
  return (entity.ends_with('>') || entity.ends_with('<')) && entity.find('#') != entity.npos;
}

// Returns whether the fault is of the process of one host.
bool is_of_process(Site site) {
  return site == Site::crash || site == Site::power || site == Site::pause || site == Site::clock;
}

// Returns the name of the host in an entity: "db" of "db~2/serve#0>".
std::string_view host_of(std::string_view entity) {
  return entity.substr(0, entity.find_first_of("/:~#+>"));
}

std::string time_text(const NumberedEvent& one) { return exact(one.event.t.time_since_epoch()); }

// A part of a stream, from the byte `begin` to the byte before `end`.
struct Bytes {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

class Comparison {
 public:
  Comparison(const AppliedDeviation& applied, const History& failing, const History& without)
      : at_(applied.deviation.at),
        applied_(applied),
        failing_(failing, applied.event),
        without_(without, applied.event) {}

  Effect effect() {
    Effect effect = of_site();
    if (!effect.text.empty()) {
      return effect;
    }
    effect = first_to_differ();
    const Found before =
        is_of_process(at_.site) ? failing_.last_deed(host_of(at_.entity)) : nullptr;
    if (before != nullptr) {
      effect.text = fmt::format("it hit {} after {}{}{}", before->event.task, act(*before),
                                effect.text.empty() ? "" : "; ", effect.text);
      effect.events.push_back(before->number);
    }
    return effect;
  }

 private:
  Effect of_site();
  Effect of_packet();
  Effect of_datagram();
  Effect of_handshake();
  Effect of_wait(const std::string& task);
  Effect of_reader(const NumberedEvent& reader, Found received, Found due, Found arrival);
  [[nodiscard]] Effect of_late(const NumberedEvent& reader, const NumberedEvent& received) const;
  Effect of_call();
  Effect of_order(const std::string& task);
  Effect of_tie();
  Effect first_to_differ();
  [[nodiscard]] std::optional<Bytes> segment() const;
  [[nodiscard]] std::string then(Effect& effect, const std::string& task, Found from,
                                 Found other = nullptr) const;

  const simnet::Coordinate& at_;
  const AppliedDeviation& applied_;
  EventLookup failing_;
  EventLookup without_;
};

Effect Comparison::of_site() {
  switch (at_.site) {
    case Site::late:
    case Site::lost:
      return of_packet();
    case Site::recv:
    case Site::send:
    case Site::reset:
    case Site::accept:
    case Site::connect:
      return of_call();
    case Site::resolve:
    case Site::blocking:
      return failing_.next() == nullptr ? Effect() : of_wait(failing_.next()->event.task);
    case Site::timer:
      return of_wait(at_.entity);
    case Site::run:
      return of_order(at_.entity);
    case Site::tie:
      return of_tie();
    default:
      return {};
  }
}

// Returns "; next: ..." for what the task does after `from`, and notes that event. If the task does
// something else in the run without the deviation, where `other` is like `from`, that follows.
std::string Comparison::then(Effect& effect, const std::string& task, Found from,
                             Found other) const {
  const Found next = failing_.next_deed(task, from);
  if (next == nullptr) {
    return {};
  }
  effect.events.push_back(next->number);
  const Found instead = other == nullptr ? nullptr : without_.next_deed(task, other);
  const bool differs = instead != nullptr && !is_same(next->event, instead->event);
  return "; next: " + deed(*next) + (differs ? ", instead of " + deed(*instead) : "");
}

// Returns the part of the stream that the segment carries, or nothing if it has no data.
std::optional<Bytes> Comparison::segment() const {
  const Found sent = failing_.next();
  if (sent == nullptr || sent->event.op != Op::send || sent->event.handle != at_.entity ||
      !sent->event.result || !failing_.history().whole()) {
    return std::nullopt;
  }
  std::uint64_t end = 0;
  for (auto one = failing_.history().begin(); one->number <= sent->number; ++one) {
    const TraceEvent& event = one->event;
    end += event.op == Op::send && event.handle == at_.entity ? event.result.value_or(0) : 0;
  }
  return Bytes{end - *sent->event.result, end};
}

Effect Comparison::of_packet() {
  if (!is_direction(at_.entity)) {
    return of_datagram();
  }
  const std::optional<Bytes> bytes = segment();
  if (!bytes) {
    return of_handshake();
  }
  const std::string receiver = simnet::opposite_end(at_.entity);
  const auto arrives = [&](const NumberedEvent& one) {
    return one.event.op == Op::deliver && one.event.handle == receiver && one.event.result &&
           one.event.segment_kind() == simnet::Segment::Kind::data &&
           one.event.segment_end() >= bytes->end;
  };
  const Found read = without_.reads(receiver, bytes->begin);
  return read == nullptr ? Effect()
                         : of_reader(*read, failing_.reads(receiver, bytes->begin),
                                     without_.first(arrives), failing_.first(arrives));
}

Effect Comparison::of_datagram() {
  const Found sent = failing_.next();
  if (sent == nullptr || sent->event.op != Op::send_to) {
    return {};
  }
  const auto receives = [&](const NumberedEvent& one) {
    return one.event.op == Op::recv_from && one.event.data_size() == sent->event.data_size() &&
           one.event.bytes == sent->event.bytes;
  };
  const Found read = without_.first(receives);
  const Found received = at_.site == Site::lost ? nullptr : failing_.first(receives);
  return read == nullptr ? Effect() : of_reader(*read, received, read, received);
}

// The segment opens or closes the connection. The task that connects waits for the first one of
// either direction.
Effect Comparison::of_handshake() {
  return at_.ordinal == 0 ? of_wait(at_.entity.substr(0, at_.entity.rfind('#'))) : Effect();
}

// The task waits for what the deviation has delayed.
Effect Comparison::of_wait(const std::string& task) {
  const Found woken = without_.resumption(task, 0);
  const Found next = woken == nullptr ? nullptr : without_.next_deed(task, woken);
  return next == nullptr ? Effect() : of_reader(*next, nullptr, nullptr, nullptr);
}

// `reader` takes what is delayed in the run without the deviation, in which it is due at `due`. In
// the failing run it comes at `arrival`, and `received` takes it. Null if that is unknown or never.
Effect Comparison::of_reader(const NumberedEvent& reader, Found received, Found due,
                             Found arrival) {
  const std::string& task = reader.event.task;
  const Found woken = without_.resumption_before(task, reader);
  const bool waited = woken != nullptr && woken->number > applied_.event &&
                      !woken->event.at.empty() &&
                      (due == nullptr || due == &reader || due->number <= woken->number);
  if (!waited) {
    return received == nullptr ? Effect() : of_late(reader, *received);
  }
  Effect effect;
  const std::string waiter = task + ", which waited for it" + place(*woken) + ",";
  const Found resumed = failing_.resumption(task, without_.resumptions(task, *woken));
  if (resumed == nullptr) {
    const Found ended = failing_.first(
        [&](const NumberedEvent& one) { return one.event.task == task && is_end(one.event.op); });
    effect.text = waiter + (ended == nullptr ? " did not get it before the run ended"
                                             : " was cancelled at " + time_text(*ended));
    if (ended != nullptr) {
      effect.events.push_back(ended->number);
    }
    return effect;
  }
  effect.events.push_back(resumed->number);
  const bool in_time = due == nullptr
                           ? resumed->event.at == woken->event.at
                           : (arrival != nullptr && arrival->number <= resumed->number) ||
                                 (received != nullptr && received->step == resumed->step);
  if (in_time) {
    const sched::Duration late = resumed->event.t - woken->event.t;
    if (late <= sched::Duration::zero()) {
      return {};
    }
    const bool same = received != nullptr && received->event.task == task;
    effect.text = fmt::format("{} {}{} {} late", waiter, same ? "received" : "continued",
                              same ? payload_of(received->event) : "", in_words(late));
    if (arrival != nullptr) {
      effect.events.push_back(arrival->number);
    }
    if (same) {
      effect.events.push_back(received->number);
    }
    effect.text +=
        same ? then(effect, task, received, &reader) : then(effect, task, resumed, woken);
    return effect;
  }
  const bool gave_up = resumed->event.at != woken->event.at;
  effect.text = fmt::format("{} {} at {}", waiter,
                            gave_up ? "gave up" + place(*resumed) : "continued without it",
                            time_text(*resumed));
  if (arrival != nullptr) {
    effect.text += fmt::format("; it came at {}, {} late", time_text(*arrival),
                               in_words(arrival->event.t - due->event.t));
    effect.events.push_back(arrival->number);
  } else if (due != nullptr) {
    effect.text += "; it had not come when the run ended";
  }
  effect.text += then(effect, task, resumed, gave_up ? nullptr : woken);
  return effect;
}

// The task did not wait for what is delayed: it was there already.
Effect Comparison::of_late(const NumberedEvent& reader, const NumberedEvent& received) const {
  const sched::Duration late = received.event.t - reader.event.t;
  if (received.event.task != reader.event.task || late <= sched::Duration::zero()) {
    return {};
  }
  Effect effect;
  effect.events.push_back(received.number);
  effect.text = fmt::format("{} received{} {} late{}", received.event.task,
                            payload_of(received.event), in_words(late), place(received));
  effect.text += then(effect, received.event.task, &received, &reader);
  return effect;
}

// The deviation changed the call that was made at it.
Effect Comparison::of_call() {
  const Found call = failing_.next();
  const Found other = without_.next();
  if (call == nullptr || !is_call(call->event) || call->event.task.empty()) {
    return {};
  }
  Effect effect;
  effect.events.push_back(call->number);
  effect.text = fmt::format("{}: {}", call->event.task, act(*call));
  const bool comparable = other != nullptr && other->event.op == call->event.op &&
                          other->event.task == call->event.task;
  if (comparable) {
    effect.text +=
        fmt::format(", instead of{}{}", outcome_text(other->event), payload_of(other->event));
  }
  effect.text += then(effect, call->event.task, call, comparable ? other : nullptr);
  return effect;
}

// The task ran later.
Effect Comparison::of_order(const std::string& task) {
  const auto runs = [&](const NumberedEvent& one) {
    return one.event.op == Op::resume && one.event.task == task;
  };
  const Found due = without_.first(runs);
  if (due == nullptr) {
    return {};
  }
  const Found ran = failing_.first(runs);
  // What another task of the host did in its place.
  const Found overtaking = failing_.first([&](const NumberedEvent& one) {
    return one.event.host == due->event.host && is_call(one.event) && one.event.task != task;
  });
  if (overtaking == nullptr || (ran != nullptr && ran->number < overtaking->number)) {
    return {};
  }
  Effect effect;
  effect.events.push_back(overtaking->number);
  effect.text = fmt::format("{}{} {} after {} had called {}", task, place(*due),
                            ran == nullptr ? "never ran" : "ran at " + time_text(*ran) + ',',
                            overtaking->event.task, act(*overtaking));
  if (ran != nullptr) {
    effect.events.push_back(ran->number);
    effect.text += then(effect, task, ran);
  }
  return effect;
}

// Another host went first.
Effect Comparison::of_tie() {
  const auto acts = [](const NumberedEvent& one) {
    return one.event.op == Op::resume || one.event.op == Op::deliver;
  };
  const Found first = failing_.first(acts);
  const Found due = without_.first(acts);
  if (first == nullptr || due == nullptr || first->event.host == due->event.host) {
    return {};
  }
  const auto who = [](const NumberedEvent& one) {
    return one.event.op == Op::resume
               ? one.event.task + place(one) + " ran"
               : one.event.host + " received a segment of " + one.event.handle;
  };
  Effect effect;
  effect.text = fmt::format("{} before {}", who(*first), who(*due));
  effect.events.push_back(first->number);
  return effect;
}

// Finds the first task that does something else than in the other run, or fails to do it.
Effect Comparison::first_to_differ() {
  std::map<std::string_view, std::vector<Found>> others;
  const auto counts = [](const NumberedEvent& one) {
    return is_call(one.event) || one.event.op == Op::done || one.event.op == Op::failed;
  };
  for (auto one = without_.history().from(applied_.event + 1); one != without_.history().end();
       ++one) {
    if (counts(*one)) {
      others[one->event.task].push_back(&*one);
    }
  }
  std::map<std::string_view, std::size_t> done;
  for (auto one = failing_.history().from(applied_.event + 1); one != failing_.history().end();
       ++one) {
    // The tasks of a host that has crashed start again.
    if (!counts(*one) || ((at_.site == Site::crash || at_.site == Site::power) &&
                          one->event.host == host_of(at_.entity))) {
      continue;
    }
    const auto found = others.find(one->event.task);
    std::size_t& place_in = done[one->event.task];
    const Found other = found != others.end() && place_in < found->second.size()
                            ? found->second[place_in]
                            : nullptr;
    ++place_in;
    if (other == nullptr || is_same(one->event, other->event)) {
      continue;
    }
    Effect effect;
    effect.events.push_back(one->number);
    effect.text = fmt::format("the first to do something else was {} at {}: {}, instead of {}",
                              one->event.task, time_text(*one), act(*one), act(*other));
    return effect;
  }
  return {};
}

}  // namespace

Effect effect_of(const AppliedDeviation& applied, const History& failing, const History& without) {
  const bool comparable = failing.find(applied.event + 1) != nullptr &&
                          (applied.event == 0 || without.from(applied.event) != without.end()) &&
                          (without.whole() || without.find(applied.event) != nullptr);
  if (!comparable) {
    return {};
  }
  Effect effect = Comparison(applied, failing, without).effect();
  std::ranges::sort(effect.events);
  return effect;
}

}  // namespace rehearsal::harness
