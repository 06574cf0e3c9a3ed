// SimulatedNetwork: the part of a simulated kernel that its program sees. A test compiles only this
// header; every object of this class is a Kernel (kernel.hpp), to which the calls go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sched/core/footprint.hpp"
#include "sched/core/scheduler.hpp"
#include "sched/seam/hooks.hpp"
#include "sched/seam/network.hpp"
#include "simnet/kernel/process_end.hpp"

namespace rehearsal::simnet {

class Kernel;

/// The sched::Network of a simulated host. A program uses it through sched::Host, sched::Stream and
/// the other classes of the library; it does not call it directly. Each call has the contract that
/// sched/seam/network.hpp states. It lives as long as its SimulatedHost.
class SimulatedNetwork {
 public:
  SimulatedNetwork(const SimulatedNetwork&) = delete;
  SimulatedNetwork& operator=(const SimulatedNetwork&) = delete;

  /// The optional functions of this source: resume(), fire_due(), process_ended(), touch(), log().
  static constexpr sched::SourceHooks hooks{
      .takes_time = true, .fires_timers = true, .ends = true, .touches = true, .logs = true};
  /// Returns the present time on the host's own clock.
  [[nodiscard]] sched::Instant now() const;
  /// Watches a descriptor for one direction; see sched::Source.
  sched::Result<> watch(sched::Descriptor descriptor, sched::Direction way);
  /// Does nothing: a simulated kernel reports each change once.
  void unwatch(sched::Descriptor /*descriptor*/, sched::Direction /*way*/) {}
  /// Appends what became ready to `ready`, without waiting: the world advances the time.
  sched::Wake wait(sched::Deadline until, sched::ReadyList& ready);
  /// Returns by how many later tasks a task that became ready is passed (Site::run).
  std::uint32_t delay(const sched::TaskRecord& task);
  /// Counts a resumption of `task` and takes its virtual time. Returns the host's time.
  sched::Instant resume(const sched::TaskRecord& task);
  /// Fires the timers of the program that are due at `now`, except those that are late
  /// (Site::timer).
  void fire_due(sched::Timers& timers, sched::Instant now);
  /// Returns whether the process has ended in the present resumption: no call has an effect any
  /// more, and the tasks are destroyed when the resumption ends.
  [[nodiscard]] bool process_ended() const { return process_end_.ended(); }
  /// For this library's own tools.
  [[nodiscard]] ProcessEnd& process_end() { return process_end_; }
  /// Reports an access to a descriptor to a search, if one runs.
  void touch(sched::Descriptor descriptor) {
    if (sched::footprint != nullptr) [[unlikely]] {
      touch_socket(descriptor);
    }
  }

  /// Opens a listener.
  sched::Result<sched::Descriptor> listen(const sched::Endpoint& at,
                                          const sched::ListenOptions& options);
  /// Takes a connection from a listener.
  sched::Result<sched::Accepted> accept(sched::Descriptor descriptor);
  /// Begins a connection.
  sched::Result<sched::Connecting> connect(const sched::Endpoint& to);
  /// Returns whether a connection has been established, or its error.
  sched::Result<> connected(sched::Descriptor descriptor);
  /// Receives at most `into.size()` bytes of a stream.
  sched::Result<std::size_t> recv(sched::Descriptor descriptor, sched::Bytes into);
  /// Sends bytes of a stream; may accept only a part of them.
  sched::Result<std::size_t> send(sched::Descriptor descriptor, sched::Pieces pieces);
  /// Ends the sending direction of a stream with a FIN.
  sched::Result<> shutdown_send(sched::Descriptor descriptor);
  /// Closes a descriptor.
  void close(sched::Descriptor descriptor);
  /// Closes a TCP connection with a RST; closes a Unix socket.
  void abort(sched::Descriptor descriptor);
  /// Sets the options of a connection.
  sched::Result<> set_options(sched::Descriptor descriptor, const sched::StreamOptions& options);
  /// Opens a datagram socket.
  sched::Result<sched::Descriptor> bind(const sched::Endpoint& at,
                                        const sched::BindOptions& options);
  /// Connects a datagram socket to a peer.
  sched::Result<> set_peer(sched::Descriptor descriptor, const sched::Endpoint& peer);
  /// Receives a datagram; the part that does not fit is discarded.
  sched::Result<sched::Received> recv_from(sched::Descriptor descriptor, sched::Bytes into);
  /// Sends a datagram.
  sched::Result<std::size_t> send_to(sched::Descriptor descriptor, sched::ConstBytes from,
                                     const sched::Endpoint& to);
  /// Returns the local address of a socket.
  sched::Result<sched::Endpoint> local(sched::Descriptor descriptor);
  /// Returns the address of the peer of a connected socket.
  sched::Result<sched::Endpoint> peer(sched::Descriptor descriptor);
  /// Returns the name of the connection, which is the same in every run.
  [[nodiscard]] std::string connection_name(sched::Descriptor descriptor) const;
  /// Begins to resolve the name of a host of the world.
  sched::Result<sched::Descriptor> resolve(std::string_view name);
  /// Returns the addresses that resolve() found. Fails with ENXIO if no host has the name.
  sched::Result<std::vector<sched::Endpoint>> resolved(sched::Descriptor descriptor);
  /// Opens a source of signals of these numbers.
  sched::Result<sched::Descriptor> signals(std::span<const int> numbers);
  /// Takes the next signal.
  sched::Result<int> next_signal(sched::Descriptor descriptor);
  /// Opens the inbox of this name, for SimulatedHost::post().
  sched::Result<sched::Descriptor> inbox(std::string_view name);
  /// Takes the next message of an inbox.
  sched::Result<sched::Message> next_message(sched::Descriptor descriptor);
  /// Starts blocking work. It runs in this thread, and takes virtual time only.
  sched::Result<sched::Descriptor> start_blocking(std::function<void()> work);
  /// Returns WorldOptions::epoch plus the time of the host's clock.
  sched::WallTime wall_clock();
  /// Returns a random number that is determined by the data seed of the world.
  std::uint64_t random();
  /// Returns a choice of the program, from 0 to `outcomes - 1` (Site::program).
  std::uint32_t choose(std::string_view name, std::uint32_t outcomes);
  /// Notes a line of the program's log as an event of the run, unless the process has ended.
  void log(std::string_view text);

  /// Returns the name of the host.
  [[nodiscard]] const std::string& name() const;

 private:
  friend class Kernel;
  SimulatedNetwork() = default;
  ~SimulatedNetwork() = default;

  [[nodiscard]] Kernel& kernel();
  [[nodiscard]] const Kernel& kernel() const;
  void touch_socket(sched::Descriptor descriptor);
  // Called before each call of the program on a socket. Returns whether the call has no effect.
  [[nodiscard]] bool ends();

  ProcessEnd process_end_;
};

}  // namespace rehearsal::simnet

// Instantiated once, in simulated_network.cpp.
extern template class rehearsal::sched::Handles<rehearsal::simnet::SimulatedNetwork>;
extern template class rehearsal::sched::Scheduler<rehearsal::simnet::SimulatedNetwork>;
