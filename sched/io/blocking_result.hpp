// What blocking work came to, as bytes: so that it can be recorded, and given to a program in whose
// replay the work is not done again.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <vector>

#include "sched/seam/network.hpp"

namespace rehearsal::sched {

// How a value is written as bytes and read back. Numbers, enumerations, std::string and vectors of
// numbers are known; specialise it for types of your own. A value of another type cannot be
// recorded: a replay calls the work again, which must then be a function of what it owns.
template <class T>
struct BlockingValue {
  static constexpr bool is_bytes = false;
};

template <class T>
concept Number = std::is_arithmetic_v<T> || std::is_enum_v<T>;

template <Number T>
struct BlockingValue<T> {
  static constexpr bool is_bytes = true;
  static std::vector<std::byte> put(const T& value) {
    const auto bytes = std::as_bytes(std::span(&value, 1));
    return {bytes.begin(), bytes.end()};
  }
  static std::optional<T> get(ConstBytes bytes) {
    T value{};
    if (bytes.size() != sizeof value) {
      return std::nullopt;
    }
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
};

// std::string and std::vector of numbers.
template <class T>
  requires Number<typename T::value_type> &&
           std::constructible_from<T, std::size_t, typename T::value_type> &&
           requires(T value) { value.data(); }
struct BlockingValue<T> {
  static constexpr bool is_bytes = true;
  static std::vector<std::byte> put(const T& value) {
    const auto bytes = std::as_bytes(std::span(value.data(), value.size()));
    return {bytes.begin(), bytes.end()};
  }
  static std::optional<T> get(ConstBytes bytes) {
    if (bytes.size() % sizeof(typename T::value_type) != 0) {
      return std::nullopt;
    }
    T value(bytes.size() / sizeof(typename T::value_type), typename T::value_type{});
    if (!bytes.empty()) {
      std::memcpy(value.data(), bytes.data(), bytes.size());
    }
    return value;
  }
};

struct BlockingOutcome {
  bool is_bytes = true;             // false: `value` is not known
  std::vector<std::byte> value;     // of void: empty
  std::optional<std::string> what;  // it threw this
  std::errc error{};                // in a std::system_error of this; none: in another exception
};

// An exception of a type that is not known any more.
class BlockingFailure : public std::exception {
 public:
  explicit BlockingFailure(std::string what) : what_(std::move(what)) {}
  [[nodiscard]] const char* what() const noexcept override { return what_.c_str(); }

 private:
  std::string what_;
};

// What `failure` is in a recording.
[[nodiscard]] BlockingOutcome outcome_of(const std::exception_ptr& failure);
// Throws what it is. REQUIRES: it threw.
[[noreturn]] void rethrow(const BlockingOutcome& outcome);

}  // namespace rehearsal::sched
