// TLS for the load generator: OpenSSL over a socket, as a client that accepts every certificate.
#pragma once

#include <cerrno>
#include <cstddef>

#include <openssl/ssl.h>

namespace bench {

class TlsConnection {
 public:
  // Performs the handshake on a blocking socket. Leaves `tls` null if it fails.
  explicit TlsConnection(int descriptor) {
    static SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
    tls = SSL_new(context);
    SSL_set_fd(tls, descriptor);
    if (SSL_connect(tls) != 1) {
      SSL_free(tls);
      tls = nullptr;
    }
  }

  // Both are as send(2) and recv(2) on a non-blocking socket.
  long send(const char* from, std::size_t size) const {
    std::size_t done = 0;
    return outcome(SSL_write_ex(tls, from, size, &done), done);
  }
  long recv(char* into, std::size_t size) const {
    std::size_t done = 0;
    return outcome(SSL_read_ex(tls, into, size, &done), done);
  }

  SSL* tls = nullptr;

 private:
  [[nodiscard]] long outcome(int result, std::size_t done) const {
    if (result == 1) return static_cast<long>(done);
    const int error = SSL_get_error(tls, result);
    if (error == SSL_ERROR_ZERO_RETURN) return 0;
    errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
    return -1;
  }
};

}  // namespace bench
