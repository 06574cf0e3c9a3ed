// Client programs: what clients do that know nothing of a server's protocol, or little. They shrink
// towards a client that connects and leaves.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "simnet/rapidcheck/assertions.hpp"

namespace rehearsal::simnet {

struct ClientStep {
  enum class Kind : std::uint8_t {
    send,       // all of `bytes`
    receive,    // once, up to `amount` bytes, for up to 100 ms
    pause,      // `amount` milliseconds
    finish,     // sends no more
    reconnect,  // in good order
    vanish      // ends the connection with a RST, and connects anew
  };

  Kind kind = Kind::send;
  std::uint32_t amount = 0;
  std::string bytes;
};

using ClientProgram = std::vector<ClientStep>;

// What became of it.
struct ClientLog {
  std::uint64_t sent = 0;
  std::string received;
  std::uint64_t broken = 0;  // connections that an error ended, or that were refused
};

// A program that sends up to so many bytes at once, each of `alphabet`.
struct ClientBytes {
  ClientBytes() = default;

  std::string alphabet = "abcdefgh \n";
  std::size_t most = 100;
};
[[nodiscard]] rc::Gen<ClientProgram> client_programs(const ClientBytes& bytes = {});

// Does it, over a new connection where an error ends one. Ends in good order. `log` must outlive
// the task.
sched::Task<> perform(sched::Host<SimulatedNetwork>& host, sched::Address server,
                      ClientProgram program, ClientLog& log);

void showValue(const ClientStep& step, std::ostream& out);

}  // namespace rehearsal::simnet
