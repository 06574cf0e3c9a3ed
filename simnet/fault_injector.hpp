// FaultInjector: asks for the faults that a world allows, and makes them happen.
//
// A moment of a host is the beginning of a turn, or a call that one of its tasks makes on a socket.
// Each fault is a choice at each moment of its host, or of either host of its pair. The ordinal is
// the number of the moment: of the process for one host, of the run for a pair.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "simnet/host_fault.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/network/faults.hpp"

namespace rehearsal::simnet {

class SimulatedHost;
class World;

class FaultInjector final : public CallFaults {
 public:
  FaultInjector(World& world, const FaultBudget& budget) : world_(world), budget_(budget) {}

  // Adds a fault behind the present ones. Fails a CHECK if it is there.
  void add(HostFault fault);
  // Lets the faults of this host happen from now on.
  void bind(SimulatedHost& host);
  // Fails a CHECK if a fault is of a host that the world does not have.
  void check_hosts() const;

  // Called before a turn of the host's program. Returns whether it has no turn now.
  bool takes_turn_of(SimulatedHost& host);
  bool ends_at(Kernel& kernel) override;

  // Leaves the link alone from now on: the scenario sets its state.
  void leave(std::uint32_t from, std::uint32_t to) { shut_.erase({from, to}); }

  // Returns whether a fault has not ended.
  [[nodiscard]] bool any_lasts() const { return lasting_ != 0; }
  [[nodiscard]] sched::Instant quiet_since() const { return sched::Instant{} + budget_.until; }
  // Appends how often each fault was asked for and happened.
  void append_counts(std::vector<FaultCount>& counts) const;

 private:
  struct Offered {
    HostFault fault;
    FaultCount count;
    std::uint64_t key = 0;  // of the process or the pair
    std::uint32_t moments = 0;
    bool lasts = false;
  };

  using Ends = std::pair<std::uint32_t, std::uint32_t>;  // numbers of hosts

  // The effect of a fault on the host at whose moment it happened.
  enum class Effect : std::uint8_t { none, ends, pauses };

  Effect ask(SimulatedHost& host, bool at_call);
  [[nodiscard]] bool may_happen(const Offered& one, sched::Instant now) const;
  Effect begin(std::size_t place, sched::Duration lasts, SimulatedHost& host, bool at_call);
  void end_at(sched::Instant at, std::size_t place, std::function<void()> undo);
  void shut_links(std::size_t place, LinkState state, sched::Instant until);

  World& world_;
  FaultBudget budget_;
  std::vector<Offered> offered_;
  std::vector<std::vector<std::size_t>> of_host_;  // places in offered_, by number of the host
  std::map<Ends, std::uint32_t> shut_;  // the links that faults have shut; how many faults
  std::uint32_t lasting_ = 0;
  std::uint32_t happened_ = 0;
};

}  // namespace rehearsal::simnet
