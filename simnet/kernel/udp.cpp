#include "simnet/kernel/udp.hpp"

#include <utility>

#include "simnet/kernel/kernel.hpp"
#include "simnet/kernel/ports.hpp"

namespace rehearsal::simnet {

using sched::Readiness;

UdpSocket::UdpSocket(Kernel& kernel, SocketName name, const sched::Endpoint& at, bool reuse_port)
    : OpenFile(Kind::datagram, kernel),
      at_(at),
      name_(std::move(name)),
      of_ipv6_(is_ipv6(at)),
      reuse_port_(reuse_port) {}

sched::Endpoint UdpSocket::shown(const sched::Endpoint& at) const {
  return of_ipv6_ && !is_ipv6(at) ? mapped(at) : at;
}

Readiness UdpSocket::readiness() const {
  const Readiness error = error_ == std::errc{} ? Readiness::none : Readiness::error;
  return error | Readiness::send | (empty() ? Readiness::none : Readiness::recv);
}

void UdpSocket::arrive(Datagram datagram) {
  if (queued_bytes_ + datagram.bytes.size() > kernel().options().datagram_buffer) {
    return;
  }
  queued_bytes_ += datagram.bytes.size();
  queued_.push(std::move(datagram));
  kernel().report(*this, Readiness::recv);
}

Datagram UdpSocket::pop() {
  Datagram datagram = queued_.pop();
  queued_bytes_ -= datagram.bytes.size();
  return datagram;
}

void UdpSocket::refused() {
  error_ = std::errc::connection_refused;
  kernel().report(*this, Readiness::error);
}

void Flight::fire() { kernel_.land(*this); }

}  // namespace rehearsal::simnet
