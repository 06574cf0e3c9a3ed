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

// Returns "the 3rd segment of client-0/0#0>", or "datagram" if it was sent from a UDP socket.
std::string packet(const AppliedDeviation& applied) {
  const simnet::Coordinate& at = applied.deviation.at;
  const bool datagram = at.entity.find(":udp/") != std::string::npos;
  return fmt::format("the {} {} of {}", nth(std::uint64_t{at.ordinal} + 1),
                     datagram ? "datagram" : "segment", at.entity);
}

std::string lost(const AppliedDeviation& applied) {
  const std::uint32_t times = applied.deviation.value;
  return packet(applied) + (times == 1 ? " was lost" : fmt::format(" was lost {} times", times));
}

std::string held_back(const AppliedDeviation& applied, const std::string& when) {
  const std::string text = fmt::format("{} was held back by {} {}", applied.deviation.at.entity,
                                       applied.deviation.value, when);
  return applied.went_first.empty()
             ? text
             : fmt::format("{}, so that {} ran first", text, fmt::join(applied.went_first, ", "));
}

// Describes a choice of the program: "server:disk" as "server chose 3 at its 1st 'disk' ...".
std::string chose(const AppliedDeviation& applied, const std::string& when) {
  const std::string& entity = applied.deviation.at.entity;
  const std::size_t colon = entity.find(':');
  const std::string who = entity.substr(0, colon);
  return fmt::format("{} chose {} at its {} '{}' {}", who == "world" ? "the scenario" : who,
                     applied.deviation.value, nth(std::uint64_t{applied.deviation.at.ordinal} + 1),
                     colon == std::string::npos ? entity : entity.substr(colon + 1), when);
}

template <class Errors>
std::string error_of(const Errors& errors, std::uint32_t value) {
  return value >= 1 && value <= errors.size() ? sched::error_name(errors[value - 1]) : "an error";
}

}  // namespace

std::string sentence(const AppliedDeviation& applied) {
  const std::string when = "at " + exact(applied.at.time_since_epoch());
  const std::string& who = applied.deviation.at.entity;
  const std::uint32_t value = applied.deviation.value;
  switch (applied.deviation.at.site) {
    case Site::run:
      return held_back(applied, when);
    case Site::step:
      return fmt::format("the run went, from {} on, in steps that take no time",
                         exact(applied.at.time_since_epoch()));
    case Site::tie:
      return fmt::format("the {} other host that was due {}, too, went before {}", nth(value), when,
                         who);
    case Site::order:
      return fmt::format("{} was reported ready {} places later {}", who, value, when);
    case Site::late:
      return fmt::format("{}, sent {}, came {} late", packet(applied), when, microseconds(value));
    case Site::lost:
      return fmt::format("{}, sent {}", lost(applied), when);
    case Site::duplicate:
      return fmt::format("{}, sent {}, came {} more", packet(applied), when,
                         counted(value, "time"));
    case Site::recv:
      return fmt::format("a receive from {} took at most {} {}", who, counted(value, "byte"), when);
    case Site::send:
      return fmt::format("a send on {} took at most {} {}", who, counted(value, "byte"), when);
    case Site::spurious:
      return fmt::format("{} was reported ready, which it was not, {} after the wait began {}", who,
                         microseconds(value), when);
    case Site::again:
      return fmt::format("a receive from {} would block {}, though it was ready", who, when);
    case Site::interrupt:
      return fmt::format("the wait of {} was interrupted {}", who, when);
    case Site::reset:
      return fmt::format("{} was reset {}", who, when);
    case Site::accept:
      return fmt::format("an accept of {} failed {} with {}", who, when,
                         error_of(simnet::accept_errors, value));
    case Site::connect:
      return fmt::format("the connect {} failed {} with {}", who, when,
                         error_of(simnet::connect_errors, value));
    case Site::blocking:
      return fmt::format("the blocking work of {}, begun {}, took {} longer", who, when,
                         microseconds(value));
    case Site::resolve:
      return fmt::format("the look-up {}, begun {}, took {} longer", who, when,
                         microseconds(value));
    case Site::rule:
      return fmt::format("the fault rule {} applied {}", who, when);
    case Site::program:
      return chose(applied, when);
  }
  return applied.deviation.to_string();
}

}  // namespace rehearsal::harness
