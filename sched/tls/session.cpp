#include "sched/tls/session.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <string>
#include <system_error>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "sched/base/check.hpp"
#include "sched/seam/endpoint.hpp"
#include "sched/tls/library.hpp"

namespace rehearsal::tls {

using sched::Bytes;
using sched::ConstBytes;
using sched::Pieces;
using sched::Result;
using sched::would_block;

namespace {

constexpr std::size_t record_bytes = SSL3_RT_MAX_PLAIN_LENGTH;

void require(bool holds, const char* what) {
  if (!holds) {
    throw std::system_error(take_error(), what);
  }
}

std::string utc(std::time_t time) {
  std::tm fields{};
  std::array<char, 40> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%F %T UTC", gmtime_r(&time, &fields));
  return std::string(text.data(), size);
}

}  // namespace

// One call of OpenSSL for this session.
class Session::Call {
 public:
  Call(Session& session, Wire& wire) : session_(session), scope_(session.random_) {
    session.wire_ = &wire;
    session.network_error_ = {};
    session.blocked_ = false;
    session.ended_ = false;
    session.drained_ = false;
    if (ERR_peek_error() != 0) {
      ERR_clear_error();  // what another user of OpenSSL left there
    }
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() { session_.wire_ = nullptr; }

 private:
  Session& session_;
  RandomScope scope_;
};

Session::Session(const Context& context, const FromHost& from_host)
    : random_(from_host.seed), ssl_(SSL_new(context.get())) {
  require(ssl_ != nullptr, "create a TLS connection");
  BIO* bio = BIO_new_ex(Library::get().context(), Library::get().session_bio());
  require(bio != nullptr, "create a TLS connection");
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  const auto since_1970 = from_host.time.time_since_epoch();
  X509_VERIFY_PARAM_set_time(SSL_get0_param(ssl_),
                             std::chrono::duration_cast<std::chrono::seconds>(since_1970).count());
}

Session::Session(const TlsServerContext& context, const FromHost& from_host)
    : Session(context.context(), from_host) {
  SSL_set_accept_state(ssl_);
}

Session::Session(const TlsClientContext& context, const std::string& server,
                 const FromHost& from_host)
    : Session(context.context(), from_host) {
  SSL_set_connect_state(ssl_);
  if (sched::Endpoint::numeric(server, 0)) {
    require(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), server.c_str()) == 1,
            "name the server of a TLS connection");
  } else {
    SSL_set_hostflags(ssl_, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    std::string name = server;
    // SSL_set_tlsext_host_name(), which is a macro with an old-style cast.
    const bool sent =
        SSL_ctrl(ssl_, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
    const bool named = sent && SSL_set1_host(ssl_, server.c_str()) == 1;
    require(named, "name the server of a TLS connection");
  }
}

Session::~Session() { SSL_free(ssl_); }

BIO_METHOD* Session::new_bio_method() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "rehearsal");
  if (method != nullptr) {
    BIO_meth_set_read_ex(method, bio_read);
    BIO_meth_set_write_ex(method, bio_write);
    BIO_meth_set_ctrl(method, bio_control);
  }
  return method;
}

int Session::bio_read(BIO* bio, char* into, std::size_t size, std::size_t* done) {
  auto& session = *static_cast<Session*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const Result<std::size_t> received =
      session.receive(Bytes(reinterpret_cast<std::byte*>(into), size));
  if (!received.ok()) {
    if (received.error() == would_block) {
      session.blocked_ = true;
      BIO_set_retry_read(bio);
    } else {
      session.network_error_ = received.error();
    }
    return 0;
  }
  *done = received.value();
  session.ended_ = *done == 0;
  return session.ended_ ? 0 : 1;
}

int Session::bio_write(BIO* bio, const char* from, std::size_t size, std::size_t* done) {
  auto& session = *static_cast<Session*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  *done = size;
  return session.transmit(ConstBytes(reinterpret_cast<const std::byte*>(from), size)) ? 1 : 0;
}

long Session::bio_control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:
      return static_cast<Session*>(BIO_get_data(bio))->ended_ ? 1 : 0;
    default:
      return 0;
  }
}

Result<std::size_t> Session::receive(Bytes into) {
  if (!early_.empty()) {
    return early_.take(into);
  }
  const Result<std::size_t> received = wire_->recv(into);
  drained_ = received.ok() && received.value() != 0 && received.value() < into.size();
  return received;
}

// Sends the bytes, or puts what the kernel does not accept into the outbox.
bool Session::transmit(ConstBytes bytes) {
  if (outbox_.empty()) {
    const Result<std::size_t> sent = wire_->send(bytes);
    if (!sent.ok() && sent.error() != would_block) {
      network_error_ = sent.error();
      return false;
    }
    bytes = bytes.subspan(sent.value());
  }
  outbox_.append(bytes);
  return true;
}

