// The steps that transfer bytes, and the check that the received bytes are the sent bytes.
#include "tests/properties/conformance/performer.hpp"

namespace rehearsal::conformance {

using sched::Result;

namespace {

constexpr std::array<std::size_t, 8> stream_sizes = {1, 0, 2, 7, 100, 1000, 1460, 4096};
constexpr std::uint8_t stream_size_1000 = 5;  // its index
constexpr std::array<std::size_t, 9> datagram_sizes = {1,    0,     2,     100,  1500,
                                                       9000, 65507, 65508, 65536};
constexpr std::array<std::size_t, 8> unix_datagram_sizes = {1, 0, 2, 100, 1500, 9000, 300'000, 3};
// The bytes that wait in a flow that is not clogged fit into the smallest buffer of any kernel.
constexpr std::size_t most_in_flow = 40'000;
constexpr std::size_t most_datagram_bytes = 80'000;
// A Unix socket counts each buffer of the kernel, which may be twice as large as its bytes, and
// shows that it can send while they take no more than a quarter of its send buffer.
constexpr std::size_t most_unix_bytes = 12'000;
constexpr std::size_t most_unix_datagram_bytes = 24'000;
constexpr std::size_t unix_overhead = 768;
constexpr std::size_t chunk = 65536;

// Returns the byte at one offset in one direction of one connection.
std::byte pattern(std::size_t wire, std::size_t direction, std::uint64_t at) {
  return static_cast<std::byte>((at * 167 + (at >> 8U) * 13 + wire * 31 + direction * 101) & 0xffU);
}

}  // namespace

std::size_t stream_size(const Step& step) { return stream_sizes[step.size % stream_sizes.size()]; }

template <class Net>
std::size_t Performer<Net>::datagram_size(const Step& step) const {
  return of_unix() ? unix_datagram_sizes[step.size % unix_datagram_sizes.size()]
                   : datagram_sizes[step.size % datagram_sizes.size()];
}

// Returns whether `size` more bytes might not fit.
template <class Net>
bool Performer<Net>::enough_sent(const Flow& flow, std::size_t size) const {
  return !flow.clogged &&
         flow.sent - flow.read + size > (of_unix() ? most_unix_bytes : most_in_flow);
}

// Returns whether a datagram of `size` bytes might not fit; one that is too long may be tried.
template <class Net>
bool Performer<Net>::enough_datagrams(std::size_t size) const {
  return of_unix() ? size < 100'000 && datagram_bytes_ + size > most_unix_datagram_bytes
                   : datagram_bytes_ + size > most_datagram_bytes;
}

template <class Net>
Result<std::size_t> Performer<Net>::send_once(Slot& slot, std::size_t size) {
  Wire& wire = wires_[slot.wire];
  Flow& flow = wire.flows[slot.end];
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = pattern(slot.wire, slot.end, flow.sent + i);
  }
  // In two pieces, so that both ways of sending are used.
  const std::array<sched::ConstBytes, 2> pieces = {sched::ConstBytes(bytes).first(size / 2),
                                                   sched::ConstBytes(bytes).subspan(size / 2)};
  const auto sent = net_.calls().send(slot.descriptor, pieces);
  flow.sent += sent.ok() ? sent.value() : 0;
  return sent;
}

template <class Net>
std::vector<std::byte> Performer<Net>::next_datagram(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = pattern(datagrams_, 2, i);
  }
  ++datagrams_;
  return bytes;
}

