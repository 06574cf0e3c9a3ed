#include "simnet/udp.hpp"

#include "sched/key.hpp"
#include "simnet/network.hpp"
#include "simnet/ports.hpp"

namespace rehearsal::simnet {

using sched::Readiness;

UdpSocket::UdpSocket(Network& network, const sched::Endpoint& at, bool reuse_port)
    : Socket(Kind::datagram, network),
      at_(at),
      key_(sched::extend_key(sched::empty_key, name())),
      of_ipv6_(is_ipv6(at)),
      reuse_port_(reuse_port) {}

sched::Endpoint UdpSocket::shown(const sched::Endpoint& at) const {
  return of_ipv6_ && !is_ipv6(at) ? mapped(at) : at;
}

Readiness UdpSocket::readiness() const {
  const Readiness error = error_ == std::errc{} ? Readiness::none : Readiness::error;
  return error | Readiness::send | (empty() ? Readiness::none : Readiness::recv);
}

std::string UdpSocket::name() const {
  return network().name() + ":udp/" + std::to_string(at_.port());
}

void UdpSocket::arrive(Datagram datagram) {
  if (queued_bytes_ + datagram.bytes.size() > network().options().datagram_buffer) {
    return;
  }
  queued_bytes_ += datagram.bytes.size();
  queued_.push(std::move(datagram));
  network().report(*this, Readiness::recv);
}

Datagram UdpSocket::pop() {
  Datagram datagram = queued_.pop();
  queued_bytes_ -= datagram.bytes.size();
  return datagram;
}

void UdpSocket::refused() {
  error_ = std::errc::connection_refused;
  network().report(*this, Readiness::error);
}

void Flight::fire() { network_.land(*this); }

}  // namespace rehearsal::simnet
