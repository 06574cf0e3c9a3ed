// What a run fails with, and when two runs fail with the same.
#pragma once

#include <cstdint>
#include <exception>
#include <source_location>
#include <string>
#include <string_view>

namespace rehearsal::simnet {

enum class FailureKind : std::uint8_t { property, deadlock, livelock, time_limit, crash };
inline constexpr std::size_t failure_kind_count = 5;

// "a property failed", "deadlock", ...
[[nodiscard]] std::string_view name(FailureKind kind);
// That of this name; `property` where none has it.
[[nodiscard]] FailureKind failure_kind_named(std::string_view text);

struct Failure {
  FailureKind kind = FailureKind::property;
  std::string what;  // one line for a person
  // "file.cpp:12", the line of the check; empty where none is known. Of a deadlock, the lines at
  // which its tasks wait, each once, in order, with blanks between.
  std::string where;

  // "WHAT (WHERE)"
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const Failure&, const Failure&) = default;
};

// What ends a task whose failure its world has noted already, whatever becomes of the exception. It
// is no std::exception, so that a program does not take it for an error of its own.
struct NotedFailure {};

// Whether `other` is `failure` over again. The numbers in what they say do not count: a shrunk run
// has its failure at another byte of another client. A deadlock is the same where its tasks wait at
// no line at which none waited; a livelock or a time limit is the same as any other.
[[nodiscard]] bool same_failure(const Failure& failure, const Failure& other);

// For texts in which numbers do not count.
[[nodiscard]] std::string without_digits(std::string text);

// What an exception says. REQUIRES: there is one.
[[nodiscard]] std::string what_was_thrown(const std::exception_ptr& failure);

// "file.cpp:12", without folders; empty where the line is 0.
[[nodiscard]] std::string line_of(const std::source_location& where);

}  // namespace rehearsal::simnet