template <class Net>
std::string Performer<Net>::send(Slot& slot, const Step& step) {
  if (slot.kind != Kind::stream) {
    const std::size_t size = slot.kind == Kind::datagram ? datagram_size(step) : 0;
    if (enough_datagrams(size)) {
      return "enough is on its way";
    }
    const std::vector<std::byte> bytes = next_datagram(size);
    const std::array<sched::ConstBytes, 2> pieces = {sched::ConstBytes(bytes).first(size / 2),
                                                     sched::ConstBytes(bytes).subspan(size / 2)};
    const bool has_peer = net_.calls().peer(slot.descriptor).ok();
    const auto sent = net_.calls().send(slot.descriptor, pieces);
    datagram_bytes_ += sent.ok() ? size + (of_unix() ? unix_overhead : 0) : 0;
    if (of_unix() && !has_peer && !sent.ok()) {
      return "no peer";  // before Linux 6.13 this was checked before the size and a shutdown
    }
    return sent.ok() ? "sent " + std::to_string(sent.value()) + " to the peer" : failure(sent);
  }
  const std::size_t size = stream_size(step);
  const Flow& flow = outward(slot);
  if (enough_sent(flow, size)) {
    return "enough is on its way";
  }
  const auto sent = send_once(slot, size);
  if (flow.clogged && (sent.ok() || sent.error() == sched::would_block)) {
    return "sent as much as fits";
  }
  return sent.ok() ? "sent " + std::to_string(sent.value()) : failure(sent);
}

// Sends up to 12 datagrams, to the peer or to the first address: one more than a queue holds by
// default.
template <class Net>
std::string Performer<Net>::fill_datagrams(Slot& slot) {
  Step one;  // of 1 byte
  one.action = Action::send_to;
  const bool has_peer = net_.calls().peer(slot.descriptor).ok();
  std::string result;
  for (int sent = 0; sent < 12; ++sent) {
    result = has_peer ? send(slot, one) : send_to(slot, one);
    if (!result.starts_with("sent")) {
      return result + (sent > 0 ? " after some" : "");
    }
  }
  return result;
}

template <class Net>
std::string Performer<Net>::fill(Slot& slot) {
  if (of_unix() && slot.kind == Kind::datagram) {
    return fill_datagrams(slot);
  }
  if (slot.kind != Kind::stream || !wires_[slot.wire].accepted ||
      !wires_[slot.wire].open[1 - slot.end]) {
    Step some;
    some.size = stream_size_1000;
    return send(slot, some);  // bytes that no one receives are answered with a reset eventually
  }
  auto sent = send_once(slot, chunk);
  const bool any = sent.ok();
  while (sent.ok()) {
    sent = send_once(slot, chunk);
  }
  Flow& flow = wires_[slot.wire].flows[slot.end];
  flow.clogged = flow.clogged || any;
  return flow.clogged && sent.error() == sched::would_block ? "filled" : failure(sent);
}

// Checks that the received bytes are the bytes sent.
template <class Net>
std::string Performer<Net>::take_in(Slot& slot, sched::ConstBytes bytes) {
  Flow& flow = wires_[slot.wire].flows[1 - slot.end];
  for (const std::byte byte : bytes) {
    if (flow.read == flow.sent) {
      return "a byte that was never sent";
    }
    if (byte != pattern(slot.wire, 1 - slot.end, flow.read)) {
      return "another byte than was sent";
    }
    ++flow.read;
  }
  return {};
}

template <class Net>
std::string Performer<Net>::recv(Slot& slot, std::size_t size) {
  std::array<std::byte, 4096> buffer;  // NOLINT: only the filled part is used
  const auto into = std::span(buffer).first(size);
  const auto received = net_.calls().recv(slot.descriptor, into);
  if (!received.ok()) {
    return failure(received);
  }
  if (slot.kind == Kind::datagram) {
    return "received " + std::to_string(received.value());
  }
  const std::string wrong = take_in(slot, into.first(received.value()));
  return wrong.empty() ? "received " + std::to_string(received.value()) : wrong;
}

template <class Net>
std::string Performer<Net>::drain(Slot& slot) {
  if (slot.kind != Kind::stream) {
    return recv(slot, 1);
  }
  Flow& flow = wires_[slot.wire].flows[1 - slot.end];
  std::vector<std::byte> buffer(chunk);
  std::uint64_t total = 0;
  for (;;) {
    const auto received = net_.calls().recv(slot.descriptor, buffer);
    if (received.ok() && received.value() != 0) {
      total += received.value();
      const std::string wrong = take_in(slot, std::span(buffer).first(received.value()));
      if (!wrong.empty()) {
        return wrong;
      }
    } else if (received.error() == sched::would_block && flow.clogged && flow.read < flow.sent) {
      if (!net_.settle()) {
        return "stuck after " + std::to_string(flow.read) + " of " + std::to_string(flow.sent);
      }
    } else {
      const std::string end = received.ok() ? "the end" : failure(received);
      const bool all = flow.read == flow.sent;
      const std::string count = flow.clogged ? "what there was" : std::to_string(total);
      flow.clogged = flow.clogged && !all;
      return "received " + count + ", then " + end + (all ? ", all of it" : "");
    }
  }
}

