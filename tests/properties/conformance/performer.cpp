#include "tests/properties/conformance/performer.hpp"

#include <unistd.h>

#include <algorithm>
#include <iterator>

namespace rehearsal::conformance {

using sched::Endpoint;

namespace {

Step as(Step step, Action action) {
  step.action = action;
  return step;
}

// Returns the IPv4 address that an IPv6 socket shows as ::ffff:a.b.c.d (ipv6(7)).
Endpoint unmapped(const Endpoint& at) {
  Endpoint::Bytes bytes = at.bytes();
  constexpr std::array<std::uint8_t, 12> prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (at.family() == Endpoint::Family::ipv4 ||
      !std::ranges::equal(prefix, std::span(bytes).first(12))) {
    return at;
  }
  return {Endpoint::Family::ipv4, {bytes[12], bytes[13], bytes[14], bytes[15]}, at.port()};
}

}  // namespace

Endpoint Place::at(unsigned which, bool abstract) const {
  if (host.is_unix()) {
    const std::string name = host.unix_name() + (which % 2 == 0 ? 'a' : 'b');
    return abstract ? sched::unix_abstract(name) : sched::unix_path(name);
  }
  return host.with_port(static_cast<std::uint16_t>(port + which % 2));
}

void remove_files(const Place& place) {
  if (place.host.is_unix()) {
    ::unlink(place.at(0).unix_name().c_str());
    ::unlink(place.at(1).unix_name().c_str());
  }
}

template <class Net>
Slot* Performer<Net>::pick(const Step& step, Kind kind) {
  const bool of_any_kind = step.other % 16 == 15 || step.action == Action::close ||
                           step.action == Action::abort || step.action == Action::local ||
                           step.action == Action::peer ||
                           (of_unix() && step.action == Action::fill);
  std::vector<Slot*> fit;
  for (Slot& slot : slots_) {
    // Some calls go to a socket of any kind.
    if (slot.kind == kind || of_any_kind) {
      fit.push_back(&slot);
    }
  }
  return fit.empty() ? nullptr : fit[step.which % fit.size()];
}

// The other sockets come last, so that a shrunk program needs no other socket.
template <class Net>
Endpoint Performer<Net>::address(const Step& step) const {
  const auto port = static_cast<std::uint16_t>(place_.port + step.which % 2);
  if (step.action == Action::connect && step.other % 12 < 6) {
    for (const Slot& slot : slots_) {
      if (slot.kind == Kind::listener) {
        return slot.local;
      }
    }
  }
  if (of_unix()) {
    return unix_address(step);
  }
  const bool of_udp = step.action == Action::bind || step.action == Action::send_to ||
                      step.action == Action::set_peer;
  const bool ipv6 = place_.host.family() == Endpoint::Family::ipv6;
  switch (step.other % 12) {
    default:
      return place_.host.with_port(port);
    case 6:
      return {ipv6 ? "::" : "0.0.0.0", port};
    case 7:
      // A bound IPv6 UDP socket has no IPv4 address to send from.
      return ipv6 && of_udp ? place_.host.with_port(port) : Endpoint("127.0.0.1", port);
    case 8:
      return place_.host;  // port 0
    case 9:
      return step.action == Action::listen || step.action == Action::bind
                 ? Endpoint(ipv6 ? "2001:db8::7" : "203.0.113.7", port)  // RFC 3849, RFC 5737
                 : place_.host.with_port(port);
    case 10:
    case 11: {
      // Only ports of the same protocol: whether the other protocol has the same port depends
      // on the kernel.
      std::vector<Slot> fit;
      std::ranges::copy_if(slots_, std::back_inserter(fit), [of_udp](const Slot& slot) {
        return (slot.kind == Kind::datagram) == of_udp;
      });
      if (fit.empty()) {
        return place_.host.with_port(port);
      }
      const Slot& slot = fit[step.which % fit.size()];
      // The other users of ports of 127.0.0.1 on this machine, including former clients
      // (TIME_WAIT), are unknown. The host's own address belongs to the program alone.
      const bool ours = (!ipv6 && slot.local.with_port(0) == place_.host) ||
                        slot.local.port() / 2 == place_.port / 2;
      const bool binds = step.action == Action::listen || step.action == Action::bind;
      // Simnet has no IPv6 socket that is bound to an IPv4 address.
      const bool of_ipv4 = ipv6 && unmapped(slot.local) != slot.local;
      return (binds && !ours) || of_ipv4 ? place_.host.with_port(port) : slot.local;
    }
  }
}

template <class Net>
Endpoint Performer<Net>::unix_address(const Step& step) const {
  const bool binds = step.action == Action::listen || step.action == Action::bind;
  const bool sends = step.action == Action::send_to || step.action == Action::set_peer;
  switch (step.other % 12) {
    case 6:
      return place_.at(step.which, true);
    case 7:
      return binds ? place_.at(step.which) : sched::unix_path(place_.host.unix_name() + "none");
    case 8:
      return sched::unix_unnamed();
    case 9:
      return sends ? Endpoint("127.0.0.1", 9) : place_.at(step.which);
    case 10:
    case 11:
      return slots_.empty() ? place_.at(step.which) : slots_[step.which % slots_.size()].local;
    default:
      return place_.at(step.which);
  }
}

// Names an address and its owner; a port that a kernel has chosen is named by its socket.
template <class Net>
std::string Performer<Net>::described(const Endpoint& at, bool of_udp) const {
  if (at.is_unix()) {
    const bool first = at == place_.at(0) || at == place_.at(0, true);
    const bool second = at == place_.at(1) || at == place_.at(1, true);
    return std::string(at.unix_name().starts_with('\0') ? "@" : "") + (first    ? "a"
                                                                       : second ? "b"
                                                                       : at == sched::unix_unnamed()
                                                                           ? "unnamed"
                                                                           : "elsewhere");
  }
  std::string text = at.with_port(0) == place_.host ? "host" : at.address();
  if (at.port() == place_.port || at.port() == place_.port + 1 || at.port() == 0) {
    return text + (at.port() == 0 ? ":0" : at.port() == place_.port ? ":a" : ":b");
  }
  text += ":chosen";
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    const bool client = slot.kind == Kind::stream && slot.end == 0;
    if (!client && slot.local == at && (slot.kind == Kind::datagram) == of_udp) {
      text += " by socket " + std::to_string(i);
    }
  }
  for (std::size_t i = 0; i < wires_.size(); ++i) {
    if (wires_[i].client == at && !of_udp) {
      text += " by client " + std::to_string(i);
    }
  }
  return text;
}

