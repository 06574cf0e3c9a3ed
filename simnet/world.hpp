// World: all simulated hosts, the links between them, and the virtual time. An ordinary object: two
// worlds never touch.
//
// Invariants:
//  - What is due happens in order of (instant, host number); a tie between hosts is a choice.
//  - Time goes on only when nothing is due at the present instant, and straight to the next.
//  - What happens is a function of the program, the data seed, and the choices.
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
#include "simnet/network/faults.hpp"
#include "simnet/network/link.hpp"
#include "simnet/run_report.hpp"
#include "simnet/script.hpp"
#include "simnet/simulated_host.hpp"

namespace rehearsal::simnet {

class Choice;
class Choices;
class Fabric;

struct WorldOptions {
  WorldOptions() = default;

  std::uint64_t data_seed = 1;
  std::uint64_t step_limit = 100'000'000;               // resumptions of tasks
  sched::Duration time_limit = std::chrono::hours(24);  // of virtual time
  LinkOptions link;                                     // of links between two hosts
  // A program that calls the C library's clocks or random numbers ends in a CHECK, where it would
  // get the world's. For executables that link rehearsal::interpose.
  bool refuse_library_calls = false;
};

class World {
 public:
  // Every choice is drawn by `policy`, or is nominal but for `replayed`.
  explicit World(const Policy& policy = Policy::nominal(), const WorldOptions& options = {});
  explicit World(std::vector<Deviation> replayed, const WorldOptions& options = {});
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  // The host of this name; made when it is first asked for.
  SimulatedHost& host(std::string_view name);
  SimulatedHost& host(std::string_view name, const HostOptions& options);

  // Until the tasks of all hosts are done that are not in the background.
  RunReport run();
  RunReport run_for(sched::Duration time);
  // Calls `condition()` after each turn of a host.
  RunReport run_until(const std::function<bool()>& condition);
  // How the last run ended, with what has failed since; nothing before the first.
  [[nodiscard]] std::optional<RunReport> report() const;

  // An object that lives as long as the world and longer than any of its tasks, which may share it.
  // It holds nothing that is of a host, such as a stream: it would outlive that.
  template <class T, class... Arguments>
  T& make(Arguments&&... arguments) {
    auto made = std::make_shared<T>(std::forward<Arguments>(arguments)...);
    T& object = *made;
    made_.push_back(std::move(made));
    return object;
  }

  [[nodiscard]] sched::Instant now() const { return now_; }
  // The host that runs now; null between two turns.
  [[nodiscard]] const SimulatedHost* current() const { return current_; }
  [[nodiscard]] std::uint64_t digest() const;
  [[nodiscard]] Choices& choices();
  [[nodiscard]] Faults& faults();
  [[nodiscard]] Fabric& fabric() { return fabric_; }
  [[nodiscard]] std::uint64_t steps() const;
  // The run is over: what a steered one has yet to write down is among the deviations afterwards.
  void end_schedule();

  // The link from one host to another, one way.
  Link& link(std::string_view from, std::string_view to);
  // Nothing gets through between two hosts, or one way only; TCP sends it again once it is healed.
  void partition(std::string_view a, std::string_view b);
  void partition_one_way(std::string_view from, std::string_view to);
  // What is sent is kept, and delivered on release.
  void hold(std::string_view a, std::string_view b);
  void heal(std::string_view a, std::string_view b);  // ends a partition or a hold
  void heal_all();

  // Adds to the script of the run: world.at(2s).partition("a", "b").
  Script at(sched::Duration since_start) { return Script(*this, since_start); }
  void at(sched::Duration since_start, std::function<void()> action);

  // What should hold. A failure says `where`.
  using Where = std::source_location;
  // `holds()` is called after every turn of a host.
  void invariant(std::string name, std::function<bool()> holds, Where where = Where::current());
  // The run fails where `condition` is false.
  void always(std::string_view name, bool condition, Where where = Where::current());
  // Notes that `condition` held at least once; a sweep fails where it held in no run.
  void sometimes(std::string_view name, bool condition);
  // `holds()` is true at some instant at most `within` after the call.
  void eventually(std::string name, sched::Duration within, std::function<bool()> holds,
                  Where where = Where::current());
  void fail(std::string what, Where where = Where::current());
  void fail(Failure failure) { failures_.push_back(std::move(failure)); }
  [[nodiscard]] const std::map<std::string, bool, std::less<>>& sometimes() const {
    return sometimes_;
  }
  // Its parameters, by name, as they came out.
  [[nodiscard]] const std::map<std::string, std::uint32_t, std::less<>>& parameters() const {
    return parameters_;
  }
  // A decision of the scenario: 0 unless rehearsed otherwise.
  std::uint32_t choose(std::string_view name, std::uint32_t outcomes);
  // Likewise, one that comes out as `value` in every run but a replay, whose schedule must name it:
  // so what a scenario consists of can fall away as deviations do.
  std::uint32_t choose_as(std::string_view name, std::uint32_t outcomes, std::uint32_t value);
  // How large the scenario is: the least of the numbers up to `most`, unless rehearsed otherwise. A
  // random policy draws any of them as often as another; shrinking lowers it.
  std::uint32_t parameter(std::string_view name, std::uint32_t least, std::uint32_t most);

 private:
  friend class Prefetch;
  friend class SimulatedHost;

  struct Condition {
    std::string name;
    sched::Instant until;
    std::function<bool()> holds;
    Where where;
  };

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
  void run_script();
  void look_at_conditions();
  [[nodiscard]] sched::Instant next_deadline() const;
  void give_up_conditions();
  void task_failed(const sched::TaskRecord& task, const std::exception_ptr& failure);
  void a_task_is_done() { some_task_is_done_ = true; }
  [[nodiscard]] bool all_done() const;
  [[nodiscard]] bool only_background_waits() const;
  RunReport report(WorldEnd end) const;
  void set_state(std::uint32_t from, std::uint32_t to, LinkState state);
  void wake_stalled(std::uint32_t to);
  [[nodiscard]] std::uint32_t number(std::string_view host) const;

  const std::unique_ptr<Fabric> owned_fabric_;
  Fabric& fabric_ = *owned_fabric_;
  WorldOptions options_;
  sched::Instant now_{};
  const SimulatedHost* current_ = nullptr;
  std::vector<std::shared_ptr<void>> made_;
  std::vector<std::unique_ptr<SimulatedHost>> hosts_;
  std::multimap<sched::Instant, std::function<void()>> script_;
  std::vector<Condition> invariants_;
  std::vector<Condition> eventually_;
  std::map<std::string, bool, std::less<>> sometimes_;
  std::map<std::string, std::uint32_t, std::less<>> chosen_;
  std::map<std::string, std::uint32_t, std::less<>> parameters_;
  std::vector<Failure> failures_;
  std::optional<WorldEnd> ended_;  // the last run
  bool some_task_is_done_ = true;
  std::vector<std::string> last_;  // the tasks that ran last before the step limit
};

}  // namespace rehearsal::simnet
