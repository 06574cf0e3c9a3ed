#include "simnet/udp.hpp"

#include "sched/key.hpp"
#include "simnet/network.hpp"

namespace rehearsal::simnet {

UdpSocket::UdpSocket(Network& network, const sched::Endpoint& at)
    : Socket(Kind::datagram, network), at_(at), key_(sched::extend_key(sched::empty_key, name())) {}

std::string UdpSocket::name() const {
  return network().name() + ":udp/" + std::to_string(at_.port());
}

void UdpSocket::arrive(Datagram datagram) {
  if (queued_bytes_ + datagram.bytes.size() > network().options().datagram_buffer) {
    return;
  }
  queued_bytes_ += datagram.bytes.size();
  queued_.push(std::move(datagram));
  network().report(*this, sched::Readiness::recv);
}

Datagram UdpSocket::pop() {
  Datagram datagram = queued_.pop();
  queued_bytes_ -= datagram.bytes.size();
  return datagram;
}

void Flight::fire() { network_.land(*this, to_, std::move(datagram_)); }

}  // namespace rehearsal::simnet
