// Failure: how a run fails, and when two runs fail in the same way.
#pragma once

#include <cstdint>
#include <exception>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>

namespace rehearsal::simnet {

/// The kind of a failure.
///
/// - property:   a task threw, an assertion failed, or a property was violated
/// - deadlock:   tasks wait and nothing can ever wake them
/// - livelock:   the run reached WorldOptions::step_limit
/// - time_limit: the run reached WorldOptions::time_limit
/// - crash:      the process of the run crashed, for example by a signal or a failed CHECK
/// - not_simulated: a guest (<rehearsal/guest.hpp>) made a call that is not simulated
enum class FailureKind : std::uint8_t {
  property,
  deadlock,
  livelock,
  time_limit,
  crash,
  not_simulated
};
/// Number of kinds of failures.
inline constexpr std::size_t failure_kind_count = 6;

/// Returns the name of a kind, such as "a property failed" or "deadlock".
[[nodiscard]] std::string_view name(FailureKind kind);
/// Returns the kind of this name, or FailureKind::property if no kind has it.
[[nodiscard]] FailureKind failure_kind_named(std::string_view text);

/// What failed in a run, and at which line of the source.
struct Failure {
  /// The kind of the failure.
  FailureKind kind = FailureKind::property;
  /// One line that describes it.
  std::string what;
  /// The line of the failed check, as in "file.cpp:12", or empty if it is unknown. For a deadlock:
  /// the lines at which tasks wait, sorted, each once, separated by spaces.
  std::string where;

  /// Returns "WHAT (WHERE)", or only "WHAT" if the line is unknown.
  [[nodiscard]] std::string to_string() const;
  /// Compares all fields.
  friend bool operator==(const Failure&, const Failure&) = default;
};

/// Thrown to end a task whose failure is already noted in its world. The run fails even if the
/// program catches it. It does not derive from std::exception, so a program does not take it for an
/// error of its own.
struct NotedFailure {};

/// Thrown by a task whose guest made a call that is not simulated.
class NotSimulated : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Returns whether `other` is the same failure as `failure`, such as after shrinking. Digits in the
/// texts do not count, since a shrunk run may fail at another byte of another client. A deadlock is
/// the same if its tasks wait only at lines at which tasks of `failure` waited. All livelocks are
/// the same, and so are all exceeded time limits.
[[nodiscard]] bool same_failure(const Failure& failure, const Failure& other);

/// The end of Failure::what if the condition of World::eventually() did not become true in time.
inline constexpr std::string_view in_time = "did not become true in time";

/// Returns `text` without its decimal digits.
[[nodiscard]] std::string without_digits(std::string text);

/// Returns the message of an exception. REQUIRES: `failure` is not null.
[[nodiscard]] std::string what_was_thrown(const std::exception_ptr& failure);

/// Returns the line as "file.cpp:12", without folders, or an empty string if the line is 0.
[[nodiscard]] std::string line_of(const std::source_location& where);

}  // namespace rehearsal::simnet
