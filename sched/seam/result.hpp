// Result<T>: what a non-blocking call of the Network interface returns.
#pragma once

#include <string>
#include <system_error>
#include <utility>

#include "sched/base/check.hpp"

namespace rehearsal::sched {

/// The error of a call that would have to wait. Errors are std::errc, the portable names of
/// errno values.
inline constexpr std::errc would_block = std::errc::operation_would_block;

/// A value, or the kernel's error.
template <class T = void>
class [[nodiscard]] Result {
 public:
  /// Creates a success.
  Result(T value) : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  /// Creates a failure. CHECKs that `error` is not zero.
  Result(std::errc error) : error_(error) {  // NOLINT(google-explicit-constructor)
    check(error != std::errc{}, "a Result without a value has an error");
  }

  /// Returns true if there is a value.
  [[nodiscard]] bool ok() const { return error_ == std::errc{}; }
  /// Returns the error, or zero if ok().
  [[nodiscard]] std::errc error() const { return error_; }
  /// Returns the value. REQUIRES: ok().
  [[nodiscard]] T& value() { return value_; }
  [[nodiscard]] const T& value() const { return value_; }

 private:
  T value_{};
  std::errc error_{};
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(std::errc error) : error_(error) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return error_ == std::errc{}; }
  [[nodiscard]] std::errc error() const { return error_; }

 private:
  std::errc error_{};
};

/// Throws std::system_error with `error`. `what` names the operation that failed, and its object.
[[noreturn]] void throw_error(std::errc error, const char* what);
[[noreturn]] void throw_error(std::errc error, const std::string& what);

}  // namespace rehearsal::sched
