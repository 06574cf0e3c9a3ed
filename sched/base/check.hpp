// A CHECK states one invariant and is on in every build. It is for bugs of the caller, never for
// errors that a correct program can meet.
#pragma once

#include <source_location>
#include <string_view>

namespace rehearsal::sched {

/// Prints one line (what failed, where, and each current note), then aborts.
[[noreturn]] void check_failed(std::string_view what,
                               std::source_location where = std::source_location::current());

/// While it exists, every failing CHECK of this thread prints `text` too. A run names its schedule
/// this way. `text` must outlive the note. Notes nest.
class CheckNote {
 public:
  /// Adds `text`, which must outlive the note, to this thread's notes.
  explicit CheckNote(std::string_view text);
  ~CheckNote();
  CheckNote(const CheckNote&) = delete;
  CheckNote& operator=(const CheckNote&) = delete;

  /// Returns the text.
  [[nodiscard]] std::string_view text() const { return text_; }
  /// Returns the enclosing note of this thread, or null.
  [[nodiscard]] const CheckNote* outer() const { return outer_; }

 private:
  std::string_view text_;
  const CheckNote* outer_;
};

/// Aborts with `what` and the caller's line if `holds` is false.
inline void check(bool holds, std::string_view what,
                  std::source_location where = std::source_location::current()) {
  if (!holds) [[unlikely]] {
    check_failed(what, where);
  }
}

}  // namespace rehearsal::sched
