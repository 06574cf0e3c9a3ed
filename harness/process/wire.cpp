#include "harness/process/wire.hpp"

#include <array>
#include <concepts>
#include <cstring>
#include <map>
#include <type_traits>
#include <utility>
#include <vector>

#include "sched/base/check.hpp"

namespace rehearsal::harness {
namespace {

template <class M, class T>
concept Is = std::same_as<std::remove_const_t<M>, T>;
template <class T>
concept Number = std::is_integral_v<T> || std::is_enum_v<T>;

// One description for both ways: the fields of each message, in order. `way` is a Put, which writes
// them, or a Get, which reads them.
void fields(auto& way, Is<RunFailed> auto& m) { way(m.seed, m.digest, m.kind, m.what); }
void fields(auto& way, Is<simnet::FaultCount> auto& m) {
  way(m.name, m.optional, m.matched, m.fired, m.mattered);
}
void fields(auto& way, Is<simnet::Tally> auto& m) {
  way(m.runs, m.failed, m.steps, m.time, m.digest, m.faults, m.fired, m.sometimes);
}
void fields(auto& way, Is<Tallied> auto& m) { way(m.begin, m.end, m.tally); }
void fields(auto& /*way*/, Is<Ends> auto& /*m*/) {}
void fields(auto& way, Is<simnet::Deviation> auto& m) {
  way(m.at.site, m.at.entity, m.at.ordinal, m.value);
}
void fields(auto& way, Is<Deviates> auto& m) { way(m.deviation); }
void fields(auto& way, Is<Logs> auto& m) { way(m.line); }
void fields(auto& way, Is<simnet::Schedule> auto& m) { way(m.scenario, m.data_seed, m.deviations); }
void fields(auto& way, Is<Tries> auto& m) { way(m.schedule, m.from_step, m.seed); }
void fields(auto& way, Is<simnet::Failure> auto& m) { way(m.kind, m.what, m.where); }
void fields(auto& way, Is<simnet::Outcome> auto& m) {
  way(m.failure, m.deviated, m.steps, m.digest);
}
void fields(auto& way, Is<RunEnded> auto& m) { way(m.outcome, m.status, m.what); }
void fields(auto& way, Is<Reached> auto& m) { way(m.event, m.step); }

// Both ends of the pipe are the same program, so numbers go as they are in memory.
class Put {
 public:
  template <class... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  template <class T>
  void put(const T& message) {
    fields(*this, message);
  }
  template <Number T>
  void put(const T& number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);  // NOLINT
  }
  void put(sched::Duration time) { put(time.count()); }
  void put(const std::string& text) {
    put(text.size());
    bytes_ += text;
  }
  template <class T, std::size_t n>
  void put(const std::array<T, n>& values) {
    for (const T& value : values) {
      put(value);
    }
  }
  template <class T>
  void put(const std::vector<T>& values) {
    put(values.size());
    for (const T& value : values) {
      put(value);
    }
  }
  template <class T, class Less>
  void put(const std::map<std::string, T, Less>& values) {
    put(values.size());
    for (const auto& [name, value] : values) {
      (*this)(name, value);
    }
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) {
      put(*value);
    }
  }

  std::string bytes_;
};

class Get {
 public:
  explicit Get(std::string_view bytes) : bytes_(bytes) {}
  template <class... T>
  void operator()(T&... values) {
    (get(values), ...);
  }

 private:
  std::string_view take(std::size_t size) {
    sched::check(bytes_.size() >= size, "a message of a worker is whole");
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  std::size_t size() {
    std::size_t size = 0;
    get(size);
    return size;
  }

  template <class T>
  void get(T& message) {
    fields(*this, message);
  }
  void get(Number auto& number) { std::memcpy(&number, take(sizeof number).data(), sizeof number); }
  void get(sched::Duration& time) {
    sched::Duration::rep count = 0;
    get(count);
    time = sched::Duration(count);
  }
  void get(std::string& text) { text = take(size()); }
  template <class T, std::size_t n>
  void get(std::array<T, n>& values) {
    for (T& value : values) {
      get(value);
    }
  }
  template <class T>
  void get(std::vector<T>& values) {
    values.resize(size());
    for (T& value : values) {
      get(value);
    }
  }
  template <class T, class Less>
  void get(std::map<std::string, T, Less>& values) {
    for (std::size_t left = size(); left > 0; --left) {
      std::string name;
      get(name);
      get(values[name]);
    }
  }
  template <class T>
  void get(std::optional<T>& value) {
    bool has_value = false;
    get(has_value);
    if (has_value) {
      get(value.emplace());
    }
  }

  std::string_view bytes_;
};

template <std::size_t... kinds>
Message message_of(std::size_t kind, std::index_sequence<kinds...> /*all*/) {
  Message message;
  const bool known = ((kind == kinds && (message.emplace<kinds>(), true)) || ...);
  sched::check(known, "a message of a worker is of a known kind");
  return message;
}

}  // namespace

std::string to_bytes(const Message& message) {
  Put put;
  std::visit([&](const auto& one) { put(one); }, message);
  Put framed;
  framed(message.index(), put.bytes());
  return framed.bytes();
}

std::optional<Message> MessageReader::next() {
  constexpr std::size_t head = 2 * sizeof(std::size_t);
  const std::string_view rest = std::string_view(bytes_).substr(at_);
  std::size_t kind = 0;
  std::size_t size = 0;
  if (rest.size() >= head) {
    Get get(rest);
    get(kind, size);
  }
  if (rest.size() < head || rest.size() - head < size) {
    bytes_.erase(0, at_);
    at_ = 0;
    return std::nullopt;
  }
  Message message = message_of(kind, std::make_index_sequence<std::variant_size_v<Message>>());
  Get get(rest.substr(head, size));
  std::visit([&](auto& one) { get(one); }, message);
  at_ += head + size;
  return message;
}

}  // namespace rehearsal::harness
