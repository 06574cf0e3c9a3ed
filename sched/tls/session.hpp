// Session: one end of a TLS connection. OpenSSL does the protocol; this class decides when the
// network is called.
//
// Invariants:
//  - OpenSSL never waits to write. A record is sent at once as far as the kernel accepts it, and
//    the rest goes to the outbox. So a task that reads may cause an answer (an alert, a key update)
//    while another waits in the middle of a record: the answer is behind the rest of that record.
//  - Nothing is encrypted while the outbox has bytes, except such answers. So it holds little more
//    than one record.
//  - OpenSSL's buffer holds what is received and not decrypted, so a read that is cancelled loses
//    nothing.
//  - After a failure of the protocol, every call fails with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "sched/io/read_buffer.hpp"
#include "sched/seam/network.hpp"
#include "sched/tls/connection_random.hpp"
#include "sched/tls/context.hpp"
#include "sched/tls/error.hpp"

struct bio_method_st;  // OpenSSL's BIO_METHOD
struct bio_st;         // OpenSSL's BIO
struct ssl_st;         // OpenSSL's SSL

namespace rehearsal::tls {

// The connection below: calls of the network.
class Wire {
 public:
  virtual sched::Result<std::size_t> recv(sched::Bytes into) = 0;
  virtual sched::Result<std::size_t> send(sched::ConstBytes from) = 0;

 protected:
  Wire() = default;
  ~Wire() = default;
  Wire(const Wire&) = default;
  Wire& operator=(const Wire&) = default;
};

// What a connection has of its host.
struct FromHost {
  FromHost() = default;

  ConnectionRandom::Seed seed{};
  sched::WallTime time{};  // at which certificates must be valid
};

class Session {
 public:
  // Creates the end of a server.
  Session(const TlsServerContext& context, const FromHost& from_host);
  // Creates the end of a client of `server`, a host name or address, which its certificate
  // must have.
  Session(const TlsClientContext& context, const std::string& server, const FromHost& from_host);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // Hands over bytes that were received before. REQUIRES: no other call was made.
  void take_over(sched::ReadBuffer& received) { early_ = std::move(received); }

  // Continues the handshake as far as it goes without waiting: would_block if it needs to receive.
  // Either way flush() must send what is left in the outbox.
  sched::Result<> handshake(Wire& wire);
  // Decrypts at least one byte into `into`. Returns 0 after a close-notify.
  sched::Result<std::size_t> recv(Wire& wire, sched::Bytes into);
  // Returns true if recv() may return bytes without a call of the network.
  [[nodiscard]] bool at_hand() const { return at_hand_; }
  // Returns true if the last recv() has called the network, and emptied the kernel's buffer.
  [[nodiscard]] bool drained() const { return drained_; }
  // Encrypts and sends some of the bytes. Returns how many, all of which the kernel has accepted.
  // `under_way` counts bytes that are encrypted but not yet accepted: if would_block is returned,
  // the next call must have the same bytes, or 0 under way. `encrypted` grows with each
  // encrypted byte.
  sched::Result<std::size_t> send(Wire& wire, sched::Pieces from, std::size_t& under_way,
                                  std::uint64_t& encrypted);
  // Sends the outbox.
  sched::Result<> flush(Wire& wire);
  // Encrypts a close-notify, once. Does nothing before the end of the handshake.
  void finish(Wire& wire);
  // Encrypts a change of the keys (TLS 1.3), and asks the peer for one. Returns false if the
  // connection has no such change.
  bool update_keys();

  // Returns the failure of the protocol, or null if there is none.
  [[nodiscard]] const Failure* failure() const { return failed_ ? &failure_ : nullptr; }
  // Returns the protocol that was chosen by ALPN, or an empty text.
  [[nodiscard]] std::string protocol() const;
  // Returns the version, such as "TLSv1.3".
  [[nodiscard]] std::string version() const;

  // Returns the kind of BIO by which OpenSSL calls a session; null if memory has run out.
  static bio_method_st* new_bio_method();

 private:
  class Call;

  Session(const Context& context, const FromHost& from_host);
  static int bio_read(bio_st* bio, char* into, std::size_t size, std::size_t* done);
  static int bio_write(bio_st* bio, const char* from, std::size_t size, std::size_t* done);
  static long bio_control(bio_st* bio, int command, long number, void* pointer);
  sched::Result<std::size_t> receive(sched::Bytes into);
  bool transmit(sched::ConstBytes bytes);
  sched::Result<std::size_t> encrypt(sched::ConstBytes bytes);
  std::errc why();
  std::errc fail(std::error_code code);

  ConnectionRandom random_;
  ssl_st* ssl_;
  Wire* wire_ = nullptr;  // during a call
  sched::ReadBuffer early_;
  sched::ReadBuffer outbox_;
  std::errc network_error_{};  // of the last call
  bool at_hand_ = false;
  bool drained_ = false;
  bool blocked_ = false;  // the last call needs bytes that have not come
  bool ended_ = false;    // the last call has met the FIN of the peer
  bool finished_ = false;
  bool failed_ = false;
  Failure failure_;
};

}  // namespace rehearsal::tls
