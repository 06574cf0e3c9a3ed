// The failures of TLS itself, as std::error_code. Failures of the connection below are those of the
// network.
#pragma once

#include <string>
#include <system_error>

namespace rehearsal::tls {

/// Returns the category of OpenSSL's errors. A message is OpenSSL's reason, such as "certificate
/// verify failed" or "tlsv1 alert unknown ca".
[[nodiscard]] const std::error_category& tls_category() noexcept;

/// Returns the error of a connection that ended without a close-notify alert: the peer crashed, or
/// somebody cut the connection. An orderly end is not an error: a read returns 0 bytes.
[[nodiscard]] std::error_code tls_truncated() noexcept;

// What OpenSSL reported: a code, and details that the code does not have.
struct Failure {
  std::error_code code;
  std::string details;

  // Returns `what`, with the details.
  [[nodiscard]] std::string text(const std::string& what) const {
    return details.empty() ? what : what + " (" + details + ")";
  }
};

// Takes the first error of OpenSSL's queue of this thread, and empties the queue.
[[nodiscard]] std::error_code take_error() noexcept;

}  // namespace rehearsal::tls
