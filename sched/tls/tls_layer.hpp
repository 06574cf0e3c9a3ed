// TlsLayer: TLS as the layer of a Stream. See sched/io/plain.hpp for the interface.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "sched/tls/session.hpp"

namespace rehearsal::tls {

// The connection below a session, on one network.
template <sched::Network Net>
class NetworkWire final : public Wire {
 public:
  NetworkWire(Net& net, sched::Descriptor descriptor) : net_(net), descriptor_(descriptor) {}

  sched::Result<std::size_t> recv(sched::Bytes into) override {
    return net_.recv(descriptor_, into);
  }
  sched::Result<std::size_t> send(sched::ConstBytes from) override {
    return net_.send(descriptor_, sched::Pieces(&from, 1));
  }

 private:
  Net& net_;
  sched::Descriptor descriptor_;
};

class TlsLayer {
 public:
  using UnderWay = std::size_t;
  static constexpr bool closes = true;

  explicit TlsLayer(std::unique_ptr<Session> session) : session_(std::move(session)) {}
  TlsLayer(TlsLayer&&) noexcept = default;
  TlsLayer& operator=(TlsLayer&& other) noexcept {
    std::swap(session_, other.session_);
    return *this;
  }
  ~TlsLayer() = default;

  [[nodiscard]] Session& session() const { return *session_; }
  void take_over(sched::ReadBuffer& received) const { session_->take_over(received); }

  template <sched::Network Net>
  sched::Result<std::size_t> recv(Net& net, sched::Descriptor descriptor, sched::Bytes into) const {
    NetworkWire<Net> wire(net, descriptor);
    return session_->recv(wire, into);
  }
  [[nodiscard]] bool at_hand() const { return session_->at_hand(); }
  [[nodiscard]] bool drained(std::size_t /*size*/, std::size_t /*room*/) const {
    return session_->drained();
  }
  template <sched::Network Net>
  sched::Result<std::size_t> send(Net& net, sched::Descriptor descriptor, sched::Pieces from,
                                  UnderWay& under_way, std::uint64_t& bytes_sent) const {
    NetworkWire<Net> wire(net, descriptor);
    return session_->send(wire, from, under_way, bytes_sent);
  }
  // Sends a close-notify if the kernel accepts it now.
  template <sched::Network Net>
  void close(Net& net, sched::Descriptor descriptor) const {
    NetworkWire<Net> wire(net, descriptor);
    session_->finish(wire);
    static_cast<void>(session_->flush(wire));
  }
  void throw_own(std::errc error, const char* what, const sched::Endpoint& peer) const {
    const Failure* failure = error == std::errc::protocol_error ? session_->failure() : nullptr;
    if (failure != nullptr) {
      throw std::system_error(failure->code,
                              failure->text(std::string(what) + " " + peer.to_string()));
    }
  }

 private:
  std::unique_ptr<Session> session_;  // null if it was moved from
};

}  // namespace rehearsal::tls
