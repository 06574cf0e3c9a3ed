// System calls that a guest makes behind the functions of symbols/, as the C library does inside
// itself: the kernel reports each to this process instead of doing it (prctl(2),
// PR_SET_SYSCALL_USER_DISPATCH). What only uses memory or reads files is done; all else ends the
// guest.
#pragma once

#include <atomic>
#include <exception>
#include <string>
#include <string_view>

namespace rehearsal::simnet {

class SystemCalls {
 public:
  // Begins to report those of this thread, while a guest runs. Says once on stderr if the kernel
  // cannot.
  static void report();
  // Returns false if report() has found that the kernel cannot.
  [[nodiscard]] static bool can_report() { return can_report_; }
  // Called when the code of a guest begins and ends to run on this thread.
  static void set_reported(bool reported) { selector_ = reported ? block : allow; }
  // Lets guests read files whose path begins so, beside those of the system.
  static void allow_files(std::string prefix);

  // Returns the failure of a guest that made a call which is not simulated. `caller` is in the code
  // that made it.
  [[nodiscard]] static std::exception_ptr refusal(std::string_view call, const void* caller);

 private:
  static constexpr char allow = 0;  // SYSCALL_DISPATCH_FILTER_ALLOW
  static constexpr char block = 1;  // SYSCALL_DISPATCH_FILTER_BLOCK

  // NOLINTNEXTLINE(*-non-const-global-variables, *-identifier-naming)
  static inline std::atomic<bool> can_report_ = true;
  // The kernel reads it. NOLINTNEXTLINE(*-non-const-global-variables, *-identifier-naming)
  static inline constinit thread_local char selector_ = allow;
};

}  // namespace rehearsal::simnet
