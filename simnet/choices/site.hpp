// The sites: the kinds of choices that a simulated run makes. A choice has n outcomes, and outcome
// 0 is the default. This file alone defines what the other outcomes mean.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace rehearsal::simnet {

/// The kind of a choice. In each description v is the outcome, which is greater than 0. The names
/// are the vocabulary of schedules (see schedule.hpp).
enum class Site : std::uint8_t {
  /// Task order: v tasks that become ready later run before this one.
  run,
  /// Host order: among hosts due at the same instant, the v-th other one takes its turn first.
  tie,
  /// Order of reports: of several ready sockets, this one is reported v places later.
  order,
  /// Delay: a segment or a datagram arrives v microseconds later.
  late,
  /// Packet loss: a segment is lost v times and retransmitted each time; a datagram is
  /// lost for good.
  lost,
  /// Duplication: a datagram is delivered v more times.
  duplicate,
  /// Partial read: a receive returns at most v bytes.
  recv,
  /// Partial write: a send accepts at most v bytes.
  send,
  /// Spurious readiness: a socket that is not ready is reported as ready, v microseconds after
  /// the wait began.
  spurious,
  /// Spurious EAGAIN: a call on a ready socket returns would_block, and the readiness is
  /// reported again.
  again,
  /// EINTR: a wait ends with nothing ready, as if a signal had interrupted it.
  interrupt,
  /// Connection reset: a connection is reset during a receive or a send.
  reset,
  /// Failed accept: an accept fails with the v-th error of accept_errors, counted from 1. That of a
  /// Unix socket fails only if descriptors or memory have run out.
  accept,
  /// Failed connect: a connect of a TCP connection fails with the v-th error of connect_errors,
  /// counted from 1.
  connect,
  /// Slow work: a piece of blocking work takes v microseconds longer.
  blocking,
  /// Slow name resolution: a lookup takes v microseconds longer.
  resolve,
  /// A fault rule with a rate applies.
  rule,
  /// A choice of the program: sched::Host::choose() on a host, World::choose() in a scenario.
  program,
  /// The run is steered: it advances by single transitions (a task, a timer or a kernel event),
  /// which take no virtual time.
  step,
  // Faults of hosts, which World::survives() allows. They last v milliseconds.
  /// Crash: the process ends, as by SIGKILL, and restarts after v milliseconds.
  crash,
  /// Power loss: the host loses power, and starts again after v milliseconds.
  power,
  /// Pause: the process stops, as by SIGSTOP, for v milliseconds.
  pause,
  /// Clock jump: the host's clock jumps forward by v milliseconds.
  clock,
  /// Partition: two hosts are cut off from each other for v milliseconds.
  partition,
  /// One-way partition: nothing that one host sends to another arrives for v milliseconds.
  one_way,
  /// Hold: what two hosts send each other is held back for v milliseconds.
  hold,
  // Further faults of networks and busy machines.
  /// Late timer: the timer that would end a wait of a task fires v microseconds later. Other events
  /// of the host happen meanwhile.
  timer,
  /// Full accept queue: the queue of a listener is full for the first v SYNs of a connection
  /// (ordinal 0), or for the first v times that the client completes the handshake (ordinal 1). The
  /// client sends again after 1 s, 2 s, 4 s and so on; if its 7 SYNs are dropped, its connect fails
  /// with ETIMEDOUT after 127 s. A client whose handshake is complete is connected, but the server
  /// accepts it v seconds later. A Unix socket does not wait: its connect (ordinal 2) fails with
  /// EAGAIN.
  backlog,
  /// Failed name resolution: a lookup fails with the v-th error of resolve_errors, counted from 1.
  lookup,
  /// Stale address: for v milliseconds, the lookups of a name by a process return an address that
  /// the host no longer has. No host answers there: a connect fails with EHOSTUNREACH after 3 s,
  /// and datagrams are lost.
  stale
};
/// Number of sites.
inline constexpr std::size_t site_count = 30;

/// Returns the position of a site in arrays that are indexed by site.
constexpr std::size_t index(Site site) { return static_cast<std::size_t>(site); }

/// The names of all sites, by index().
inline constexpr std::array<std::string_view, site_count> site_names = {
    "run",      "tie",     "order",     "late",    "lost",   "duplicate", "recv",     "send",
    "spurious", "again",   "interrupt", "reset",   "accept", "connect",   "blocking", "resolve",
    "rule",     "program", "step",      "crash",   "power",  "pause",     "clock",    "partition",
    "one_way",  "hold",    "timer",     "backlog", "lookup", "stale"};

/// Returns the name of a site, as schedules have it.
constexpr std::string_view name(Site site) { return site_names[index(site)]; }

/// The errors of Site::accept; outcome v is the v-th, counted from 1.
inline constexpr std::array accept_errors = {std::errc::connection_aborted,
                                             std::errc::too_many_files_open,
                                             std::errc::too_many_files_open_in_system,
                                             std::errc::no_buffer_space,
                                             std::errc::not_enough_memory,
                                             std::errc::protocol_error};
/// The errors of Site::connect; outcome v is the v-th, counted from 1.
inline constexpr std::array connect_errors = {std::errc::connection_refused,
                                              std::errc::host_unreachable, std::errc::timed_out,
                                              std::errc::network_unreachable};

/// The errors of Site::lookup; outcome v is the v-th, counted from 1. They are those with which
/// sched::Host::resolve reports EAI_NONAME, EAI_AGAIN, EAI_FAIL and EAI_MEMORY of getaddrinfo(3).
inline constexpr std::array resolve_errors = {std::errc::no_such_device_or_address,
                                              std::errc::timed_out, std::errc::io_error,
                                              std::errc::not_enough_memory};

/// The prefix of the entity of a scenario's own choice at Site::program.
inline constexpr std::string_view world_prefix = "world:";

/// Returns whether this is a fault of a host or of a pair of hosts; see World::survives().
constexpr bool is_host_fault(Site site) { return site >= Site::crash && site <= Site::hold; }

/// Returns the site of this name, or nothing if there is none.
constexpr std::optional<Site> site_named(std::string_view name) {
  for (std::size_t i = 0; i < site_count; ++i) {
    if (site_names[i] == name) {
      return static_cast<Site>(i);
    }
  }
  return std::nullopt;
}

}  // namespace rehearsal::simnet
