// The outcome of blocking work as bytes, so that it can be recorded, and a replay can use it
// instead of repeating the work.
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

/// Converts a value to bytes and back. Supports numbers, enumerations, std::string and vectors of
/// numbers; specialise it for your own types. A value of another type cannot be recorded: a replay
/// then runs the work again, so it must depend only on what it owns.
template <class T>
struct BlockingValue {
  static constexpr bool is_bytes = false;
};

/// A number or an enumeration, which is copied byte by byte.
template <class T>
concept Number = std::is_arithmetic_v<T> || std::is_enum_v<T>;

/// Supports numbers and enumerations. A specialisation has these three members.
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

/// Supports std::string and std::vector of numbers.
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

/// How blocking work ended: it returned a value, or threw an exception.
struct BlockingOutcome {
  bool is_bytes = true;             ///< false if `value` could not be recorded
  std::vector<std::byte> value;     ///< empty if the work returns void
  std::optional<std::string> what;  ///< the text of the exception, if it threw one
  std::errc error{};  ///< the code of a std::system_error; zero for any other exception
};

/// Thrown in a replay instead of an exception whose type was not recorded.
class BlockingFailure : public std::exception {
 public:
  explicit BlockingFailure(std::string what) : what_(std::move(what)) {}
  [[nodiscard]] const char* what() const noexcept override { return what_.c_str(); }

 private:
  std::string what_;
};

/// Returns the outcome that a recording keeps for `failure`.
[[nodiscard]] BlockingOutcome outcome_of(const std::exception_ptr& failure);
/// Throws the exception that `outcome` holds. REQUIRES: outcome.what is set.
[[noreturn]] void rethrow(const BlockingOutcome& outcome);

}  // namespace rehearsal::sched
