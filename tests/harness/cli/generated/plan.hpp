// What a generated scenario does, drawn from its number: the programs of its clients, and the
// condition under which a run fails.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rehearsal::generated {

// A step of a client. Its size is a time in units of 50 us, or a number of outcomes.
enum class Act : std::uint8_t { sleep, yield, choose, draw, deposit, ask, tell, work, look_up };
inline constexpr std::uint32_t act_count = static_cast<std::uint32_t>(Act::look_up) + 1;

struct Step {
  Act act = Act::yield;
  std::uint32_t size = 1;
};

// What some runs of a scenario show, and others do not.
enum class Sign : std::uint8_t {
  lost_deposit,  // two deposits overlapped
  last_first,    // the request of the last client arrived first
  slow_answer,   // an answer took more than a millisecond
  lost_message,  // a datagram did not arrive
  chosen,        // three choices of the clients came out otherwise than by default
  drawn,         // a random number was divisible by 8
  error          // a call failed
};
inline constexpr std::uint32_t sign_count = static_cast<std::uint32_t>(Sign::error) + 1;

// What a client does when it has seen all signs.
enum class End : std::uint8_t { passes, violates, throws, checks, hangs, spins };
inline constexpr std::uint32_t end_count = static_cast<std::uint32_t>(End::spins) + 1;

struct Plan {
  // Returns the plan of a number, the same on every machine.
  static Plan of(std::uint64_t number);
  // Returns one line.
  [[nodiscard]] std::string to_string() const;

  std::vector<std::vector<Step>> clients;  // at least two
  std::vector<Sign> signs;                 // one or two
  End end = End::passes;
  bool more_clients = false;  // their number is a parameter of the scenario
  bool server_crashes = false;
  bool loses_packets = false;
  bool is_cut_off = false;      // a script cuts off the first client for a time
  bool has_idle_fault = false;  // a fault rule never fires
  bool guides = false;          // the signs are milestones of later runs
};

}  // namespace rehearsal::generated