Result<> Session::handshake(Wire& wire) {
  if (failed_) {
    return std::errc::protocol_error;
  }
  const Call call(*this, wire);
  return SSL_do_handshake(ssl_) == 1 ? Result<>() : Result<>(why());
}

Result<std::size_t> Session::recv(Wire& wire, Bytes into) {
  if (failed_) {
    return std::errc::protocol_error;
  }
  const Call call(*this, wire);
  std::size_t size = 0;
  const bool received = SSL_read_ex(ssl_, into.data(), into.size(), &size) == 1;
  at_hand_ = received && SSL_has_pending(ssl_) == 1;
  if (!outbox_.empty()) [[unlikely]] {
    static_cast<void>(flush(wire));  // an answer; if it fails, the next send fails
  }
  if (received || SSL_get_error(ssl_, 0) == SSL_ERROR_ZERO_RETURN) {
    return size;
  }
  return why();
}

Result<std::size_t> Session::send(Wire& wire, Pieces from, std::size_t& under_way,
                                  std::uint64_t& encrypted) {
  if (failed_) {
    return std::errc::protocol_error;
  }
  const Result<> flushed = flush(wire);
  if (!flushed.ok()) {
    return flushed.error();
  }
  if (under_way != 0) {
    return std::exchange(under_way, 0);
  }
  // Small pieces share a record: each record costs 22 bytes and a call of the network.
  std::array<std::byte, record_bytes> joined;
  ConstBytes record = from.front();
  if (from.size() > 1) {
    std::size_t size = 0;
    for (const ConstBytes& piece : from) {
      const std::size_t count = std::min(piece.size(), joined.size() - size);
      std::memcpy(joined.data() + size, piece.data(), count);
      size += count;
    }
    record = ConstBytes(joined).first(size);
  }
  const Call call(*this, wire);
  const Result<std::size_t> done = encrypt(record);
  if (!done.ok()) {
    return done.error();
  }
  encrypted += done.value();
  const Result<> rest = flush(wire);  // until the kernel refuses: a source may report only changes
  if (!rest.ok()) {
    under_way = done.value();
    return rest.error();
  }
  return done;
}

Result<std::size_t> Session::encrypt(ConstBytes bytes) {
  std::size_t size = 0;
  if (SSL_write_ex(ssl_, bytes.data(), bytes.size(), &size) == 1) {
    return size;
  }
  if (blocked_) {
    // The peer has split a message that belongs to no handshake over several records, of which only
    // a part has come. OpenSSL writes nothing before it has read the rest.
    return fail(std::make_error_code(std::errc::protocol_error));
  }
  return why();
}

Result<> Session::flush(Wire& wire) {
  while (!outbox_.empty()) {
    const Result<std::size_t> sent = wire.send(outbox_.bytes());
    if (!sent.ok()) {
      return sent.error();
    }
    outbox_.consume(sent.value());
  }
  return {};
}

void Session::finish(Wire& wire) {
  if (failed_ || finished_ || SSL_is_init_finished(ssl_) != 1) {
    return;
  }
  finished_ = true;
  const Call call(*this, wire);
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

bool Session::update_keys() {
  if (failed_ || SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED) != 1) {
    ERR_clear_error();
    return false;
  }
  return true;
}

// Returns the error of the call of OpenSSL that has just failed.
std::errc Session::why() {
  if (ended_) {  // also if nobody wants the alert that OpenSSL then sends
    ERR_clear_error();
    return fail(tls_truncated());
  }
  if (network_error_ != std::errc{}) {
    ERR_clear_error();
    return network_error_;
  }
  if (blocked_) {
    return would_block;
  }
  return fail(take_error());
}

std::errc Session::fail(std::error_code code) {
  failed_ = true;
  failure_.code = code;
  const long verified = SSL_get_verify_result(ssl_);
  if (verified != X509_V_OK &&
      code.value() == static_cast<int>(ERR_PACK(ERR_LIB_SSL, 0, SSL_R_CERTIFICATE_VERIFY_FAILED))) {
    failure_.details = X509_verify_cert_error_string(verified);
    if (verified == X509_V_ERR_CERT_NOT_YET_VALID || verified == X509_V_ERR_CERT_HAS_EXPIRED) {
      failure_.details += " at " + utc(X509_VERIFY_PARAM_get_time(SSL_get0_param(ssl_)));
    }
  }
  return std::errc::protocol_error;
}

std::string Session::protocol() const {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return std::string(reinterpret_cast<const char*>(name), size);
}

std::string Session::version() const { return SSL_get_version(ssl_); }

}  // namespace rehearsal::tls
