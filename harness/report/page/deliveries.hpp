// Deliveries: which event of a run sent what another event received.
//
// A segment of a connection is found by its last byte: a deliver event counts the bytes of its
// direction up to the end of the segment, and the send events of the direction add up to the same
// count. A datagram has the number of the event that sent it. Connections of Unix sockets have no
// deliver events: their bytes count as received when the program takes them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "simnet/trace/history.hpp"

namespace rehearsal::harness {

enum class DeliveryKind : std::uint8_t { connect, data, fin, reset, datagram, refusal };
// Returns the name of a kind: "connect", "data", "fin", "reset", "datagram" or "refusal".
[[nodiscard]] std::string_view name(DeliveryKind kind);

struct Delivery {
  DeliveryKind kind = DeliveryKind::data;
  std::uint64_t from = 0;   // number of the event that sent it
  std::uint64_t to = 0;     // number of the event that received it; 0: none did
  std::uint64_t begin = 0;  // offset of its first byte in its direction; 0 for a datagram
  std::uint64_t bytes = 0;
};

// Returns the deliveries of a run in the order of their senders' events. If the history lacks its
// first events, the connections that began then are left out.
[[nodiscard]] std::vector<Delivery> deliveries_of(const simnet::History& history);

}  // namespace rehearsal::harness
