// Random programs that create the same things again and again: they bind and listen, connect, look
// up, open inboxes and spawn, on hosts that are killed and restarted meanwhile.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "simnet/world.hpp"

namespace rehearsal::simnet {

// The next action of a task of a random program. Actions that open a descriptor close it
// at the end.
enum class Deed : std::uint8_t {
  bind_again,
  bind_any,
  listen_again,
  listen_any,
  connect,
  resolve,
  work,
  choose,
  draw,
  signals,
  inbox,
  spawn,
  sleep
};
constexpr int deed_count = static_cast<int>(Deed::sleep) + 1;

// What a script does to a host.
enum class Blow : std::uint8_t { kill, power_off, restart, raise, post };
constexpr int blow_count = static_cast<int>(Blow::post) + 1;

struct Churn {
  std::vector<std::vector<Deed>> tasks;  // the same for each host; each is repeated
  struct Event {
    int millisecond = 0;
    Blow blow{};
    bool first_host = true;
  };
  std::vector<Event> script;
};

// The choices that were made, by entity, in order.
using ChoicesAsked = std::map<std::string, std::vector<std::pair<Site, std::uint32_t>>>;

struct ChurnRun {
  RunReport report;
  ChoicesAsked asked;
  std::vector<Deviation> deviations;
  std::vector<Deviation> not_applied;
};

// Draws a program with rapidcheck.
[[nodiscard]] Churn some_churn();

// A policy under which every kind of choice deviates, and often.
[[nodiscard]] Policy every_site(std::uint64_t seed);

// Runs `pairs` pairs of hosts. "pair-0-a" and "pair-0-b" follow `churn`, and communicate only
// with each other.
ChurnRun run_churn(World& world, const Churn& churn, int pairs);

}  // namespace rehearsal::simnet
