#include "harness/report/page/deliveries.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "simnet/trace/event_names.hpp"

namespace rehearsal::harness {
namespace {

using simnet::NumberedEvent;
using simnet::Op;
using simnet::opposite_end;
using simnet::TraceEvent;
using Kind = simnet::Segment::Kind;

class Pairing {
 public:
  void add(const NumberedEvent& one);
  [[nodiscard]] std::vector<Delivery> take();

 private:
  // What an end of a connection has sent.
  struct End {
    std::string host;
    std::uint64_t connected_by = 0;      // number of the connect event
    std::uint64_t ended_by = 0;          // number of the event that ended its direction
    bool crashed = false;                // that event is the crash of its host
    std::uint64_t sent = 0;              // bytes
    std::uint64_t received = 0;          // bytes that its program has taken
    std::deque<std::size_t> on_the_way;  // indexes of deliveries_
  };

  End& begin(const NumberedEvent& one) {
    End& end = ends_[one.event.handle];
    end.host = one.event.host;
    return end;
  }
  // Returns an end whose connect or accept was seen, or null.
  End* find(const std::string& name) {
    const auto found = ends_.find(name);
    return found == ends_.end() ? nullptr : &found->second;
  }
  void send(const NumberedEvent& one);
  void deliver(const NumberedEvent& one);
  void arrive(const NumberedEvent& one, End& from, std::uint64_t count);
  void deliver_datagram(const NumberedEvent& one);
  void take_bytes(const NumberedEvent& one);
  void end_all(const NumberedEvent& one);

  std::vector<Delivery> deliveries_;
  std::map<std::string, End> ends_;                 // by name
  std::map<std::uint64_t, std::size_t> datagrams_;  // index of a delivery by the event
};

void Pairing::send(const NumberedEvent& one) {
  End* const end = find(one.event.handle);
  if (end == nullptr || one.event.result.value_or(0) == 0) {
    return;
  }
  end->on_the_way.push_back(deliveries_.size());
  deliveries_.push_back({DeliveryKind::data, one.number, 0, end->sent, *one.event.result});
  end->sent += *one.event.result;
}

// A segment that did not fit the receive buffer arrives several times; the first counts.
void Pairing::arrive(const NumberedEvent& one, End& from, std::uint64_t count) {
  while (!from.on_the_way.empty()) {
    Delivery& delivery = deliveries_[from.on_the_way.front()];
    if (delivery.begin + delivery.bytes > count) {
      return;
    }
    delivery.to = one.number;
    from.on_the_way.pop_front();
  }
}

void Pairing::deliver(const NumberedEvent& one) {
  if (one.event.cause != 0 || !one.event.result) {
    return deliver_datagram(one);
  }
  End* const found = find(opposite_end(one.event.handle));
  if (found == nullptr) {
    return;
  }
  End& from = *found;
  switch (one.event.segment_kind()) {
    case Kind::data:
      return arrive(one, from, one.event.segment_end());
    case Kind::fin:
    case Kind::reset:
      if (from.ended_by != 0) {
        const bool is_fin = one.event.segment_kind() == Kind::fin;
        deliveries_.push_back({is_fin ? DeliveryKind::fin : DeliveryKind::reset, from.ended_by,
                               one.number, from.sent, 0});
      }
      return;
    case Kind::probe:
      return;
  }
}

void Pairing::deliver_datagram(const NumberedEvent& one) {
  const auto found = datagrams_.find(one.event.cause);
  if (found == datagrams_.end()) {
    return;
  }
  if (!one.event.error.empty()) {
    deliveries_.push_back({DeliveryKind::refusal, one.event.cause, one.number, 0, 0});
    return;
  }
  Delivery& delivery = deliveries_[found->second];
  if (delivery.to == 0) {
    delivery.to = one.number;
  } else {  // a copy, or another receiver of a broadcast
    Delivery again = delivery;
    again.to = one.number;
    deliveries_.push_back(again);
  }
}

// Bytes of a connection without deliver events arrive when the program takes them.
void Pairing::take_bytes(const NumberedEvent& one) {
  End* const end = find(one.event.handle);
  End* const from = find(opposite_end(one.event.handle));
  if (end != nullptr && from != nullptr) {
    end->received += one.event.result.value_or(0);
    arrive(one, *from, end->received);
  }
}

// A host that crashes ends all its connections.
void Pairing::end_all(const NumberedEvent& one) {
  for (auto& [name, end] : ends_) {
    if (end.host == one.event.host) {
      end.ended_by = one.number;
      end.crashed = true;
    }
  }
}

void Pairing::add(const NumberedEvent& one) {
  const TraceEvent& event = one.event;
  switch (event.op) {
    case Op::connect:
      if (event.error.empty() && !event.handle.empty()) {
        begin(one).connected_by = one.number;
      }
      return;
    case Op::accept:
      if (!event.error.empty()) {
        return;
      }
      if (const End* peer = find(opposite_end(event.handle)); peer != nullptr) {
        deliveries_.push_back({DeliveryKind::connect, peer->connected_by, one.number, 0, 0});
      }
      begin(one);
      return;
    case Op::recv:
      take_bytes(one);
      return;
    case Op::send:
      return send(one);
    case Op::send_to:
      if (event.result) {
        datagrams_[one.number] = deliveries_.size();
        deliveries_.push_back({DeliveryKind::datagram, one.number, 0, 0, *event.result});
      }
      return;
    case Op::deliver:
      return deliver(one);
    case Op::shutdown_send:
    case Op::close:
    case Op::abort:
      // The kernel closes what a crashed process had open.
      if (End* end = find(event.handle); end != nullptr && !end->crashed) {
        end->ended_by = one.number;
      }
      return;
    case Op::crash:
    case Op::power_off:
      return end_all(one);
    default:
      return;
  }
}

std::vector<Delivery> Pairing::take() {
  std::ranges::sort(deliveries_, {}, [](const Delivery& one) {
    return std::tuple(one.from, one.to == 0 ? ~std::uint64_t{0} : one.to, one.begin, one.kind);
  });
  return std::move(deliveries_);
}

}  // namespace

std::string_view name(DeliveryKind kind) {
  switch (kind) {
    case DeliveryKind::connect:
      return "connect";
    case DeliveryKind::data:
      return "data";
    case DeliveryKind::fin:
      return "fin";
    case DeliveryKind::reset:
      return "reset";
    case DeliveryKind::datagram:
      return "datagram";
    case DeliveryKind::refusal:
      return "refusal";
  }
  return {};
}

std::vector<Delivery> deliveries_of(const simnet::History& history) {
  Pairing pairing;
  for (const NumberedEvent& one : history) {
    pairing.add(one);
  }
  return pairing.take();
}

}  // namespace rehearsal::harness
