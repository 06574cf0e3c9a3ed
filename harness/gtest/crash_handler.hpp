// CrashHandler: prints a text if the process dies in the middle of a run: by a signal, a failed
// CHECK or a sanitizer, or because a signal ends a run that hangs.
//
// A process has at most one, because it has one set of signal handlers.
#pragma once

#include <string_view>

namespace rehearsal::harness {

class CrashHandler {
 public:
  CrashHandler();
  CrashHandler(const CrashHandler&) = delete;
  CrashHandler& operator=(const CrashHandler&) = delete;
  ~CrashHandler();

  // Sets the text; empty prints nothing. The text is copied, and cut if it is too long.
  void set(std::string_view text);
};

}  // namespace rehearsal::harness
