#include "sched/tls/context.hpp"

#include <ctime>
#include <system_error>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "sched/tls/error.hpp"
#include "sched/tls/library.hpp"

namespace rehearsal::tls {
namespace {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

[[noreturn]] void fail(const std::string& what) { throw std::system_error(take_error(), what); }
void require(bool holds, const std::string& what) {
  if (!holds) {
    fail(what);
  }
}

Bio bio_over(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// A file with a passphrase must not stop a server with a question on its terminal.
int no_passphrase(char* /*into*/, int /*size*/, int /*writes*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

std::vector<Certificate> certificates_of(const Pem& pem, const char* what) {
  const std::string text = pem.read(what);
  const Bio bio = bio_over(text);
  std::vector<Certificate> found;
  for (;;) {
    Certificate next(X509_new_ex(Library::get().context(), nullptr));
    X509* raw = next.release();
    const bool read = PEM_read_bio_X509(bio.get(), &raw, nullptr, nullptr) != nullptr;
    next.reset(raw);  // null if a failed read has freed it
    if (!read) {
      break;
    }
    found.push_back(std::move(next));
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string name = std::string(what) + " " + pem.where();
  require(!found.empty(), name + " has no certificate in PEM format");
  require(at_end, name);
  ERR_clear_error();
  return found;
}

Key key_of(const Pem& pem) {
  const std::string text = pem.read("TLS key");
  bool asked = false;
  Key key(PEM_read_bio_PrivateKey_ex(bio_over(text).get(), nullptr, no_passphrase, &asked,
                                     Library::get().context(), nullptr));
  if (asked) {
    ERR_clear_error();
    throw std::system_error(std::make_error_code(std::errc::invalid_argument),
                            "TLS key " + pem.where() + " has a passphrase; write it without one");
  }
  require(key != nullptr, "TLS key " + pem.where() + " is not a private key in PEM format");
  return key;
}

SSL_CTX* new_context() {
  // OpenSSL makes keys for tickets and cookies, which are never used.
  ConnectionRandom unused({});
  const RandomScope scope(unused);
  return SSL_CTX_new_ex(Library::get().context(), nullptr, TLS_method());
}

std::string as_sent(const std::vector<std::string>& protocols) {
  std::string sent;
  for (const std::string& protocol : protocols) {
    if (protocol.empty() || protocol.size() > 255) {
      throw std::system_error(std::make_error_code(std::errc::invalid_argument),
                              "TLS protocol '" + protocol + "' has not 1 to 255 bytes");
    }
    sent += static_cast<char>(protocol.size());
    sent += protocol;
  }
  return sent;
}

const unsigned char* bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

int choose_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned int offered_size, void* ours) {
  const std::string& known = *static_cast<const std::string*>(ours);
  unsigned char* found = nullptr;
  const int outcome = SSL_select_next_proto(
      &found, size, bytes(known), static_cast<unsigned int>(known.size()), offered, offered_size);
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

Context::Context() : context_(new_context()) {
  require(context_ != nullptr, "create a TLS context");
  restrict_to_known();
}

Context::~Context() { SSL_CTX_free(context_); }

// Sets what the machine's configuration of OpenSSL could set, so that a handshake does not depend
// on the machine. No state passes from one connection to the next.
void Context::restrict_to_known() {
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context_, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context_, 1);
  SSL_CTX_set_security_level(context_, 2);
  std::string groups = "X25519:P-256:P-384";  // the macro drops const
  const bool well = SSL_CTX_set_num_tickets(context_, 0) == 1 &&
                    SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION) == 1 &&
                    SSL_CTX_set_max_proto_version(context_, 0) == 1 &&
                    SSL_CTX_set_ciphersuites(context_,
                                             "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
                                             "TLS_AES_128_GCM_SHA256") == 1 &&
                    SSL_CTX_set_cipher_list(context_, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
                    SSL_CTX_set1_groups_list(context_, groups.data()) == 1;
  require(well, "create a TLS context");
}

void Context::use(const Pem& certificate, const Pem& key) {
  const std::string where = "TLS certificate " + certificate.where();
  std::vector<Certificate> chain = certificates_of(certificate, "TLS certificate");
  require(SSL_CTX_use_certificate(context_, chain.front().get()) == 1, where);
  for (std::size_t i = 1; i < chain.size(); ++i) {
    require(SSL_CTX_add1_chain_cert(context_, chain[i].get()) == 1, where);
  }
  const Key loaded = key_of(key);
  const std::string pair =
      "TLS key " + key.where() + " does not belong to certificate " + certificate.where();
  require(X509_check_private_key(chain.front().get(), loaded.get()) == 1, pair);
  require(SSL_CTX_use_PrivateKey(context_, loaded.get()) == 1, pair);
}

sched::WallTime Context::valid_from() const {
  std::tm utc{};
  const X509* certificate = SSL_CTX_get0_certificate(context_);
  require(ASN1_TIME_to_tm(X509_get0_notBefore(certificate), &utc) == 1, "TLS certificate's time");
  return sched::WallTime(std::chrono::seconds(timegm(&utc)));
}

void Context::trust(const Pem& authorities) {
  X509_STORE* store = SSL_CTX_get_cert_store(context_);
  for (const Certificate& one : certificates_of(authorities, "TLS authorities")) {
    require(X509_STORE_add_cert(store, one.get()) == 1, "TLS authorities " + authorities.where());
  }
}

Context::Context(const TlsServerOptions& options) : Context() {
  use(options.certificate, options.key);
  if (!options.client_authorities.empty()) {
    trust(options.client_authorities);
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  protocols_ = as_sent(options.protocols);
  if (!protocols_.empty()) {
    SSL_CTX_set_alpn_select_cb(context_, choose_protocol, &protocols_);
  }
}

Context::Context(const TlsClientOptions& options) : Context() {
  if (!options.certificate.empty()) {
    use(options.certificate, options.key);
  }
  if (options.verify) {
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    if (options.authorities.empty()) {
      require(SSL_CTX_set_default_verify_paths(context_) == 1, "TLS authorities of this machine");
    } else {
      trust(options.authorities);
    }
  }
  protocols_ = as_sent(options.protocols);
  if (!protocols_.empty()) {
    // 0 is success, unlike elsewhere.
    require(SSL_CTX_set_alpn_protos(context_, bytes(protocols_),
                                    static_cast<unsigned int>(protocols_.size())) == 0,
            "TLS protocols");
  }
}

}  // namespace rehearsal::tls
