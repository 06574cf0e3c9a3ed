#include "simnet/rapidcheck/plans.hpp"

#include <array>
#include <chrono>
#include <ostream>
#include <set>
#include <string_view>
#include <utility>

#include "sched/base/check.hpp"

namespace rehearsal::simnet {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using Kind = PlannedFault::Kind;

constexpr std::array<std::string_view, 9> fault_names = {
    "pause",  "hold",  "partition", "partition one way", "kill", "power off",
    "refuse", "reset", "trickle"};

constexpr std::array mild_of_one = {Kind::pause, Kind::trickle};
constexpr std::array mild_of_two = {Kind::hold, Kind::partition, Kind::partition_one_way};
constexpr std::array breaking = {Kind::kill, Kind::power_off, Kind::refuse, Kind::reset};

bool is_of_two(Kind kind) {
  return kind == Kind::hold || kind == Kind::partition || kind == Kind::partition_one_way;
}
bool is_rule(Kind kind) {
  return kind == Kind::refuse || kind == Kind::reset || kind == Kind::trickle;
}

// Generates a number below `outcomes`, equally likely in small and large cases; shrinks towards 0.
rc::Gen<std::uint64_t> any_below(std::uint64_t outcomes) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::uint64_t>(0, outcomes));
}

// Generates a duration up to `most`, small ones more often; shrinks towards 0.
rc::Gen<sched::Duration> durations(sched::Duration most) {
  const auto in_milliseconds = std::chrono::duration_cast<milliseconds>(most).count();
  return rc::gen::map(rc::gen::inRange<std::int64_t>(0, in_milliseconds + 1),
                      [](std::int64_t count) { return sched::Duration(milliseconds(count)); });
}

// Generates 0 in three quarters of the cases, otherwise `least` to `most`; shrinks towards 0.
rc::Gen<std::uint32_t> or_none(std::uint32_t least, std::uint32_t most) {
  const std::uint32_t span = most - least + 1;
  return rc::gen::map(any_below(std::uint64_t{span} * 4), [=](std::uint64_t drawn) {
    const std::uint64_t none = std::uint64_t{span} * 3;
    return drawn < none ? 0 : least + static_cast<std::uint32_t>(drawn - none);
  });
}

FaultRule rule_of(const PlannedFault& fault, std::size_t number) {
  const std::string name = "planned-" + std::to_string(number);
  const auto rule = [&]() -> FaultRule {
    switch (fault.kind) {
      case Kind::refuse:
        return {name, Operation::connect, Verdict::fail(std::errc::connection_refused)};
      case Kind::reset:
        return {name, Operation::send, Verdict::reset()};
      default:
        return {name, Operation::recv, Verdict::limit(1)};
    }
  };
  return rule().from(fault.host).nth(fault.nth).may_stay_away();
}

// Faults may overlap: a host that is down is not killed or paused, and a host that is up is
// not restarted.
void begin(const PlannedFault& fault, World& world) {
  SimulatedHost& host = world.host(fault.host);
  switch (fault.kind) {
    case Kind::hold:
      return world.hold(fault.host, fault.other);
    case Kind::partition:
      return world.partition(fault.host, fault.other);
    case Kind::partition_one_way:
      return world.partition_one_way(fault.host, fault.other);
    case Kind::pause:
      return host.running() ? host.pause() : void();
    case Kind::kill:
      return host.running() ? host.kill() : void();
    default:
      return host.running() ? host.power_off() : void();
  }
}

void end(const PlannedFault& fault, World& world) {
  SimulatedHost& host = world.host(fault.host);
  if (is_of_two(fault.kind)) {
    world.heal(fault.host, fault.other);
  } else if (fault.kind == Kind::pause) {
    host.running() ? host.resume() : void();
  } else if (!host.running()) {
    host.restart();
  }
}

void apply(const PlannedFault& fault, std::size_t number, World& world) {
  if (is_rule(fault.kind)) {
    world.faults().add(rule_of(fault, number));
    return;
  }
  // Without a line, so that a run may end before them.
  world.at(fault.at, [fault, &world] { begin(fault, world); }, {});
  world.at(fault.at + fault.lasts, [fault, &world] { end(fault, world); }, {});
}

std::string in_milliseconds(sched::Duration time) {
  return std::to_string(std::chrono::duration_cast<milliseconds>(time).count()) + " ms";
}

}  // namespace

void WorldPlan::apply(World& world) const {
  for (const std::string& host : hosts) {
    world.host(host);
  }
  for (const PlannedLink& link : links) {
    world.link(link.from, link.to).set_options(link.options);
  }
  for (std::size_t i = 0; i < faults.size(); ++i) {
    simnet::apply(faults[i], i, world);
  }
}

