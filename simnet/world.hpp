// World: all simulated hosts, the links between them, and virtual time. Worlds share no state.
//
// Invariants:
// - Due events happen in order of (instant, host number). A choice decides between hosts that are
//   due at the same instant.
// - Time advances only if nothing is due at the present instant, and then straight to the next
//   event.
// - A run is a function of the program, the data seed and the choices.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simnet/choices/policy.hpp"
#include "simnet/choices/schedule.hpp"
#include "simnet/host_fault.hpp"
#include "simnet/latest_world.hpp"
#include "simnet/milestones.hpp"
#include "simnet/network/faults.hpp"
#include "simnet/network/link.hpp"
#include "simnet/run_report.hpp"
#include "simnet/script.hpp"
#include "simnet/simulated_host.hpp"

namespace rehearsal::simnet {

class Choice;
class Choices;
class Fabric;
class FaultInjector;
class Stagnation;

/// Options of a World.
struct WorldOptions {
  /// Seed of the random numbers that the programs on the hosts draw (not of the choices).
  std::uint64_t data_seed = 1;
  /// Wall-clock time (UTC) at which the world starts: what Host::wall_clock returns when the clock
  /// of the host shows 0. By default 2025-01-01.
  sched::WallTime epoch{std::chrono::seconds(1'735'689'600)};
  /// Maximum number of task resumptions, over all hosts; then run() ends with WorldEnd::step_limit.
  std::uint64_t step_limit = 100'000'000;
  /// Maximum virtual time since the start; then run() ends with WorldEnd::time_limit.
  sched::Duration time_limit = std::chrono::hours(1);
  /// Virtual time after which a run is a deadlock although timers still fire, as heartbeats do: in
  /// this time no task was resumed at a new line, and a task of a host that is not in the
  /// background has waited without a timer. It is longer than TCP retransmits. 0 means never. Only
  /// run() looks for it, and only while nothing is planned with at() or eventually().
  sched::Duration stuck_after = std::chrono::seconds(1000);
  /// Options of every link between two different hosts; World::link() changes one of them.
  LinkOptions link{};
  /// If true, a call of a clock or random-number function of the C library fails a CHECK; if false,
  /// it returns the world's time and random numbers. Only for executables that link
  /// `rehearsal::interpose`; elsewhere this option has no effect.
  bool refuse_library_calls = false;
};

/// A simulated world: hosts, links, virtual time, faults and the properties that a run checks.
///
/// Fill it with host(), spawn(), link() and at(), then call run(). Each call of run(), run_for() or
/// run_until() continues where the last one ended. A world is an ordinary object: several worlds
/// may exist at the same time. Use one world on one thread only. Misuse (an unknown host, a choice
/// without outcomes) fails a CHECK.
class World {
 public:
  /// Creates an empty world in which `policy` makes every choice; by default no choice deviates.
  explicit World(const Policy& policy = Policy::nominal(), const WorldOptions& options = {});
  /// Creates an empty world that replays a schedule: the choices in `replayed` get their values,
  /// and all others take their default. Fails a CHECK if `replayed` names a choice twice.
  explicit World(std::vector<Deviation> replayed, const WorldOptions& options = {});
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  /// Destroys all tasks, then the hosts, then the objects of make(), the last one first.
  ~World();

  /// Returns the host of this name, and creates it with default options if it does not exist. The
  /// reference is valid as long as the world. A name must not be empty, must not be "world", and
  /// must not contain a space, `/`, `:`, `~`, `#`, `+` or `>`; otherwise a CHECK fails.
  SimulatedHost& host(std::string_view name);
  /// Returns the host of this name, and creates it with `options` if it does not exist. `options`
  /// of an existing host do not change.
  SimulatedHost& host(std::string_view name, const HostOptions& options);

  /// Runs until the tasks of all hosts are done that are not in the background (see
  /// SimulatedHost::in_background()) and no eventually() is pending. Ends earlier on a failure, on
  /// a deadlock or at a limit of WorldOptions. Tasks that are left then stay as they are until the
  /// world is destroyed or runs again. An exception from a script or from a property is passed on;
  /// a task's own exception is a failure in the report.
  RunReport run();
  /// Runs for `time` of virtual time, also if all tasks are done earlier, unless a failure or a
  /// limit ends the run first. The report has WorldEnd::condition if the time has passed.
  RunReport run_for(sched::Duration time);
  /// Runs until `condition()` returns true, which is called before every turn of a host. The report
  /// then has WorldEnd::condition. Ends earlier as run() does, also if all tasks are done.
  RunReport run_until(const std::function<bool()>& condition);
  /// Returns the report of the last run, with all failures noted since; nothing before
  /// the first run.
  [[nodiscard]] std::optional<RunReport> report() const;

  /// Creates an object that tasks of any host may share. It lives as long as the world and longer
  /// than any task. It must not hold anything that belongs to a host, such as a stream, because it
  /// outlives the host.
  template <class T, class... Arguments>
  T& make(Arguments&&... arguments) {
    auto made = std::make_shared<T>(std::forward<Arguments>(arguments)...);
    T& object = *made;
    own(std::move(made));
    return object;
  }

  /// Returns the present virtual time. A world starts at the epoch of sched::Instant; the clock of
  /// a host may show another time.
  [[nodiscard]] sched::Instant now() const { return now_; }
  /// Returns the host whose turn it is, or null outside of every turn.
  [[nodiscard]] const SimulatedHost* current() const { return current_; }
  /// Returns the digest of all events until now. Two runs with equal digests did the same.
  [[nodiscard]] std::uint64_t digest() const;
  /// Returns the object that makes the choices. Lives as long as the world.
  [[nodiscard]] Choices& choices();
  /// Returns the fault rules; add() one to inject a fault. Lives as long as the world.
  [[nodiscard]] Faults& faults();
  /// Returns how often each fault rule, and each fault of survives(), matched and fired.
  [[nodiscard]] std::vector<FaultCount> fault_counts() const;
  /// Returns the state that all hosts of the world share. For this library's own tools.
  [[nodiscard]] Fabric& fabric() { return fabric_; }
  /// Returns the number of task resumptions until now.
  [[nodiscard]] std::uint64_t steps() const;
  /// Ends the recording of choices: call it after the last run() and before you read the
  /// deviations. In a run that is steered (PolicyAlgorithm::steers()), it records the delays of
  /// tasks that were ready and did not run. run_scenario() and replay_scenario() call it.
  void end_schedule();

  /// Returns the link from one host to another, in this direction only. Both hosts must exist.
  /// The reference is valid as long as the world. A host also has a link to itself, with a
  /// latency of 10 us.
  Link& link(std::string_view from, std::string_view to);
  /// Cuts the links between two hosts in both directions. Packets sent from now on are lost;
  /// packets already under way still arrive. TCP retransmits once the partition is healed; after
  /// 924.6 s without an acknowledgment an established connection fails with ETIMEDOUT.
  void partition(std::string_view a, std::string_view b);
  /// Cuts the link from one host to another; the opposite direction still works.
  void partition_one_way(std::string_view from, std::string_view to);
  /// Holds the links between two hosts in both directions. TCP segments sent from now on wait,
  /// without a timeout, and are sent by heal(). Datagrams are lost.
  void hold(std::string_view a, std::string_view b);
  /// Ends a partition or a hold between two hosts, in both directions.
  void heal(std::string_view a, std::string_view b);
  /// Ends every partition and hold of the world.
  void heal_all();

  /// Allows faults of hosts and pairs of hosts, which the world's programs must survive. Policies
  /// inject them at any moment before `budget.until`: they are choices, so that they are searched,
  /// replayed and shrunk like all others. A sweep fails if one of them never happens in any of its
  /// runs. A run does not end while a fault lasts. Fails a CHECK if it is called twice or after
  /// eventually(), if a fault is given twice, or if the world has no host of a name when it runs.
  /// Searches by transitions (exhaustive, delays) inject no faults; `faults:N` tries each. Example:
  ///
  ///     world.survives({crash("db"), partition("db", "client")}, {.at_once = 1, .in_all = 2});
  void survives(std::vector<HostFault> faults, const FaultBudget& budget = {});

  /// The source line that reports name; by default the line of the call.
  using Where = std::source_location;
  /// Returns a script to which you add what happens at this virtual time, for example
  /// `world.at(2s).partition("a", "b")`. A time in the past means now. A sweep fails if none of its
  /// runs reaches this time.
  Script at(sched::Duration since_start, Where where = Where::current()) {
    return Script(*this, since_start, where);
  }
  /// Calls `action()` at this virtual time, before any host that is due at the same instant. A time
  /// in the past means now. A sweep fails if none of its runs reaches this time.
  void at(sched::Duration since_start, std::function<void()> action,
          Where where = Where::current());

  /// Adds a property that must always hold: `holds()` is called after every turn of a host, and the
  /// run fails if it returns false. A sweep fails if it is called in none of its runs.
  void invariant(std::string name, std::function<bool()> holds, Where where = Where::current());
  /// Fails the run if `condition` is false at this call.
  void always(std::string_view name, bool condition, Where where = Where::current());
  /// Notes whether `condition` was true at this call. A sweep fails if it was true in none
  /// of its runs.
  void sometimes(std::string_view name, bool condition);
  /// Notes that the run has reached the state `name` with this value, such as a term of an election
  /// or the number of entries of a log. Under the policy "mix", a value that is new among the runs
  /// of a sweep is where later runs begin to differ; so is the first success of sometimes().
  void state(std::string_view name, std::uint64_t value);
  /// Adds a property that must hold at some instant within `within` of virtual time from now.
  /// `holds()` is called after every turn of a host until it returns true. The run fails if it is
  /// false at the deadline; until then the run does not end with WorldEnd::done. A run that ends
  /// earlier, as by run_for(), does not judge it; a sweep fails if none of its runs judges it.
  void eventually(std::string name, sched::Duration within, std::function<bool()> holds,
                  Where where = Where::current());
  /// Notes a failed property; the run ends after this turn of the host.
  void fail(std::string what, Where where = Where::current());
  /// Notes a failure of any kind; the run ends after this turn of the host.
  void fail(Failure failure);
  /// Returns true if a failure was noted.
  [[nodiscard]] bool failed() const { return !failures_.empty(); }
  /// Returns what was reached by sometimes() and state().
  [[nodiscard]] const Milestones& milestones() const { return milestones_; }
  /// Returns each invariant(), eventually() and at() of the world, and whether the world has come
  /// to it: those that are left first, then those that it has come to.
  [[nodiscard]] std::vector<Planned> planned() const;
  /// Returns the value of each parameter(), by name.
  [[nodiscard]] const std::map<std::string, std::uint32_t, std::less<>>& parameters() const {
    return parameters_;
  }
  /// Returns a choice of the scenario, from 0 to `outcomes - 1`. The default is 0, and
  /// random policies draw others. `outcomes` must be at least 1. In schedules it is
  /// named `program/world:NAME/N`.
  std::uint32_t choose(std::string_view name, std::uint32_t outcomes);
  /// Returns `value`, except in a replay, where a schedule that does not mention the choice
  /// gets 0. Use it for parts of a scenario that shrinking may remove. `value` must be less
  /// than `outcomes`.
  std::uint32_t choose_as(std::string_view name, std::uint32_t outcomes, std::uint32_t value);
  /// Returns a size of the scenario from `least` to `most`, such as the number of clients. The
  /// default is `least`. Random policies draw it uniformly, and shrinking lowers it. The two differ
  /// by less than 1,000,000.
  std::uint32_t parameter(std::string_view name, std::uint32_t least, std::uint32_t most);

 private:
  friend class FaultInjector;
  friend struct PendingEvent;
  friend class Prefetch;
  friend class Script;
  friend class SimulatedHost;

  struct Condition {
    std::string name;
    sched::Instant until;
    std::function<bool()> holds;
    Where where;
    bool judged = false;  // of an invariant: called at least once
  };
  struct Action {
    std::function<void()> act;
    Where where;  // line 0: the world's own, as the end of a fault
  };

  void own(std::shared_ptr<void> object);
  void configure();
  RunReport run_loop(sched::Instant until, const std::function<bool()>* condition);
  WorldEnd run_by_transitions(sched::Instant until, const std::function<bool()>* condition);
  WorldEnd loop(sched::Instant until, const std::function<bool()>* condition);
  void take_turn();
  std::uint32_t decide(std::string_view name, std::uint32_t outcomes, const Rate* rate);
  [[nodiscard]] std::uint32_t pass(const Choice& passed);
  void begin_schedule();
  void forget_unset_timers();
  void take_one_transition();
  [[nodiscard]] std::size_t choose_transition(const std::vector<SimulatedHost::Enabled>& enabled);
  void name_last(const SimulatedHost& host);
  void act_at(sched::Instant at, std::function<void()> action, Where where);
  void run_script();
  void look_at_conditions();
  [[nodiscard]] sched::Instant next_deadline() const;
  void give_up_conditions();
  void task_failed(const sched::TaskRecord& task, const std::exception_ptr& failure);
  void a_task_is_done() { some_task_is_done_ = true; }
  [[nodiscard]] bool all_done() const;
  [[nodiscard]] bool only_background_waits() const;
  RunReport report(WorldEnd end) const;
  [[nodiscard]] sched::Instant first_bound(sched::Instant until,
                                           const std::function<bool()>* condition);
  [[nodiscard]] std::optional<WorldEnd> reach(sched::Instant& bound, sched::Instant until);
  // Sets the state of a link for the scenario. A fault that ends later leaves it as it is.
  void shut(std::string_view from, std::string_view to, LinkState state);
  void set_state(std::uint32_t from, std::uint32_t to, LinkState state);
  void wake_stalled(std::uint32_t to);
  // Both fail a CHECK if the world has no host of this name.
  [[nodiscard]] std::uint32_t number(std::string_view host) const;
  [[nodiscard]] SimulatedHost& existing(std::string_view host) { return *hosts_[number(host)]; }
  // Returns whether what the program notes now comes from a process that has ended in this turn.
  [[nodiscard]] bool from_ended_process() const;

  LatestWorld place_{*this};
  const std::unique_ptr<Fabric> owned_fabric_;
  Fabric& fabric_ = *owned_fabric_;
  WorldOptions options_;
  sched::Instant now_{};
  const SimulatedHost* current_ = nullptr;
  std::vector<std::shared_ptr<void>> made_;
  std::vector<std::unique_ptr<SimulatedHost>> hosts_;
  std::unique_ptr<FaultInjector> injector_;  // null: no fault of a host may happen
  std::multimap<sched::Instant, Action> script_;
  std::vector<Where> acted_;       // the lines of the actions that have happened, each once
  std::vector<Condition> judged_;  // conditions of eventually_ that are judged
  std::vector<Condition> invariants_;
  std::vector<Condition> eventually_;
  Milestones milestones_;
  std::map<std::string, std::uint32_t, std::less<>> chosen_;
  std::map<std::string, std::uint32_t, std::less<>> parameters_;
  std::vector<Failure> failures_;
  std::unique_ptr<Stagnation> stagnation_;  // null before a run is long
  std::vector<sched::TaskInfo> stuck_;      // the tasks of a deadlock beside timers
  std::optional<WorldEnd> ended_;           // of the last run
  bool some_task_is_done_ = true;
  std::vector<std::string> last_;  // the tasks that ran last before the step limit
};

}  // namespace rehearsal::simnet
