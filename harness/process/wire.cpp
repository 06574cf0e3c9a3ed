#include "harness/process/wire.hpp"

#include <cstring>
#include <type_traits>

#include "sched/base/check.hpp"

namespace rehearsal::harness {
namespace {

// One code for both ways: `Put` and `Get` visit the same fields in the same order. Both ends of the
// pipe are the same program, so numbers go as they are in memory.
class Put {
 public:
  void operator()(std::uint64_t number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof(number));  // NOLINT
  }
  void operator()(const std::string& text) {
    (*this)(std::uint64_t{text.size()});
    bytes_ += text;
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class Get {
 public:
  explicit Get(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t number() {
    std::uint64_t value = 0;
    sched::check(bytes_.size() - at_ >= sizeof(value), "a message of a worker is whole");
    std::memcpy(&value, bytes_.data() + at_, sizeof(value));
    at_ += sizeof(value);
    return value;
  }
  std::string text() {
    const std::uint64_t size = number();
    sched::check(bytes_.size() - at_ >= size, "a message of a worker is whole");
    std::string value(bytes_.substr(at_, size));
    at_ += size;
    return value;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

void put(Put& to, const RunFailed& message) {
  to(message.seed);
  to(message.digest);
  to(message.kind);
  to(message.what);
}
void put(Put& to, const Tallied& message) {
  const simnet::Tally& tally = message.tally;
  to(message.begin);
  to(message.end);
  to(tally.runs);
  to(tally.failed);
  to(tally.steps);
  to(static_cast<std::uint64_t>(tally.time.count()));
  to(tally.digest);
  to(std::uint64_t{tally.faults.size()});
  for (const auto& [name, fault] : tally.faults) {
    to(name);
    to(fault.optional ? 1U : 0U);
    to(fault.matched);
    to(fault.fired);
    to(fault.mattered);
  }
  for (const std::uint64_t fired : tally.fired) {
    to(fired);
  }
  to(std::uint64_t{tally.sometimes.size()});
  for (const auto& [name, held] : tally.sometimes) {
    to(name);
    to(held ? 1U : 0U);
  }
}
void put(Put& /*to*/, const Ends& /*message*/) {}
void put(Put& to, const Deviates& message) {
  to(static_cast<std::uint64_t>(message.deviation.at.site));
  to(message.deviation.at.entity);
  to(message.deviation.at.ordinal);
  to(message.deviation.value);
}
void put(Put& to, const Logs& message) { to(message.line); }
void put(Put& to, const Retold& message) {
  to(message.digest);
  to(message.what);
  to(message.schedule);
}
void put(Put& to, const std::vector<simnet::Deviation>& deviations) {
  to(std::uint64_t{deviations.size()});
  for (const simnet::Deviation& deviation : deviations) {
    put(to, Deviates{deviation});
  }
}
void put(Put& to, const Tries& message) {
  to(message.schedule.scenario);
  to(message.schedule.data_seed);
  put(to, message.schedule.deviations);
  to(message.from_step);
  to(message.seed);
}
void put(Put& to, const simnet::Outcome& outcome) {
  to(outcome.failure ? 1U : 0U);
  if (outcome.failure) {
    to(static_cast<std::uint64_t>(outcome.failure->kind));
    to(outcome.failure->what);
    to(outcome.failure->where);
  }
  put(to, outcome.deviated);
  to(outcome.steps);
  to(outcome.digest);
}
void put(Put& to, const Tried& message) { put(to, message.outcome); }
void put(Put& to, const Came& message) {
  to(message.status);
  put(to, message.outcome);
}
void put(Put& to, const Reached& message) {
  to(message.event);
  to(message.step);
}

RunFailed get_failure(Get& from) {
  RunFailed message;
  message.seed = from.number();
  message.digest = from.number();
  message.kind = from.text();
  message.what = from.text();
  return message;
}

Tallied get_tally(Get& from) {
  Tallied message;
  simnet::Tally& tally = message.tally;
  message.begin = from.number();
  message.end = from.number();
  tally.runs = from.number();
  tally.failed = from.number();
  tally.steps = from.number();
  tally.time = sched::Duration(static_cast<std::int64_t>(from.number()));
  tally.digest = from.number();
  for (std::uint64_t left = from.number(); left > 0; --left) {
    simnet::FaultCount fault;
    fault.name = from.text();
    fault.optional = from.number() != 0;
    fault.matched = from.number();
    fault.fired = from.number();
    fault.mattered = from.number();
    tally.faults[fault.name] = fault;
  }
  for (std::uint64_t& fired : tally.fired) {
    fired = from.number();
  }
  for (std::uint64_t left = from.number(); left > 0; --left) {
    const std::string name = from.text();
    tally.sometimes[name] = from.number() != 0;
  }
  return message;
}

Deviates get_deviation(Get& from) {
  Deviates message;
  message.deviation.at.site = static_cast<simnet::Site>(from.number());
  message.deviation.at.entity = from.text();
  message.deviation.at.ordinal = static_cast<std::uint32_t>(from.number());
  message.deviation.value = static_cast<std::uint32_t>(from.number());
  return message;
}

Retold get_retold(Get& from) {
  Retold message;
  message.digest = from.number();
  message.what = from.text();
  message.schedule = from.text();
  return message;
}

std::vector<simnet::Deviation> get_deviations(Get& from) {
  std::vector<simnet::Deviation> deviations(from.number());
  for (simnet::Deviation& deviation : deviations) {
    deviation = get_deviation(from).deviation;
  }
  return deviations;
}

Tries get_tries(Get& from) {
  Tries message;
  message.schedule.scenario = from.text();
  message.schedule.data_seed = from.number();
  message.schedule.deviations = get_deviations(from);
  message.from_step = from.number();
  message.seed = from.number();
  return message;
}

simnet::Outcome get_outcome(Get& from) {
  simnet::Outcome outcome;
  if (from.number() != 0) {
    simnet::Failure& failure = outcome.failure.emplace();
    failure.kind = static_cast<simnet::FailureKind>(from.number());
    failure.what = from.text();
    failure.where = from.text();
  }
  outcome.deviated = get_deviations(from);
  outcome.steps = from.number();
  outcome.digest = from.number();
  return outcome;
}

Came get_came(Get& from) {
  Came message;
  message.status = from.number();
  message.outcome = get_outcome(from);
  return message;
}

Reached get_reached(Get& from) {
  Reached message;
  message.event = from.number();
  message.step = from.number();
  return message;
}

}  // namespace

std::string to_bytes(const Message& message) {
  Put fields;
  std::visit([&](const auto& one) { put(fields, one); }, message);
  Put framed;
  framed(std::uint64_t{message.index()});
  framed(fields.bytes());
  return framed.bytes();
}

std::optional<Message> MessageReader::next() {
  constexpr std::size_t head = 2 * sizeof(std::uint64_t);
  const std::string_view rest = std::string_view(bytes_).substr(at_);
  std::uint64_t size = 0;
  if (rest.size() >= head) {
    size = Get(rest.substr(sizeof(std::uint64_t))).number();
  }
  if (rest.size() < head || rest.size() - head < size) {
    bytes_.erase(0, at_);
    at_ = 0;
    return std::nullopt;
  }
  const std::uint64_t kind = Get(rest).number();
  Get fields(rest.substr(head, size));
  at_ += head + size;
  switch (kind) {
    case 0:
      return get_failure(fields);
    case 1:
      return get_tally(fields);
    case 2:
      return Ends{};
    case 3:
      return get_deviation(fields);
    case 4:
      return Logs{fields.text()};
    case 5:
      return get_retold(fields);
    case 6:
      return get_tries(fields);
    case 7:
      return Tried{get_outcome(fields)};
    case 8:
      return get_came(fields);
    case 9:
      return get_reached(fields);
    default:
      sched::check_failed("a message of a worker is of a known kind");
  }
}

}  // namespace rehearsal::harness