rc::Gen<LinkOptions> link_options() {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::inRange(0, 50'000), or_none(1, 20'000), or_none(10'000, 10'000'000),
                     or_none(1, 200'000), or_none(1, 200'000)),
      [](const auto& drawn) {
        LinkOptions options;
        options.latency += microseconds(std::get<0>(drawn));
        options.jitter = microseconds(std::get<1>(drawn));
        options.bytes_per_second = std::get<2>(drawn);
        options.loss = std::get<3>(drawn);
        options.duplication = std::get<4>(drawn);
        return options;
      });
}

rc::Gen<PlannedFault> planned_faults(const std::vector<std::string>& hosts,
                                     const FaultKinds& kinds) {
  sched::check(!hosts.empty(), "a fault is of some host");
  std::vector<Kind> possible(mild_of_one.begin(), mild_of_one.end());
  if (hosts.size() > 1) {
    possible.insert(possible.end(), mild_of_two.begin(), mild_of_two.end());
  }
  if (kinds.breaks_connections) {
    possible.insert(possible.end(), breaking.begin(), breaking.end());
  }
  const std::size_t count = hosts.size();
  return rc::gen::map(
      rc::gen::tuple(any_below(possible.size()), any_below(count),
                     any_below(count > 1 ? count - 1 : 1), durations(kinds.latest),
                     durations(kinds.longest), rc::gen::inRange<std::uint64_t>(1, 20)),
      [hosts, possible](const auto& drawn) {
        PlannedFault fault;
        fault.kind = possible[std::get<0>(drawn)];
        fault.host = hosts[std::get<1>(drawn)];
        if (is_of_two(fault.kind)) {
          const std::size_t other = std::get<2>(drawn);
          fault.other = hosts[other < std::get<1>(drawn) ? other : other + 1];
        }
        if (is_rule(fault.kind)) {
          fault.nth = std::get<5>(drawn);
        } else {
          fault.at = std::get<3>(drawn);
          fault.lasts = std::get<4>(drawn);
        }
        return fault;
      });
}

rc::Gen<std::vector<PlannedLink>> planned_links(const std::vector<std::string>& hosts) {
  const std::size_t count = hosts.size();
  if (count < 2) {
    return rc::gen::just(std::vector<PlannedLink>());
  }
  const auto pairs = rc::gen::tuple(any_below(count), any_below(count - 1), link_options());
  const auto link = rc::gen::map(pairs, [hosts](const auto& drawn) {
    const std::size_t from = std::get<0>(drawn);
    const std::size_t other = std::get<1>(drawn);
    return PlannedLink{hosts[from], hosts[other < from ? other : other + 1], std::get<2>(drawn)};
  });
  // The first link of a pair counts.
  return rc::gen::map(rc::gen::container<std::vector<PlannedLink>>(link),
                      [](std::vector<PlannedLink> links) {
                        std::set<std::pair<std::string, std::string>> seen;
                        std::erase_if(links, [&seen](const PlannedLink& one) {
                          return !seen.emplace(one.from, one.to).second;
                        });
                        return links;
                      });
}

rc::Gen<WorldPlan> world_plans(const std::vector<std::string>& hosts, const FaultKinds& kinds) {
  return rc::gen::map(
      rc::gen::tuple(planned_links(hosts),
                     rc::gen::container<std::vector<PlannedFault>>(planned_faults(hosts, kinds))),
      [hosts](auto&& drawn) { return WorldPlan{hosts, std::get<0>(drawn), std::get<1>(drawn)}; });
}

void showValue(const PlannedLink& link, std::ostream& out) {
  out << link.from << " -> " << link.to << ": "
      << std::chrono::duration_cast<microseconds>(link.options.latency).count() << " us";
  if (link.options.jitter != sched::Duration::zero()) {
    out << ", jitter " << std::chrono::duration_cast<microseconds>(link.options.jitter).count()
        << " us";
  }
  if (link.options.bytes_per_second != 0) {
    out << ", " << link.options.bytes_per_second << " B/s";
  }
  if (link.options.loss != 0) {
    out << ", loses " << link.options.loss << " ppm";
  }
  if (link.options.duplication != 0) {
    out << ", doubles " << link.options.duplication << " ppm";
  }
}

void showValue(const PlannedFault& fault, std::ostream& out) {
  out << fault_names[static_cast<std::size_t>(fault.kind)] << ' ' << fault.host;
  if (is_of_two(fault.kind)) {
    out << ", " << fault.other;
  }
  if (is_rule(fault.kind)) {
    out << ", operation " << fault.nth;
  } else {
    out << " at " << in_milliseconds(fault.at) << " for " << in_milliseconds(fault.lasts);
  }
}

void showValue(const WorldPlan& plan, std::ostream& out) {
  out << "links: ";
  rc::show(plan.links, out);
  out << ", faults: ";
  rc::show(plan.faults, out);
}

}  // namespace rehearsal::simnet
