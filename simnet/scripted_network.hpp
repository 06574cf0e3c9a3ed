// ScriptedNetwork: a scripted source with a scripted kernel. Literal lists say what each call on
// each descriptor returns, so a test of a few lines can run a whole server. Calls that cannot be
// scripted fail with ENOTSUP.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sched/seam/network.hpp"
#include "simnet/scripted_source.hpp"

namespace rehearsal::simnet {

/// What the calls on one descriptor return, in order.
struct ScriptedSocket {
  /// What receives return: bytes, an error, or "" for the end of the stream. When used
  /// up: would_block.
  std::deque<std::variant<std::string, std::errc>> receives;
  /// What sends return: the largest number of bytes accepted, 0 for would_block, or an error. When
  /// used up, a send accepts all bytes.
  std::deque<std::variant<std::size_t, std::errc>> sends;
  /// What accepts of a listener return: a descriptor or an error. When used up: would_block.
  std::deque<std::variant<sched::Descriptor, std::errc>> accepts;
};

/// What the program did with a descriptor.
struct ScriptedRecord {
  /// All bytes that were sent.
  std::string sent;
  /// Whether shutdown_send() was called.
  bool finished_sending = false;
  /// Whether close() was called.
  bool closed = false;
  /// Whether abort() was called.
  bool aborted = false;
  /// The options that the last set_options() set.
  sched::StreamOptions options;
  /// The peer that the last set_peer() set.
  sched::Endpoint peer;
};

/// A sched::Network that does what lists say, for tests without a simulation.
class ScriptedNetwork : public ScriptedSource {
 public:
  /// Creates a network from the list of its waits; see ScriptedSource.
  using ScriptedSource::ScriptedSource;

  /// Sets what the calls on a descriptor return. The next listen, connect or bind returns the
  /// lowest scripted descriptor that is not in use.
  void script(sched::Descriptor descriptor, ScriptedSocket socket);
  /// Returns what the program did with a descriptor. Fails a CHECK if it is not scripted. The
  /// reference is valid as long as the network.
  [[nodiscard]] const ScriptedRecord& record(sched::Descriptor descriptor) const;

  /// Returns the lowest scripted descriptor that is not in use, or fails with EMFILE.
  sched::Result<sched::Descriptor> listen(const sched::Endpoint& at,
                                          const sched::ListenOptions& options);
  /// Performs the next accept of the descriptor's script.
  sched::Result<sched::Accepted> accept(sched::Descriptor listener);
  /// Connects at once: returns the lowest scripted descriptor that is not in use, or fails
  /// with EMFILE.
  sched::Result<sched::Connecting> connect(const sched::Endpoint& to);
  /// Returns success.
  sched::Result<> connected(sched::Descriptor descriptor);
  /// Performs the next receive of the descriptor's script. Bytes that do not fit stay for
  /// the next one.
  sched::Result<std::size_t> recv(sched::Descriptor descriptor, sched::Bytes into);
  /// Performs the next send of the descriptor's script, and records the bytes.
  sched::Result<std::size_t> send(sched::Descriptor descriptor, sched::Pieces pieces);
  /// Records that sending has ended.
  sched::Result<> shutdown_send(sched::Descriptor descriptor);
  /// Records that the descriptor is closed, and frees it.
  void close(sched::Descriptor descriptor);
  /// Records that the connection is aborted, and frees the descriptor.
  void abort(sched::Descriptor descriptor);
  /// Records the options. Fails with EINVAL if they are not valid().
  sched::Result<> set_options(sched::Descriptor descriptor, const sched::StreamOptions& options);
  /// Returns the lowest scripted descriptor that is not in use, or fails with EMFILE.
  sched::Result<sched::Descriptor> bind(const sched::Endpoint& at,
                                        const sched::BindOptions& options);
  /// Records the peer.
  sched::Result<> set_peer(sched::Descriptor descriptor, const sched::Endpoint& peer);
  /// Performs the next receive of the descriptor's script, as one datagram.
  sched::Result<sched::Received> recv_from(sched::Descriptor descriptor, sched::Bytes into);
  /// Performs the next send of the descriptor's script.
  sched::Result<std::size_t> send_to(sched::Descriptor descriptor, sched::ConstBytes from,
                                     const sched::Endpoint& to);
  /// Returns an unspecified endpoint.
  sched::Result<sched::Endpoint> local(sched::Descriptor descriptor);
  /// Returns an unspecified endpoint.
  sched::Result<sched::Endpoint> peer(sched::Descriptor descriptor);
  /// Returns "client-" and the descriptor.
  std::string connection_name(sched::Descriptor descriptor);
  /// Fails with ENOTSUP.
  sched::Result<sched::Descriptor> resolve(std::string_view name);
  /// Fails with ENOTSUP.
  sched::Result<std::vector<sched::Endpoint>> resolved(sched::Descriptor descriptor);
  /// Fails with ENOTSUP.
  sched::Result<sched::Descriptor> signals(std::span<const int> numbers);
  /// Fails with ENOTSUP.
  sched::Result<int> next_signal(sched::Descriptor descriptor);
  /// Fails with ENOTSUP.
  sched::Result<sched::Descriptor> inbox(std::string_view name);
  /// Fails with ENOTSUP.
  sched::Result<sched::Message> next_message(sched::Descriptor descriptor);
  /// Fails with ENOTSUP.
  sched::Result<sched::Descriptor> start_blocking(std::function<void()> work);
  /// Returns 1970-01-01 plus the present time.
  sched::WallTime wall_clock() { return sched::WallTime(now().time_since_epoch()); }
  /// Returns 1, 2, 3 and so on.
  std::uint64_t random() { return next_random_++; }
  /// Returns 0.
  std::uint32_t choose(std::string_view /*name*/, std::uint32_t /*outcomes*/) { return 0; }

 private:
  struct Socket {
    ScriptedSocket script;
    ScriptedRecord record;
    bool in_use = false;
  };

  sched::Result<sched::Descriptor> take_lowest();

  std::map<sched::Descriptor, Socket> sockets_;
  std::uint64_t next_random_ = 1;
};

}  // namespace rehearsal::simnet