template <class Net>
std::string Performer<Net>::listen(const Endpoint& at, const Step& step) {
  sched::ListenOptions options;
  options.backlog = step.size % 8 == 7 || (of_unix() && step.size % 2 == 1) ? 1 : 0;
  options.replace_stale = step.size % 8 >= 5 || step.action == Action::pair;
  const auto listener = net_.calls().listen(at, options);
  if (!listener.ok()) {
    return failure(listener);
  }
  slots_.push_back(
      {Kind::listener, listener.value(), net_.calls().local(listener.value()).value()});
  return described(slots_.back().local);
}

template <class Net>
std::string Performer<Net>::connect(Endpoint to) {
  const auto connecting = net_.calls().connect(to);
  if (!connecting.ok()) {
    return failure(connecting);
  }
  const Descriptor descriptor = connecting.value().descriptor;
  const Endpoint local = net_.calls().local(descriptor).value();
  slots_.push_back({Kind::stream, descriptor, local, wires_.size(), 0});
  const auto is_known = [&](const Wire& wire) { return wire.client == local; };
  ambiguous_ = ambiguous_ || (!of_unix() && std::ranges::any_of(wires_, is_known));
  wires_.push_back({local, to, {}});
  return (connecting.value().in_progress ? "in progress from " : "at once from ") +
         described(local);
}

template <class Net>
std::string Performer<Net>::accept(Slot& listener) {
  const auto accepted = net_.calls().accept(listener.descriptor);
  if (!accepted.ok()) {
    return failure(accepted);
  }
  const Descriptor descriptor = accepted.value().descriptor;
  const Endpoint from = accepted.value().peer;
  const auto local = net_.calls().local(descriptor);
  for (std::size_t i = 0; i < wires_.size(); ++i) {
    // All clients of Unix sockets are unnamed, and are accepted in order.
    const bool same =
        of_unix() ? wires_[i].server == listener.local : wires_[i].client == unmapped(from);
    if (same && !wires_[i].accepted) {
      wires_[i].accepted = true;
      slots_.push_back({Kind::stream, descriptor, local.value(), i, 1});
      return "from " + described(from) + " at " + described(local.value());
    }
  }
  net_.calls().close(descriptor);
  return "a stranger from " + from.to_string();
}

// Connects until the backlog is full if it is short. The clients close at once, but stay in it.
template <class Net>
std::string Performer<Net>::fill_backlog(const Endpoint& listener) {
  const Endpoint to = listener;
  std::string result;
  for (int clients = 0; clients < 3; ++clients) {
    const std::size_t before = slots_.size();
    result = connect(to);
    if (slots_.size() == before) {
      return result + (clients > 0 ? " after some" : "");
    }
    end(slots_.back(), Action::close);
  }
  return result;
}

template <class Net>
std::string Performer<Net>::pair(const Step& step) {
  if (slots_.size() + 3 > most_sockets + 1) {
    return "no room";
  }
  if (of_unix() && step.which % 2 == 1) {
    return datagram_pair(step);
  }
  const std::size_t listener = slots_.size();
  std::string all = listen(place_.at(0), step);
  if (slots_.size() == listener) {
    return all;
  }
  all += "; " + connect(slots_[listener].local);
  while (!sched::any(net_.shown(slots_[listener].descriptor), Readiness::recv) && net_.settle()) {
  }
  all += "; " + accept(slots_[listener]);
  net_.calls().close(slots_[listener].descriptor);
  slots_.erase(slots_.begin() + static_cast<std::ptrdiff_t>(listener));
  return all;
}

