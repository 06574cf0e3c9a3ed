// Last words: what a process says when it dies in the middle of a run, by a signal, a CHECK, or
// what a sanitizer finds; also when it is asked to end because a run does not.
//
// There is one for the process, as there is one set of signal handlers.
#pragma once

#include <string_view>

namespace rehearsal::harness {

class CrashHandler {
 public:
  CrashHandler();
  CrashHandler(const CrashHandler&) = delete;
  CrashHandler& operator=(const CrashHandler&) = delete;
  ~CrashHandler();

  // What to say from now on; empty: nothing. It is copied, and cut where it is too long.
  void set(std::string_view text);
};

}  // namespace rehearsal::harness
