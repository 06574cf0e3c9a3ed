#include "harness/process/wire.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <functional>
#include <iterator>
#include <map>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

namespace rehearsal::harness {
namespace {

// Both ends of the socket are the same program, so numbers are copied as they are in memory.
class Put {
 public:
  void bytes(void* data, std::size_t size) { bytes_.append(static_cast<char*>(data), size); }
  [[nodiscard]] std::string& bytes() { return bytes_; }
  // A message that is written is not damaged.
  static bool require(bool /*holds*/) { return true; }
  static std::size_t left() { return 0; }

 private:
  std::string bytes_;
};

class Get {
 public:
  explicit Get(std::string_view bytes) : bytes_(bytes) {}
  // Leaves `data` as it is if the bytes are not there.
  void bytes(void* data, std::size_t size) {
    if (require(size <= bytes_.size())) {
      std::ranges::copy(bytes_.substr(0, size), static_cast<char*>(data));
      bytes_.remove_prefix(size);
    }
  }
  // The message is damaged unless this holds.
  bool require(bool holds) {
    damaged_ = damaged_ || !holds;
    return !damaged_;
  }
  [[nodiscard]] std::size_t left() const { return bytes_.size(); }
  // Returns whether the bytes are a message and nothing else.
  [[nodiscard]] bool whole() const { return !damaged_ && bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool damaged_ = false;
};

// The number of values of an enumeration.
constexpr std::size_t count_of(simnet::Site /*site*/) { return simnet::site_count; }
constexpr std::size_t count_of(simnet::FailureKind /*kind*/) { return simnet::failure_kind_count; }
constexpr std::size_t count_of(simnet::SearchEnd /*end*/) {
  return static_cast<std::size_t>(simnet::SearchEnd::faults) + 1;
}

// The members of each message, in order: one description for both directions. `way` is a Put, which
// writes the value, or a Get, which reads it.
template <std::integral T>
void item(auto& way, T& number) {
  way.bytes(&number, sizeof number);
}
// Sends a number that is less than `count`.
void item(auto& way, std::uint8_t& number, std::size_t count) {
  item(way, number);
  if (!way.require(number < count)) {
    number = 0;
  }
}
void item(auto& way, bool& flag) {
  auto number = static_cast<std::uint8_t>(flag ? 1 : 0);
  item(way, number, 2);
  flag = number != 0;
}
template <class T>
  requires std::is_enum_v<T>
void item(auto& way, T& value) {
  auto number = static_cast<std::uint8_t>(value);
  item(way, number, count_of(value));
  value = static_cast<T>(number);
}
void item(auto& way, sched::Duration& time) {
  sched::Duration::rep count = time.count();
  item(way, count);
  time = sched::Duration(count);
}
void resize(auto& way, auto& values) {
  std::size_t size = values.size();
  item(way, size);
  // Each value has a byte at least.
  values.resize(way.require(size <= way.left()) ? size : 0);
}
void item(auto& way, std::string& text) {
  resize(way, text);
  way.bytes(text.data(), text.size());
}
template <class T, std::size_t n>
void item(auto& way, std::array<T, n>& values) {
  for (T& value : values) {
    item(way, value);
  }
}
template <class T>
void item(auto& way, std::vector<T>& values) {
  resize(way, values);
  for (T& value : values) {
    item(way, value);
  }
}
template <class T, class Less>
void item(auto& way, std::map<std::string, T, Less>& values) {
  std::vector<std::string> names;
  std::ranges::copy(std::views::keys(values), std::back_inserter(names));
  item(way, names);
  if (!way.require(std::ranges::adjacent_find(names, std::greater_equal<>()) == names.end())) {
    names.clear();
  }
  for (const std::string& name : names) {
    item(way, values[name]);
  }
}
template <class T>
void item(auto& way, std::optional<T>& value) {
  bool has_value = value.has_value();
  item(way, has_value);
  if (has_value) {
    item(way, value ? *value : value.emplace());
  }
}

void items(auto& way, auto&... values) { (item(way, values), ...); }

void item(auto& way, RunFailed& m) { items(way, m.seed, m.digest, m.kind, m.what); }
void item(auto& way, simnet::FaultCount& m) {
  items(way, m.name, m.optional, m.matched, m.fired, m.mattered);
}
void item(auto& way, simnet::LongRun& m) { items(way, m.steps, m.seed, m.failed); }
void item(auto& way, simnet::Tally& m) {
  items(way, m.runs, m.failed, m.steps, m.time, m.digest, m.faults, m.fired, m.sometimes,
        m.sometimes_late, m.planned, m.unended, m.longest);
}
void item(auto& way, Tallied& m) { items(way, m.begin, m.end, m.tally); }
void item(auto& /*way*/, RunDiffers& /*m*/) {}
void item(auto& way, Ends& m) { item(way, m.leaked); }
void item(auto& way, Begins& m) { item(way, m.data_seed); }
void item(auto& way, simnet::Deviation& m) {
  items(way, m.at.site, m.at.entity, m.at.ordinal, m.value);
}
void item(auto& way, Deviates& m) { item(way, m.deviation); }
void item(auto& way, Logs& m) { item(way, m.line); }
void item(auto& way, Expectation& m) { items(way, m.file, m.line, m.message, m.when); }
void item(auto& way, Skips& m) { item(way, m.why); }
void item(auto& way, simnet::Schedule& m) { items(way, m.scenario, m.data_seed, m.deviations); }
void item(auto& way, Tries& m) { items(way, m.schedule, m.from_step, m.seed); }
void item(auto& way, simnet::Failure& m) { items(way, m.kind, m.what, m.where); }
void item(auto& way, simnet::Outcome& m) { items(way, m.failure, m.deviated, m.steps, m.digest); }
void item(auto& way, RunEnded& m) { items(way, m.outcome, m.status, m.what); }
void item(auto& way, Searched& m) {
  items(way, m.said, m.end, m.runs, m.failed_at, m.notes, m.unreached, m.failure);
}

// Returns nothing if there is no such kind.
template <std::size_t... kinds>
std::optional<Message> message_of(std::size_t kind, std::index_sequence<kinds...> /*all*/) {
  Message message;
  const bool known = ((kind == kinds && (message.emplace<kinds>(), true)) || ...);
  return known ? std::optional(std::move(message)) : std::nullopt;
}

}  // namespace

std::string to_bytes(Message message) {
  Put put;
  std::visit([&](auto& one) { item(put, one); }, message);
  Put framed;
  std::size_t kind = message.index();
  items(framed, kind, put.bytes());
  return framed.bytes();
}

std::optional<Message> MessageReader::next() {
  constexpr std::size_t head = 2 * sizeof(std::size_t);
  const std::string_view rest = std::string_view(bytes_).substr(at_);
  std::size_t kind = 0;
  std::size_t size = 0;
  if (rest.size() >= head) {
    Get get(rest);
    items(get, kind, size);
  }
  if (damaged_ || rest.size() < head || rest.size() - head < size) {
    bytes_.erase(0, at_);
    at_ = 0;
    return std::nullopt;
  }
  std::optional<Message> message =
      message_of(kind, std::make_index_sequence<std::variant_size_v<Message>>());
  Get get(rest.substr(head, size));
  if (message) {
    std::visit([&](auto& one) { item(get, one); }, *message);
  }
  if (!message || !get.whole()) {
    damaged_ = true;
    return std::nullopt;
  }
  at_ += head + size;
  return message;
}

}  // namespace rehearsal::harness
