// What the TLS connections of a server, or of a client, have in common: certificates, keys, and
// whom they trust.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sched/base/time.hpp"
#include "sched/tls/pem.hpp"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace rehearsal::tls {

/// Options of a TlsServerContext.
struct TlsServerOptions {
  TlsServerOptions() = default;

  /// The server's certificate, followed by those that lead from it to a known one.
  Pem certificate;
  /// The private key of the certificate, without a passphrase.
  Pem key;
  /// Certificates of the authorities that clients need a certificate from. Empty: a client needs
  /// none.
  Pem client_authorities;
  /// Protocols to choose from by ALPN (RFC 7301), the preferred one first. Empty: none is chosen. A
  /// client that offers others only is refused.
  std::vector<std::string> protocols;
};

/// Options of a TlsClientContext.
struct TlsClientOptions {
  TlsClientOptions() = default;

  /// Certificates of the authorities that the server needs a certificate from. Empty: those that
  /// OpenSSL finds on this machine.
  Pem authorities;
  /// If false, any certificate is accepted: whoever is between client and server can read and
  /// change everything.
  bool verify = true;
  /// A certificate for servers that ask for one. Empty: none.
  Pem certificate;
  /// The private key of the certificate, without a passphrase.
  Pem key;
  /// Protocols to offer by ALPN (RFC 7301), the preferred one first. Empty: none.
  std::vector<std::string> protocols;
};

// OpenSSL's context, and what its callbacks refer to.
class Context {
 public:
  explicit Context(const TlsServerOptions& options);
  explicit Context(const TlsClientOptions& options);
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context();

  [[nodiscard]] ssl_ctx_st* get() const { return context_; }
  [[nodiscard]] sched::WallTime valid_from() const;

 private:
  Context();
  void restrict_to_known();
  void use(const Pem& certificate, const Pem& key);
  void trust(const Pem& authorities);

  ssl_ctx_st* context_;
  std::string protocols_;  // as ALPN sends them: each after its length
};

/// What the connections of a TLS server have in common. It may serve any number of connections, of
/// any host and thread. Copies share it. TLS 1.2 and 1.3; sessions are not resumed.
class TlsServerContext {
 public:
  /// Reads certificate and key. Throws std::system_error, whose text names the file: it cannot be
  /// read, holds no certificate or key, or the key does not belong to the certificate.
  explicit TlsServerContext(const TlsServerOptions& options)
      : context_(std::make_shared<const Context>(options)) {}

  /// Returns when the server's certificate becomes valid. Clients check it at the time of their
  /// host's wall clock, which in a world starts at WorldOptions::epoch.
  [[nodiscard]] sched::WallTime valid_from() const { return context_->valid_from(); }
  [[nodiscard]] const Context& context() const { return *context_; }

 private:
  std::shared_ptr<const Context> context_;
};

/// What the connections of a TLS client have in common. It may serve any number of connections, of
/// any host and thread. Copies share it. TLS 1.2 and 1.3; sessions are not resumed.
class TlsClientContext {
 public:
  /// Reads the files. Throws std::system_error, whose text names the file.
  explicit TlsClientContext(const TlsClientOptions& options = {})
      : context_(std::make_shared<const Context>(options)) {}

  [[nodiscard]] const Context& context() const { return *context_; }

 private:
  std::shared_ptr<const Context> context_;
};

}  // namespace rehearsal::tls