template <class Net>
std::string Performer<Net>::send_to(Slot& slot, const Step& step) {
  const std::size_t size = datagram_size(step);
  if (enough_datagrams(size)) {
    return "enough is on its way";
  }
  const std::vector<std::byte> bytes = next_datagram(size);
  if (slot.kind == Kind::stream) {
    return "not to be done";  // no sched::Datagram is a stream
  }
  const auto sent = net_.calls().send_to(slot.descriptor, bytes, address(step));
  datagram_bytes_ += sent.ok() ? size + (of_unix() ? unix_overhead : 0) : 0;
  return sent.ok()
             ? "sent " + std::to_string(sent.value()) + " to " + described(address(step), true)
             : failure(sent);
}

template <class Net>
std::string Performer<Net>::recv_from(Slot& slot, const Step& step) {
  if (slot.kind == Kind::stream) {
    return "not to be done";
  }
  std::vector<std::byte> buffer(datagram_size(step));
  const auto received = net_.calls().recv_from(slot.descriptor, buffer);
  if (!received.ok()) {
    return failure(received);
  }
  std::uint64_t sum = sched::empty_key;
  for (std::size_t i = 0; i < received.value().size; ++i) {
    sum = sum * 31 + std::to_integer<std::uint64_t>(buffer[i]);
  }
  return "received " + std::to_string(received.value().size) + " of " +
         std::to_string(received.value().full_size) + " with sum " + std::to_string(sum) +
         " from " + described(received.value().from, true);
}

template std::size_t Performer<Simulated>::datagram_size(const Step&) const;
template bool Performer<Simulated>::enough_sent(const Flow&, std::size_t) const;
template bool Performer<Simulated>::enough_datagrams(std::size_t) const;
template Result<std::size_t> Performer<Simulated>::send_once(Slot&, std::size_t);
template std::vector<std::byte> Performer<Simulated>::next_datagram(std::size_t);
template std::string Performer<Simulated>::take_in(Slot&, sched::ConstBytes);
template std::string Performer<Simulated>::send(Slot&, const Step&);
template std::string Performer<Simulated>::fill(Slot&);
template std::string Performer<Simulated>::fill_datagrams(Slot&);
template std::string Performer<Simulated>::recv(Slot&, std::size_t);
template std::string Performer<Simulated>::drain(Slot&);
template std::string Performer<Simulated>::send_to(Slot&, const Step&);
template std::string Performer<Simulated>::recv_from(Slot&, const Step&);
template std::size_t Performer<Kernel>::datagram_size(const Step&) const;
template bool Performer<Kernel>::enough_sent(const Flow&, std::size_t) const;
template bool Performer<Kernel>::enough_datagrams(std::size_t) const;
template Result<std::size_t> Performer<Kernel>::send_once(Slot&, std::size_t);
template std::vector<std::byte> Performer<Kernel>::next_datagram(std::size_t);
template std::string Performer<Kernel>::take_in(Slot&, sched::ConstBytes);
template std::string Performer<Kernel>::send(Slot&, const Step&);
template std::string Performer<Kernel>::fill(Slot&);
template std::string Performer<Kernel>::fill_datagrams(Slot&);
template std::string Performer<Kernel>::recv(Slot&, std::size_t);
template std::string Performer<Kernel>::drain(Slot&);
template std::string Performer<Kernel>::send_to(Slot&, const Step&);
template std::string Performer<Kernel>::recv_from(Slot&, const Step&);

}  // namespace rehearsal::conformance
