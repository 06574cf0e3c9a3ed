#include "simnet/fault_injector.hpp"

#include <algorithm>
#include <utility>

#include "sched/base/check.hpp"
#include "sched/base/key.hpp"
#include "simnet/network/fabric.hpp"
#include "simnet/simulated_host.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {

using sched::Duration;
using sched::Instant;

namespace {

// Durations are in milliseconds; a schedule may name any up to this one.
constexpr std::uint32_t longest = 1'000'000;

}  // namespace

void FaultInjector::add(HostFault fault) {
  sched::check(is_host_fault(fault.site), "a fault to survive is one of a host or a pair of hosts");
  sched::check(fault.host != fault.other, "a pair has two hosts");
  Offered one;
  one.count.name = fault.name();
  for (const Offered& other : offered_) {
    sched::check(other.count.name != one.count.name, "each fault to survive is given once");
  }
  one.key = sched::extend_key(sched::empty_key, fault.pair());
  one.fault = std::move(fault);
  offered_.push_back(std::move(one));
}

void FaultInjector::bind(SimulatedHost& host) {
  Kernel& kernel = host.kernel();
  of_host_.resize(std::max<std::size_t>(of_host_.size(), kernel.number() + 1));
  std::vector<std::size_t>& mine = of_host_[kernel.number()];
  mine.clear();
  for (std::size_t place = 0; place < offered_.size(); ++place) {
    const HostFault& fault = offered_[place].fault;
    if (fault.host == kernel.name() || fault.other == kernel.name()) {
      mine.push_back(place);
    }
  }
  if (!mine.empty()) {
    kernel.process_end().set_faults(*this);
  }
}

void FaultInjector::check_hosts() const {
  for (const Offered& one : offered_) {
    for (const std::string& name : {one.fault.host, one.fault.other}) {
      if (!name.empty()) {
        static_cast<void>(world_.number(name));
      }
    }
  }
}

bool FaultInjector::takes_turn_of(SimulatedHost& host) { return ask(host, false) != Effect::none; }

bool FaultInjector::ends_at(Kernel& kernel) {
  return Kernel::running() == &kernel && ask(world_.host(kernel.name()), true) == Effect::ends;
}

bool FaultInjector::may_happen(const Offered& one, Instant now) const {
  return !one.lasts && lasting_ < budget_.at_once && happened_ < budget_.in_all &&
         now < quiet_since();
}

FaultInjector::Effect FaultInjector::ask(SimulatedHost& host, bool at_call) {
  const Kernel& kernel = host.kernel();
  Effect effect = Effect::none;
  // The destructors that a crash runs may add hosts.
  for (std::size_t i = 0; i < of_host_[kernel.number()].size(); ++i) {
    const std::size_t place = of_host_[kernel.number()][i];
    Offered& one = offered_[place];
    const bool of_process = one.fault.other.empty();
    if (of_process && one.key != kernel.process_key()) {
      one.key = kernel.process_key();
      one.moments = 0;
    }
    const std::uint32_t moment = one.moments++;
    const Instant now = at_call ? kernel.at() : world_.now();  // a pause at this call has passed
    if (effect != Effect::none || !may_happen(one, now)) {
      continue;
    }
    ++one.count.matched;
    const Choice choice = world_.choices().choose(
        one.fault.site, one.key, moment, longest + 1,
        [&] { return of_process ? kernel.process() : one.fault.pair(); },
        [&] { return Subject{kernel.number(), now}; });
    if (choice.deviates()) [[unlikely]] {
      const Duration lasts = std::chrono::milliseconds(choice.matters());
      effect = begin(place, std::min(lasts, quiet_since() - now), host, at_call);
    }
  }
  return effect;
}

FaultInjector::Effect FaultInjector::begin(std::size_t place, Duration lasts, SimulatedHost& host,
                                           bool at_call) {
  Offered& one = offered_[place];
  Kernel& kernel = host.kernel();
  const Instant now = at_call ? kernel.at() : world_.now();
  ++happened_;
  ++one.count.fired;
  ++one.count.mattered;
  switch (one.fault.site) {
    case Site::crash:
    case Site::power:
      host.end(one.fault.site == Site::crash ? Op::crash : Op::power_off);
      end_at(now + lasts, place, [&host, ends = host.ends_ + (at_call ? 1 : 0)] {
        if (!host.running() && host.ends_ == ends) {  // the scenario has not ended it again
          host.restart();
        }
      });
      return Effect::ends;
    case Site::pause:
      host.note_pause(true, now);
      end_at(now + lasts, place, [&host, this] { host.note_pause(false, world_.now()); });
      if (at_call) {
        kernel.delay_program(lasts);
        return Effect::none;
      }
      host.pause_until(now + lasts);
      return Effect::pauses;
    case Site::clock:
      if (at_call) {
        host.jump_clock(lasts);
      } else {  // after the turn, so that it also falls into what the turn waits for
        world_.act_at(now, [&host, lasts] { host.jump_clock(lasts); }, {});
      }
      return Effect::none;
    case Site::hold:
      shut_links(place, LinkState::held, now + lasts);
      return Effect::none;
    default:
      shut_links(place, LinkState::cut, now + lasts);
      return Effect::none;
  }
}

void FaultInjector::end_at(Instant at, std::size_t place, std::function<void()> undo) {
  offered_[place].lasts = true;
  ++lasting_;
  const auto end = [this, place, undo = std::move(undo)] {
    offered_[place].lasts = false;
    --lasting_;
    undo();
    world_.a_task_is_done();  // the run may have waited for this
  };
  world_.act_at(at, end, {});
}

// Opens the links at the end. Leaves those alone that the scenario has shut, or shuts meanwhile.
void FaultInjector::shut_links(std::size_t place, LinkState state, Instant until) {
  const HostFault& fault = offered_[place].fault;
  const Ends there{world_.number(fault.host), world_.number(fault.other)};
  std::vector<Ends> ends{there};
  if (fault.site != Site::one_way) {
    ends.emplace_back(there.second, there.first);
  }
  std::erase_if(ends, [&](const Ends& one) {
    return !shut_.contains(one) && !world_.fabric().link(one.first, one.second).open();
  });
  for (const Ends& one : ends) {
    ++shut_[one];
    world_.set_state(one.first, one.second, state);
  }
  end_at(until, place, [this, ends = std::move(ends)] {
    for (const Ends& one : ends) {
      const auto found = shut_.find(one);
      if (found != shut_.end() && --found->second == 0) {
        shut_.erase(found);
        world_.set_state(one.first, one.second, LinkState::open);
      }
    }
  });
}

void FaultInjector::append_counts(std::vector<FaultCount>& counts) const {
  for (const Offered& one : offered_) {
    counts.push_back(one.count);
  }
}

}  // namespace rehearsal::simnet
