// The sites at which a simulated run makes choices. A choice has n outcomes; outcome 0 is the
// nominal one. What another outcome means is said here, and nowhere else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace rehearsal::simnet {

enum class Site : std::uint8_t {
  run,        // a task that became ready is passed by v that become ready later
  tie,        // a host that is due is passed by the v-th next that is due at the same instant
  order,      // of several sockets that are ready, this one is reported v places later
  late,       // a segment or datagram takes v microseconds longer
  lost,       // a segment is lost v times and sent again; a datagram is lost
  duplicate,  // a datagram comes v more times
  recv,       // a receive takes at most v bytes
  send,       // a send takes at most v bytes
  spurious,  // a socket that is not ready is reported as ready, v microseconds after the wait began
  again,     // a call on a socket that is ready gives would_block; the readiness is reported again
  interrupt,  // a wait ends with nothing ready, as one that a signal interrupts
  reset,      // a connection is reset as it sends or receives
  accept,     // an accept fails; v is the place of its error in accept_errors
  connect,    // a connect fails; v is the place of its error in connect_errors
  blocking,   // a piece of blocking work takes v microseconds longer
  resolve,    // a look-up takes v microseconds longer
  rule,       // a fault rule with a rate applies
  program,    // sched::Host::choose in shipped code, World::choose in a scenario
  step        // the run goes in steps of one task, timer or event of a kernel, which take no time
};
inline constexpr std::size_t site_count = 19;

constexpr std::size_t index(Site site) { return static_cast<std::size_t>(site); }

inline constexpr std::array<std::string_view, site_count> site_names = {
    "run",      "tie",      "order", "late",      "lost",  "duplicate", "recv",
    "send",     "spurious", "again", "interrupt", "reset", "accept",    "connect",
    "blocking", "resolve",  "rule",  "program",   "step"};

constexpr std::string_view name(Site site) { return site_names[index(site)]; }

// What an accept or connect fails with when a choice says so: by its value, less one.
inline constexpr std::array accept_errors = {std::errc::connection_aborted,
                                             std::errc::too_many_files_open,
                                             std::errc::too_many_files_open_in_system,
                                             std::errc::no_buffer_space,
                                             std::errc::not_enough_memory,
                                             std::errc::protocol_error};
inline constexpr std::array connect_errors = {std::errc::connection_refused,
                                              std::errc::host_unreachable, std::errc::timed_out,
                                              std::errc::network_unreachable};

// What the entity of a choice of the scenario itself begins with, at the site `program`.
inline constexpr std::string_view world_prefix = "world:";

// Nothing where no site has this name.
constexpr std::optional<Site> site_named(std::string_view name) {
  for (std::size_t i = 0; i < site_count; ++i) {
    if (site_names[i] == name) {
      return static_cast<Site>(i);
    }
  }
  return std::nullopt;
}

}  // namespace rehearsal::simnet
