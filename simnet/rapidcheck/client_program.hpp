// Client programs: random clients that know little or nothing of a server's protocol. They shrink
// towards a client that connects and leaves.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "simnet/rapidcheck/assertions.hpp"

namespace rehearsal::simnet {

/// One step of a random client.
struct ClientStep {
  /// The kinds of steps. Each step connects first if the client is not connected.
  enum class Kind : std::uint8_t {
    /// Sends all of `bytes`.
    send,
    /// Receives once, up to `amount` bytes, for up to 100 ms.
    receive,
    /// Sleeps for `amount` milliseconds.
    pause,
    /// Ends the sending direction with a FIN.
    finish,
    /// Closes the connection, so that the next step connects again.
    reconnect,
    /// Resets the connection with a RST, so that the next step connects again.
    vanish
  };

  /// The kind of the step.
  Kind kind = Kind::send;
  /// The amount of `receive` (bytes) or `pause` (milliseconds).
  std::uint32_t amount = 0;
  /// The bytes of `send`.
  std::string bytes;
};

/// The steps of a client, in order.
using ClientProgram = std::vector<ClientStep>;

/// The result of a client program.
struct ClientLog {
  /// Number of bytes in sends that completed.
  std::uint64_t sent = 0;
  /// All bytes received, over all connections.
  std::string received;
  /// Number of steps that ended in an error, such as a refused or reset connection.
  std::uint64_t broken = 0;
};

/// What random clients send.
struct ClientBytes {
  ClientBytes() = default;

  /// The bytes that they use. Shrinking prefers the first ones.
  std::string alphabet = "abcdefgh \n";
  /// Maximum number of bytes of one send.
  std::size_t most = 100;
};
/// Returns a generator of client programs. Fails a CHECK if the alphabet is empty.
[[nodiscard]] rc::Gen<ClientProgram> client_programs(const ClientBytes& bytes = {});

/// Performs a client program against `server`. A step that fails with a std::system_error closes
/// the connection, and the next step connects again. At the end the connection is closed. If the
/// task is cancelled, the connection is closed too. `log` must outlive the task.
sched::Task<> perform(sched::Host<SimulatedNetwork>& host, sched::Address server,
                      ClientProgram program, ClientLog& log);

/// Prints a step, for rapidcheck.
void showValue(const ClientStep& step, std::ostream& out);

}  // namespace rehearsal::simnet
