// Exit statuses of the program, and the error of bad input.
#pragma once

#include <stdexcept>

#include "simnet/failure.hpp"

namespace rehearsal::harness {

inline constexpr int failed = 1;            // a property failed, or a configured fault never fired
inline constexpr int bad_input = 2;         // one line on stderr says what is wrong
inline constexpr int deadlocked = 3;        // tasks wait, and nothing can wake them
inline constexpr int endless = 4;           // a livelock, or the limit of virtual time
inline constexpr int nondeterministic = 5;  // the same schedule resulted in another run
inline constexpr int crashed = 6;           // the process of a run ended
inline constexpr int not_simulated = 8;     // a guest made a call that is not simulated
inline constexpr int interrupted = 130;     // as a shell reports SIGINT

[[nodiscard]] constexpr int exit_status(simnet::FailureKind kind) {
  switch (kind) {
    case simnet::FailureKind::property:
      return failed;
    case simnet::FailureKind::deadlock:
      return deadlocked;
    case simnet::FailureKind::livelock:
    case simnet::FailureKind::time_limit:
      return endless;
    case simnet::FailureKind::crash:
      return crashed;
    case simnet::FailureKind::not_simulated:
      return not_simulated;
  }
  return failed;
}

// An error in the input of a command. what() is the line to print on stderr. A command that throws
// it exits with `bad_input`.
class BadInput : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The last paragraph of --help.
inline constexpr const char* exit_status_help =
    "Exit status: 0 passed, 1 property failed, 2 bad input, 3 deadlock, 4 livelock or time "
    "limit, 5 nondeterminism, 6 crash, 8 call not simulated, 130 interrupted.";

}  // namespace rehearsal::harness
