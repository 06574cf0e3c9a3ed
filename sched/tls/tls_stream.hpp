// TlsStream: a TLS connection over a stream.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include "sched/io/stream.hpp"
#include "sched/tls/context.hpp"
#include "sched/tls/error.hpp"
#include "sched/tls/tls_layer.hpp"

namespace rehearsal::tls {

// The network of a stream.
template <class S>
using NetworkOf = std::remove_cvref_t<decltype(std::declval<S&>().scheduler().source())>;
// A stream that TLS goes over.
template <class S>
concept PlainStream = std::same_as<S, sched::Stream<NetworkOf<S>>>;

/// A TLS connection over a Stream, made by tls_accept() or tls_connect(). It has the interface of
/// Stream, and keeps its promises: one task may receive while another sends; a read that is
/// cancelled loses no byte. It differs in these points:
/// - a read returns 0 bytes if the peer has sent a close-notify. A connection that ends without one
///   fails with tls_truncated();
/// - operations also throw std::system_error of tls_category(); after that, all of them do;
/// - a cancelled send may leave a part of a record unsent, whose bytes bytes_sent() counts. It goes
///   out before what is sent next;
/// - shutdown_send() is a task.
template <PlainStream S>
class TlsStream : public sched::Stream<NetworkOf<S>, TlsLayer> {
  using Net = NetworkOf<S>;

 public:
  // Takes over the connection of `below`. See tls_accept() and tls_connect().
  TlsStream(S&& below, std::unique_ptr<Session> session)
      : sched::Stream<Net, TlsLayer>(std::move(below), TlsLayer(std::move(session))) {}

  /// Finishes sending: `co_await shutdown_send()` sends a close-notify and a FIN. Receiving is
  /// still possible. Idempotent. If cancelled, may have sent a part of the close-notify, and
  /// may be called again. Throws std::system_error.
  sched::Task<> shutdown_send();
  /// Changes the keys of both directions with the next send, in TLS 1.3. Returns false if the
  /// connection has an older version.
  bool update_keys() { return this->layer().session().update_keys(); }

  /// Returns the protocol that was chosen by ALPN, or an empty text if none was.
  [[nodiscard]] std::string protocol() const { return this->layer().session().protocol(); }
  /// Returns the version of the connection: "TLSv1.2" or "TLSv1.3".
  [[nodiscard]] std::string version() const { return this->layer().session().version(); }

  // Performs the handshake.
  sched::Task<> handshake();

 private:
  sched::Task<> flush();
};

/// Performs the handshake of a server on a connection that was accepted: `TlsStream<Stream<Net>>
/// client = co_await tls_accept(context, std::move(stream))`. Throws std::system_error, also of
/// tls_category(): the peer sends no TLS, has no certificate, ... If cancelled, closes the
/// connection with a RST.
template <sched::Network Net>
sched::Task<TlsStream<sched::Stream<Net>>> tls_accept(TlsServerContext context,
                                                      sched::Stream<Net> stream);
/// Performs the handshake of a client on a connection to `server`, a host name or a numeric
/// address. The server's certificate must be for this name, from an authority that `context`
/// trusts, and valid at this time. Throws std::system_error, also of tls_category(): "certificate
/// verify failed", ... If cancelled, closes the connection with a RST.
template <sched::Network Net>
sched::Task<TlsStream<sched::Stream<Net>>> tls_connect(TlsClientContext context,
                                                       sched::Stream<Net> stream,
                                                       std::string server);

// Implementation.

// Draws what a connection has of its host.
template <sched::Network Net>
FromHost ask_host(Net& net) {
  FromHost from_host;
  for (std::uint64_t& number : from_host.seed) {
    number = net.random();
  }
  from_host.time = net.wall_clock();
  return from_host;
}

template <sched::Network Net>
sched::Task<TlsStream<sched::Stream<Net>>> tls_accept(TlsServerContext context,
                                                      sched::Stream<Net> stream) {
  const FromHost from_host = ask_host(stream.scheduler().source());
  TlsStream<sched::Stream<Net>> secure(std::move(stream),
                                       std::make_unique<Session>(context, from_host));
  co_await secure.handshake();
  co_return std::move(secure);
}

template <sched::Network Net>
sched::Task<TlsStream<sched::Stream<Net>>> tls_connect(TlsClientContext context,
                                                       sched::Stream<Net> stream,
                                                       std::string server) {
  const FromHost from_host = ask_host(stream.scheduler().source());
  TlsStream<sched::Stream<Net>> secure(std::move(stream),
                                       std::make_unique<Session>(context, server, from_host));
  co_await secure.handshake();
  co_return std::move(secure);
}

template <PlainStream S>
sched::Task<> TlsStream<S>::handshake() {
  sched::Scheduler<Net>& scheduler = this->scheduler();
  Session& session = this->layer().session();
  const std::string what = "TLS handshake with " + this->peer().to_string();
  for (;;) {
    this->require_open(what.c_str());
    NetworkWire<Net> wire(scheduler.source(), this->handle().descriptor);
    const sched::Result<> step = session.handshake(wire);
    if (const Failure* failure = session.failure()) {
      // The peer should see the alert, and not a RST behind it.
      this->close();
      throw std::system_error(failure->code, failure->text(what));
    }
    if (!step.ok() && step.error() != sched::would_block) {
      sched::throw_error(step.error(), what);
    }
    co_await flush();
    if (step.ok()) {
      break;
    }
    co_await scheduler.wait(this->handle(), sched::Direction::recv);
  }
  // The waits have used up reports.
  scheduler.handles().report(
      {this->handle().descriptor, sched::Readiness::recv | sched::Readiness::send});
}

template <PlainStream S>
sched::Task<> TlsStream<S>::flush() {
  Session& session = this->layer().session();
  sched::SocketCall call(this->scheduler(), this->handle(), sched::Direction::send,
                         [&session](Net& net, sched::Descriptor descriptor) {
                           NetworkWire<Net> wire(net, descriptor);
                           return session.flush(wire);
                         });
  const sched::Result<> flushed = co_await call;
  if (!flushed.ok()) {
    sched::throw_error(flushed.error(), "send to " + this->peer().to_string());
  }
}

template <PlainStream S>
sched::Task<> TlsStream<S>::shutdown_send() {
  this->require_open("finish sending");
  NetworkWire<Net> wire(this->network(), this->handle().descriptor);
  this->layer().session().finish(wire);
  co_await flush();
  sched::Stream<Net, TlsLayer>::shutdown_send();
}

}  // namespace rehearsal::tls