// Creates two datagram sockets. One has the other as its peer, or each has.
template <class Net>
std::string Performer<Net>::datagram_pair(const Step& step) {
  const std::size_t first = slots_.size();
  const Endpoint at = step.other % 3 == 0 ? sched::unix_unnamed() : place_.at(1);
  std::string all = bind(place_.at(0), true);
  all += "; " + bind(at, true);
  if (slots_.size() != first + 2) {
    return all;
  }
  all += "; " + set_peer(slots_[first + 1], place_.at(0));
  return step.other % 2 == 0 ? all : all + "; " + set_peer(slots_[first], at);
}

template <class Net>
std::string Performer<Net>::bind(const Endpoint& at, bool replaces_stale) {
  sched::BindOptions options;
  options.replace_stale = replaces_stale;
  const auto socket = net_.calls().bind(at, options);
  if (!socket.ok()) {
    return failure(socket);
  }
  slots_.push_back({Kind::datagram, socket.value(), net_.calls().local(socket.value()).value()});
  return described(slots_.back().local, true);
}

template <class Net>
std::string Performer<Net>::end(Slot& slot, Action how) {
  if (slot.kind == Kind::stream) {
    wires_[slot.wire].open[slot.end] = false;
  }
  for (Wire& wire : wires_) {
    // A later listener may have the same path, but gets none of the waiting clients.
    wire.accepted = wire.accepted || (slot.kind == Kind::listener && wire.server == slot.local);
  }
  if (how == Action::close) {
    net_.calls().close(slot.descriptor);
  } else {
    net_.calls().abort(slot.descriptor);
  }
  slots_.erase(slots_.begin() + (&slot - slots_.data()));
  return "done";
}

template <class Net>
std::string Performer<Net>::reset_on_close(const Slot& slot, bool resets) {
  if (slot.kind != Kind::stream) {
    return "not to be done";
  }
  sched::StreamOptions options;
  options.reset_on_close = resets;
  const auto set = net_.calls().set_options(slot.descriptor, options);
  return set.ok() ? "set" : failure(set);
}

template <class Net>
std::string Performer<Net>::set_peer(Slot& slot, const Endpoint& peer) {
  if (slot.kind != Kind::datagram || (peer.port() == 0 && !of_unix())) {
    return "not to be done";
  }
  const auto set = net_.calls().set_peer(slot.descriptor, peer);
  slot.local = net_.calls().local(slot.descriptor).value();
  return set.ok() ? described(peer, true) + " from " + described(slot.local, true) : failure(set);
}

template <class Net>
std::string Performer<Net>::on_socket(Slot& slot, const Step& step) {
  const auto told = [&](const auto& result) { return result.ok() ? "ok" : failure(result); };
  const auto where = [&](const auto& result) {
    return result.ok() ? described(result.value(), slot.kind == Kind::datagram) : failure(result);
  };
  switch (step.action) {
    case Action::accept:
      return accept(slot);
    case Action::connected:
      return told(net_.calls().connected(slot.descriptor));
    case Action::send:
      return send(slot, step);
    case Action::fill:
      return of_unix() && slot.kind == Kind::listener ? fill_backlog(slot.local) : fill(slot);
    case Action::recv:
      return recv(slot, stream_size(step));
    case Action::drain:
      return drain(slot);
    case Action::shutdown_send:
      return told(net_.calls().shutdown_send(slot.descriptor));
    case Action::reset_on_close:
      return reset_on_close(slot, step.size % 2 == 0);
    case Action::set_peer:
      return set_peer(slot, address(step));
    case Action::send_to:
      return send_to(slot, step);
    case Action::recv_from:
      return recv_from(slot, step);
    case Action::local:
      return where(net_.calls().local(slot.descriptor));
    case Action::peer:
      return where(net_.calls().peer(slot.descriptor));
    default:
      return end(slot, step.action);
  }
}

// If no suitable socket exists, one is created.
template <class Net>
std::string Performer<Net>::perform(const Step& step) {
  const bool full = slots_.size() >= most_sockets;
  switch (step.action) {
    case Action::pair:
      return pair(step);
    case Action::listen:
      return full ? "no room" : listen(address(step), step);
    case Action::connect:
      return full ? "no room" : connect(address(step));
    case Action::bind:
      return full ? "no room" : bind(address(step), step.size % 8 >= 5);
    case Action::accept: {
      Slot* listener = pick(step, Kind::listener);
      if (full) {
        return "no room";
      }
      return listener == nullptr ? perform(as(step, Action::listen)) : accept(*listener);
    }
    case Action::set_peer:
    case Action::send_to:
    case Action::recv_from: {
      Slot* socket = pick(step, Kind::datagram);
      if (socket == nullptr) {
        return perform(as(step, Action::bind));
      }
      return on_socket(*socket, step);
    }
    case Action::reset_on_close:
      if (of_unix()) {
        return perform(as(step, Action::fill));  // there is no reset
      }
      [[fallthrough]];
    default: {
      Slot* stream = pick(step, Kind::stream);
      return stream == nullptr ? pair(step) : on_socket(*stream, step);
    }
  }
}

template class Performer<Simulated>;
template class Performer<Kernel>;

}  // namespace rehearsal::conformance
