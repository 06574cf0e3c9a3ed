// A CHECK states one invariant and stays on in every build. It is for bugs of the caller, never for
// what a healthy program can meet.
#pragma once

#include <source_location>
#include <string_view>

namespace rehearsal::sched {

// Prints one line (what failed, where, and each note in force), then aborts.
[[noreturn]] void check_failed(std::string_view what,
                               std::source_location where = std::source_location::current());

// While it lives, every failing CHECK of this thread prints `text` too: a run names its schedule
// this way. `text` must outlive the note. Notes nest.
class CheckNote {
 public:
  explicit CheckNote(std::string_view text);
  ~CheckNote();
  CheckNote(const CheckNote&) = delete;
  CheckNote& operator=(const CheckNote&) = delete;

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] const CheckNote* outer() const { return outer_; }

 private:
  std::string_view text_;
  const CheckNote* outer_;
};

inline void check(bool holds, std::string_view what,
                  std::source_location where = std::source_location::current()) {
  if (!holds) [[unlikely]] {
    check_failed(what, where);
  }
}

}  // namespace rehearsal::sched
