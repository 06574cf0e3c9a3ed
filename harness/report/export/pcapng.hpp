// A run as a capture that Wireshark opens: an interface for each host, with the packets that it
// sends. Source: PCAP Next Generation (draft-tuexen-opsawg-pcapng), RFC 791, RFC 768, RFC 8200,
// RFC 9293.
//
// Each packet is there once, on the interface of its sender, at the time at which it was sent:
// Wireshark would take what two interfaces show for a retransmission. A comment has the task, the
// source line, and when it arrived. The packets are derived from the events of the run: a handshake
// from connect, accept and connected, a segment from send, an acknowledgement from deliver.
// Connections of which the run does not show the beginning, and Unix sockets, have none.
#pragma once

#include <string>

#include "harness/report/page/run_data.hpp"

namespace rehearsal::harness {

// Returns the content of the file, which is binary. A packet lacks the data that the run does not
// keep, as if less of it had been captured.
[[nodiscard]] std::string pcapng(const ShownRun& run);

}  // namespace rehearsal::harness
