// StopHandler: prints a text if SIGINT or SIGTERM ends the process, as it ends a run that hangs.
//
// A process has at most one, because it has one set of signal handlers.
#pragma once

#include <string_view>

namespace rehearsal::harness {

class StopHandler {
 public:
  StopHandler();
  StopHandler(const StopHandler&) = delete;
  StopHandler& operator=(const StopHandler&) = delete;
  ~StopHandler();  // restores the previous handlers

  // Sets the text; empty prints nothing. The text is copied, and cut if it is too long.
  void set(std::string_view text);
};

}  // namespace rehearsal::harness
