// What a non-blocking call of the seam gives: a value, or the error of the kernel.
#pragma once

#include <string>
#include <system_error>
#include <utility>

#include "sched/base/check.hpp"

namespace rehearsal::sched {

// Errors are std::errc, the portable names of errno values. would_block is the ordinary answer of a
// call that must wait.
inline constexpr std::errc would_block = std::errc::operation_would_block;

template <class T = void>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(std::errc error) : error_(error) {      // NOLINT(google-explicit-constructor)
    check(error != std::errc{}, "a Result without a value has an error");
  }

  [[nodiscard]] bool ok() const { return error_ == std::errc{}; }
  [[nodiscard]] std::errc error() const { return error_; }
  // REQUIRES: ok().
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

// Throws std::system_error; `what` says which operation failed, and on what.
[[noreturn]] void throw_error(std::errc error, const char* what);
[[noreturn]] void throw_error(std::errc error, const std::string& what);

}  // namespace rehearsal::sched
