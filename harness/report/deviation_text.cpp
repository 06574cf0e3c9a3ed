#include "harness/report/deviation_text.hpp"

#include <chrono>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/number_text.hpp"
#include "sched/seam/error_name.hpp"
#include "simnet/trace/trace.hpp"

namespace rehearsal::harness {
namespace {

using simnet::AppliedDeviation;
using simnet::Site;

std::string microseconds(std::uint32_t count) { return in_words(std::chrono::microseconds(count)); }

std::string milliseconds(std::uint32_t count) { return in_words(std::chrono::milliseconds(count)); }

// Returns "db and client" for "db+client".
std::string pair(const std::string& entity) {
  const std::size_t bar = entity.find('+');
  return bar == std::string::npos ? entity
                                  : entity.substr(0, bar) + " and " + entity.substr(bar + 1);
}

// Returns "db reached client" for "db>client".
std::string direction(const std::string& entity) {
  const std::size_t arrow = entity.find('>');
  return arrow == std::string::npos
             ? entity
             : entity.substr(0, arrow) + " reached " + entity.substr(arrow + 1);
}

// Returns "the 3rd segment of client-0/0#0>", or "datagram" if it was sent from a UDP socket.
std::string packet(const AppliedDeviation& applied) {
  const simnet::Coordinate& at = applied.deviation.at;
  const bool datagram = at.entity.find(":udp/") != std::string::npos;
  return fmt::format("the {} {} of {}", nth(std::uint64_t{at.ordinal} + 1),
                     datagram ? "datagram" : "segment", at.entity);
}

std::string dropped(const AppliedDeviation& applied) {
  const std::uint32_t times = applied.deviation.value;
  return packet(applied) + " was sent and dropped" +
         (times == 1 ? "" : fmt::format(" {} times", times));
}

std::string deferred(const AppliedDeviation& applied) {
  const std::string text = fmt::format("{} was deferred past {}", applied.deviation.at.entity,
                                       counted(applied.deviation.value, "task"));
  return applied.went_first.empty()
             ? text
             : fmt::format("{}: {} ran first", text, fmt::join(applied.went_first, ", "));
}

// Returns "server chose 3 at its 1st 'disk'" for the entity "server:disk".
std::string chose(const AppliedDeviation& applied) {
  const std::string& entity = applied.deviation.at.entity;
  const std::size_t colon = entity.find(':');
  const std::string who = entity.substr(0, colon);
  return fmt::format("{} chose {} at its {} '{}'", who == "world" ? "the scenario" : who,
                     applied.deviation.value, nth(std::uint64_t{applied.deviation.at.ordinal} + 1),
                     colon == std::string::npos ? entity : entity.substr(colon + 1));
}

template <class Errors>
std::string error_of(const Errors& errors, std::uint32_t value) {
  return value >= 1 && value <= errors.size() ? sched::error_name(errors[value - 1]) : "an error";
}

// Returns "the accept queue was full: it dropped 2 SYNs of the connection client/0#0".
std::string queue_full(const AppliedDeviation& applied) {
  const simnet::Coordinate& at = applied.deviation.at;
  if (at.ordinal == 2) {
    return fmt::format("the accept queue was full: the connect {} failed with EAGAIN", at.entity);
  }
  const std::string what = counted(applied.deviation.value, at.ordinal == 0 ? "SYN" : "ACK");
  return fmt::format("the accept queue was full: it dropped {} of the connection {}", what,
                     at.entity);
}

// Describes a fault of a host or of a pair of hosts, without the time.
std::string host_fault(const AppliedDeviation& applied) {
  const std::string& who = applied.deviation.at.entity;
  const std::uint32_t value = applied.deviation.value;
  switch (applied.deviation.at.site) {
    case Site::crash:
      return fmt::format("{} crashed, and restarted {} later", who, milliseconds(value));
    case Site::power:
      return fmt::format("{} lost power, and started again {} later", who, milliseconds(value));
    case Site::pause:
      return fmt::format("{} was paused for {}", who, milliseconds(value));
    case Site::clock:
      return fmt::format("the clock of {} jumped forward by {}", who, milliseconds(value));
    case Site::partition:
      return fmt::format("{} were cut off from each other for {}", pair(who), milliseconds(value));
    case Site::one_way:
      return fmt::format("nothing from {} for {}", direction(who), milliseconds(value));
    case Site::hold:
      return fmt::format("what {} sent each other was held back for {}", pair(who),
                         milliseconds(value));
    default:
      return applied.deviation.to_string();
  }
}

// Describes what happened, without the time.
std::string event(const AppliedDeviation& applied) {
  const std::string& who = applied.deviation.at.entity;
  const std::uint32_t value = applied.deviation.value;
  switch (applied.deviation.at.site) {
    case Site::run:
      return deferred(applied);
    case Site::step:
      return "running tasks took no virtual time from then on";
    case Site::tie:
      return fmt::format("{} ran after the {} other host due then", who, nth(value));
    case Site::order:
      return fmt::format("{} was reported ready {} later", who, counted(value, "place"));
    case Site::late:
      return fmt::format("{} was sent and delayed by {}", packet(applied), microseconds(value));
    case Site::lost:
      return dropped(applied);
    case Site::duplicate:
      return fmt::format("{} was sent and delivered {}", packet(applied),
                         counted(value, "extra time"));
    case Site::recv:
      return fmt::format("a receive from {} returned at most {}", who, counted(value, "byte"));
    case Site::send:
      return fmt::format("a send on {} accepted at most {}", who, counted(value, "byte"));
    case Site::spurious:
      return fmt::format("a wait for {} began and ended {} later although nothing was ready", who,
                         microseconds(value));
    case Site::again:
      return fmt::format("a receive from {} would block although it was ready", who);
    case Site::interrupt:
      return fmt::format("the wait of {} was interrupted", who);
    case Site::reset:
      return fmt::format("{} was reset", who);
    case Site::accept:
      return fmt::format("an accept of {} failed with {}", who,
                         error_of(simnet::accept_errors, value));
    case Site::connect:
      return fmt::format("the connect {} failed with {}", who,
                         error_of(simnet::connect_errors, value));
    case Site::blocking:
      return fmt::format("the blocking work of {} started and took {} longer", who,
                         microseconds(value));
    case Site::resolve:
      return fmt::format("the name resolution {} started and took {} longer", who,
                         microseconds(value));
    case Site::rule:
      return fmt::format("the fault rule {} applied", who);
    case Site::program:
      return chose(applied);
    case Site::timer:
      return fmt::format("a timer of {} was due and fired {} later", who, microseconds(value));
    case Site::backlog:
      return queue_full(applied);
    case Site::lookup:
      return fmt::format("the name resolution {} failed with {}", who,
                         error_of(simnet::resolve_errors, value));
    case Site::stale:
      return fmt::format("the name resolution {} returned an old address, for {}", who,
                         milliseconds(value));
    default:
      return host_fault(applied);
  }
}

}  // namespace

std::string sentence(const AppliedDeviation& applied) {
  return fmt::format("at {}, {}", exact(applied.at.time_since_epoch()), event(applied));
}

}  // namespace rehearsal::harness
