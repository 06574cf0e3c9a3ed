#include "sched/tls/error.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>

namespace rehearsal::tls {
namespace {

class Category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "tls"; }
  [[nodiscard]] std::string message(int value) const override {
    OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, nullptr);
    const char* reason = ERR_reason_error_string(static_cast<unsigned long>(value));
    return reason != nullptr ? reason : "TLS error " + std::to_string(value);
  }
};

std::error_code code_of(unsigned long error) noexcept {
  return {static_cast<int>(error), tls_category()};
}

}  // namespace

const std::error_category& tls_category() noexcept {
  static const Category category;
  return category;
}

std::error_code tls_truncated() noexcept {
  return code_of(ERR_PACK(ERR_LIB_SSL, 0, SSL_R_UNEXPECTED_EOF_WHILE_READING));
}

std::error_code take_error() noexcept {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  if (error == 0) {
    return code_of(ERR_PACK(ERR_LIB_SSL, 0, ERR_R_INTERNAL_ERROR));
  }
  if (ERR_SYSTEM_ERROR(error)) {
    return {ERR_GET_REASON(error), std::generic_category()};
  }
  return code_of(error);
}

}  // namespace rehearsal::tls
