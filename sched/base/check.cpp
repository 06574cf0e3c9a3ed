#include "sched/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace rehearsal::sched {
namespace {

thread_local const CheckNote* innermost_note = nullptr;  // NOLINT(*-non-const-global-variables)

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

}  // namespace

void check_failed(std::string_view what, std::source_location where) {
  print("CHECK failed: ");
  print(what);
  std::fprintf(stderr, " (%s:%u)\n", where.file_name(), static_cast<unsigned>(where.line()));
  for (const CheckNote* note = innermost_note; note != nullptr; note = note->outer()) {
    print("  ");
    print(note->text());
    print("\n");
  }
  std::fflush(stderr);
  std::abort();
}

CheckNote::CheckNote(std::string_view text) : text_(text), outer_(innermost_note) {
  innermost_note = this;
}

CheckNote::~CheckNote() { innermost_note = outer_; }

}  // namespace rehearsal::sched
