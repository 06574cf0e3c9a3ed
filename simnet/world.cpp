#include "simnet/world.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>
#include <tuple>

#include "sched/base/check.hpp"
#include "sched/base/draw.hpp"
#include "sched/base/key.hpp"
#include "sched/core/footprint.hpp"
#include "simnet/fault_injector.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/network/fabric.hpp"
#include "simnet/prefetch.hpp"
#include "simnet/stagnation.hpp"

namespace rehearsal::simnet {

using sched::Instant;

namespace {

// How many of the tasks that ran last a livelock report names.
constexpr std::uint64_t last_named = 16;

// Returns whether `c` separates the parts of names such as "a/b" and "a~2". Names of a host's
// objects begin with the name of the host.
bool is_part_of_names(char c) {
  return std::string_view(" /:~#+>").find(c) != std::string_view::npos;
}

bool is_same(const World::Where& one, const World::Where& other) {
  return one.line() == other.line() && one.column() == other.column() &&
         std::string_view(one.file_name()) == other.file_name();
}

bool is_noted(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const NotedFailure&) {
    return true;
  } catch (...) {
    return false;
  }
}

FailureKind kind_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const NotSimulated&) {
    return FailureKind::not_simulated;
  } catch (...) {
    return FailureKind::property;
  }
}

// Returns the innermost source line that is known, or an empty string if none is.
std::string place_of(const sched::TaskInfo& task) {
  for (const std::source_location& frame : task.frames) {
    if (frame.line() != 0) {
      return line_of(frame);
    }
  }
  return {};
}

std::string describe(const sched::TaskInfo& task) {
  std::string line = task.path;
  if (!task.waits_on.empty()) {
    line += " waits: " + task.waits_on;
  }
  const std::string at = place_of(task);
  return at.empty() ? line : line + " at " + at;
}

// Returns the tasks that have waited longest, as text.
std::string longest_waits(std::vector<sched::TaskInfo> tasks) {
  constexpr std::size_t most = 3;
  std::erase_if(
      tasks, [](const sched::TaskInfo& task) { return task.state != sched::TaskState::waiting; });
  std::ranges::sort(tasks, {}, [](const sched::TaskInfo& task) {
    return std::pair(task.since, std::string_view(task.path));
  });
  std::string text;
  for (std::size_t i = 0; i < std::min(most, tasks.size()); ++i) {
    const auto since = std::chrono::floor<std::chrono::seconds>(tasks[i].since.time_since_epoch());
    text += (i == 0 ? "" : "; ") + describe(tasks[i]) + ", since " + std::to_string(since.count()) +
            " s";
  }
  return text;
}

}  // namespace

World::World(const Policy& policy, const WorldOptions& options)
    : owned_fabric_(std::make_unique<Fabric>(Choices(policy))), options_(options) {
  configure();
  if (policy.algorithm != nullptr && policy.algorithm->steers()) {
    fabric_.steering = policy.algorithm.get();
  }
}

World::World(std::vector<Deviation> replayed, const WorldOptions& options)
    : owned_fabric_(std::make_unique<Fabric>(Choices(std::move(replayed)))), options_(options) {
  configure();
}

void World::own(std::shared_ptr<void> object) { made_.push_back(std::move(object)); }

void World::configure() {
  fabric_.data_seed = options_.data_seed;
  fabric_.epoch = options_.epoch;
  fabric_.refuses_library_calls = options_.refuse_library_calls;
  fabric_.link_options = options_.link;
  fabric_.loopback_options.latency = std::chrono::microseconds(10);
}

World::~World() {
  for (const auto& host : hosts_) {
    host->end_tasks();
  }
  for (const auto& host : hosts_) {
    host->kernel().power_off();
  }
  hosts_.clear();
  while (!made_.empty()) {  // later objects may use earlier ones
    made_.pop_back();
  }
}

SimulatedHost& World::host(std::string_view name) { return host(name, HostOptions()); }

SimulatedHost& World::host(std::string_view name, const HostOptions& options) {
  if (const Kernel* known = fabric_.named(name); known != nullptr) {
    return *hosts_[known->number()];
  }
  if (hosts_.empty()) {
    begin_schedule();
  }
  sched::check(!name.empty() && std::ranges::none_of(name, is_part_of_names),
               "the name of a host is not empty and has no blank, '/', ':', '~', '#', '+' or '>'");
  sched::check(std::string(name) + ':' != world_prefix,
               "the name of a host is not 'world': that is what the scenario's choices begin with");
  HostOptions made = options;
  if (fabric_.in_steps) {
    made.resumption_cost = {};
  }
  hosts_.push_back(SimulatedHost::make(*this, fabric_, std::string(name), made));
  if (injector_ != nullptr) {
    injector_->bind(*hosts_.back());
  }
  return *hosts_.back();
}

std::uint32_t World::number(std::string_view host) const {
  const Kernel* known = fabric_.named(host);
  if (known == nullptr) {
    sched::check_failed("the world has no host '" + std::string(host) + "'");
  }
  return known->number();
}

std::uint64_t World::digest() const { return fabric_.digest.value(); }
Choices& World::choices() { return fabric_.choices; }
Faults& World::faults() { return fabric_.faults; }
std::vector<FaultCount> World::fault_counts() const {
  std::vector<FaultCount> counts = fabric_.faults.counts();
  if (injector_ != nullptr) {
    injector_->append_counts(counts);
  }
  return counts;
}
std::uint64_t World::steps() const { return fabric_.steps; }

RunReport World::run() { return run_loop(sched::never, nullptr); }
RunReport World::run_for(sched::Duration time) {
  return run_loop(sched::after(now_, time), nullptr);
}
RunReport World::run_until(const std::function<bool()>& condition) {
  return run_loop(sched::never, &condition);
}

void World::survives(std::vector<HostFault> faults, const FaultBudget& budget) {
  sched::check(injector_ == nullptr, "a world is told once what it survives");
  sched::check(eventually_.empty(), "survives() comes before eventually()");
  sched::check(budget.at_once >= 1 && budget.in_all >= 1, "a budget of faults allows one");
  injector_ = std::make_unique<FaultInjector>(*this, budget);
  for (HostFault& fault : faults) {
    injector_->add(std::move(fault));
  }
  for (const auto& host : hosts_) {
    injector_->bind(*host);
  }
}

RunReport World::run_loop(Instant until, const std::function<bool()>* condition) {
  if (injector_ != nullptr) {
    injector_->check_hosts();
  }
  place_.runs();
  ended_ = loop(until, condition);
  return report(*ended_);
}

[[gnu::always_inline]] inline void World::take_turn() {
  const EventQueue& queue = fabric_.queue;
  std::uint32_t number = queue.soon(0).host;
  if (queue.soon_count() > 1 && queue.soon(1).at == now_) {
    SimulatedHost& first = *hosts_[number];
    const Kernel& kernel = first.kernel();
    // The number of tied hosts is not counted: there may be as many as hosts.
    const Choice passed = fabric_.choices.choose(Site::tie, kernel.process_key(), first.ties_++,
                                                 static_cast<std::uint32_t>(hosts_.size()),
                                                 [&] { return kernel.process(); });
    if (passed.deviates()) [[unlikely]] {
      number = pass(passed);
    }
  }
  if (options_.step_limit - fabric_.steps <= last_named) [[unlikely]] {
    name_last(*hosts_[number]);
  }
  Prefetch::next_turns(*this);
  current_ = hosts_[number].get();
  hosts_[number]->take_turn(now_);
  current_ = nullptr;
}

[[gnu::hot]] WorldEnd World::loop(Instant until, const std::function<bool()>* condition) {
  if (fabric_.in_steps) [[unlikely]] {
    return run_by_transitions(until, condition);
  }
  const Instant limit = Instant{} + options_.time_limit;
  Instant bound = first_bound(until, condition);
  for (;;) {
    if (!failures_.empty()) [[unlikely]] {
      return WorldEnd::failed;
    }
    if (condition != nullptr && (*condition)()) {
      return WorldEnd::condition;
    }
    if (some_task_is_done_) [[unlikely]] {
      some_task_is_done_ = false;
      if (all_done() && eventually_.empty() && until == sched::never) {
        return WorldEnd::done;
      }
    }
    if (fabric_.steps >= options_.step_limit) [[unlikely]] {
      return WorldEnd::step_limit;
    }
    Instant at = fabric_.queue.empty() ? sched::never : fabric_.queue.soon(0).at;
    const bool scripted = !script_.empty() && script_.begin()->first <= at;
    if (scripted) [[unlikely]] {
      at = script_.begin()->first;
    }
    const Instant deadline = next_deadline();
    if (deadline < std::min({at, until, limit})) [[unlikely]] {
      now_ = deadline;
      give_up_conditions();
      continue;
    }
    if (at == sched::never && until == sched::never) {
      return only_background_waits() ? WorldEnd::done : WorldEnd::quiescent;
    }
    if (at > bound) [[unlikely]] {
      if (const std::optional<WorldEnd> end = reach(bound, until)) {
        return *end;
      }
      continue;
    }
    now_ = at;
    scripted ? run_script() : take_turn();
    if (!invariants_.empty() || !eventually_.empty()) [[unlikely]] {
      look_at_conditions();
    }
  }
}

// Returns the host that goes if as many due hosts as the choice says are passed, or the first host
// if fewer are due. REQUIRES: at least one other host is due at the same instant as the first.
std::uint32_t World::pass(const Choice& passed) {
  if (passed.value() == 1) {  // nearly always, and without a search of all hosts
    passed.matters();
    return fabric_.queue.soon(1).host;
  }
  const std::vector<std::uint32_t> tied = fabric_.queue.tied();
  if (passed.value() >= tied.size()) {
    return tied.front();
  }
  return tied[passed.matters()];
}

// Notes the tasks that run, for the report of a livelock.
void World::name_last(const SimulatedHost& host) {
  for (const sched::TaskInfo& task : host.tasks()) {
    if (task.state == sched::TaskState::ready) {
      last_.push_back(task.path + " runs");
    }
  }
}

void World::run_script() {
  const Action action = std::move(script_.begin()->second);
  script_.erase(script_.begin());
  const auto is_it = [&](const Where& one) { return is_same(one, action.where); };
  if (action.where.line() != 0 && std::ranges::none_of(acted_, is_it)) {
    acted_.push_back(action.where);
  }
  action.act();
}

void World::at(sched::Duration since_start, std::function<void()> action, Where where) {
  act_at(Instant{} + since_start, std::move(action), where);
}

void World::act_at(Instant at, std::function<void()> action, Where where) {
  sched::touch(sched::everything);
  script_.emplace(std::max(at, now_), Action{std::move(action), where});
}

bool World::all_done() const {
  if (injector_ != nullptr && injector_->any_lasts()) {
    return false;
  }
  bool any = false;
  for (const auto& host : hosts_) {
    if (!host->in_background()) {
      any = true;
      if (!host->idle()) {
        return false;
      }
    }
  }
  return any || std::ranges::all_of(hosts_, [](const auto& host) { return host->idle(); });
}

bool World::only_background_waits() const {
  return std::ranges::all_of(
      hosts_, [](const auto& host) { return host->idle() || host->in_background(); });
}

void World::look_at_conditions() {
  for (Condition& invariant : invariants_) {
    invariant.judged = true;
    if (!invariant.holds()) {
      fail("invariant '" + invariant.name + "' violated", invariant.where);
    }
  }
  const auto held = [this](Condition& condition) {
    if (!condition.holds()) {
      return false;
    }
    judged_.push_back(std::move(condition));
    return true;
  };
  if (std::erase_if(eventually_, held) != 0) {
    some_task_is_done_ = true;  // this condition may have kept the run going
  }
}

// Returns the first deadline of an eventually() condition.
Instant World::next_deadline() const {
  Instant first = sched::never;
  for (const Condition& condition : eventually_) {
    first = std::min(first, condition.until);
  }
  return first;
}

// Fails the conditions whose deadline is now. Everything due until now has happened.
void World::give_up_conditions() {
  std::erase_if(eventually_, [this](Condition& condition) {
    if (condition.until > now_) {
      return false;
    }
    if (!condition.holds()) {
      fail("'" + condition.name + "' " + std::string(in_time), condition.where);
    }
    judged_.push_back(std::move(condition));
    return true;
  });
  some_task_is_done_ = true;
}

void World::invariant(std::string name, std::function<bool()> holds, Where where) {
  invariants_.push_back({std::move(name), {}, std::move(holds), where, false});
}

bool World::from_ended_process() const {
  const Kernel* running = Kernel::running();
  return running != nullptr && running->process_ended();
}

void World::always(std::string_view name, bool condition, Where where) {
  if (!condition) {
    fail("'" + std::string(name) + "' violated", where);
  }
}

void World::sometimes(std::string_view name, bool condition) {
  milestones_.sometimes(name, condition && !from_ended_process(), steps());
}

void World::state(std::string_view name, std::uint64_t value) {
  if (!from_ended_process()) {
    milestones_.state(name, value, steps());
  }
}

std::vector<Planned> World::planned() const {
  std::vector<Planned> planned;
  const auto add = [&](Planned::Kind kind, const Condition& one, bool reached) {
    planned.push_back({kind, one.name, one.where, one.until.time_since_epoch(), reached});
  };
  for (const Condition& one : invariants_) {
    add(Planned::Kind::invariant, one, one.judged);
  }
  for (const Condition& one : eventually_) {
    add(Planned::Kind::eventually, one, false);
  }
  for (const auto& [at, action] : script_) {
    if (action.where.line() != 0) {
      planned.push_back({Planned::Kind::action, {}, action.where, at.time_since_epoch(), false});
    }
  }
  for (const Condition& one : judged_) {
    add(Planned::Kind::eventually, one, true);
  }
  for (const Where& where : acted_) {
    planned.push_back({Planned::Kind::action, {}, where, {}, true});
  }
  return planned;
}

void World::eventually(std::string name, sched::Duration within, std::function<bool()> holds,
                       Where where) {
  const Instant from = injector_ == nullptr ? now_ : std::max(now_, injector_->quiet_since());
  eventually_.push_back(
      {std::move(name), sched::after(from, within), std::move(holds), where, false});
}

void World::fail(std::string what, Where where) {
  fail({FailureKind::property, std::move(what), line_of(where)});
}

void World::fail(Failure failure) {
  if (!from_ended_process()) {
    failures_.push_back(std::move(failure));
  }
}

void World::task_failed(const sched::TaskRecord& task, const std::exception_ptr& failure) {
  if (!failures_.empty() && is_noted(failure)) {
    return;
  }
  failures_.push_back(
      {kind_of(failure), "task " + task.path() + " failed: " + what_was_thrown(failure), {}});
}

std::uint32_t World::choose(std::string_view name, std::uint32_t outcomes) {
  sched::check(outcomes >= 1, "a choice has at least one outcome");
  return decide(name, outcomes, nullptr);
}

std::uint32_t World::parameter(std::string_view name, std::uint32_t least, std::uint32_t most) {
  sched::check(least <= most, "a parameter is at most its greatest value");
  sched::check(most - least < 1'000'000, "a parameter has at most a million values");
  const std::uint32_t outcomes = most - least + 1;
  const Rate any{1'000'000 - 1'000'000 / outcomes, std::max(outcomes - 1, 1U)};
  return parameters_[std::string(name)] = least + decide(name, outcomes, &any);
}

// `rate` is how often a random policy deviates here; null means the rate of the site.
std::uint32_t World::decide(std::string_view name, std::uint32_t outcomes, const Rate* rate) {
  const std::string entity = std::string(world_prefix) + std::string(name);
  const std::uint64_t key = sched::extend_key(sched::empty_key, entity);
  sched::touch(key);
  const std::uint32_t ordinal = chosen_[entity]++;
  const auto named = [&] { return entity; };
  Choices& choices = fabric_.choices;
  const Choice choice = rate == nullptr
                            ? choices.choose(Site::program, key, ordinal, outcomes, named)
                            : choices.choose(*rate, Site::program, key, ordinal, outcomes, named);
  return choice.matters();
}

Link& World::link(std::string_view from, std::string_view to) {
  return fabric_.link(number(from), number(to));
}

std::uint32_t World::choose_as(std::string_view name, std::uint32_t outcomes, std::uint32_t value) {
  sched::check(value < outcomes, "a choice gives one of the outcomes");
  const std::string entity = std::string(world_prefix) + std::string(name);
  return fabric_.choices
      .choose_as(value, Site::program, sched::extend_key(sched::empty_key, entity),
                 chosen_[entity]++, outcomes, [&] { return entity; })
      .value();
}

void World::set_state(std::uint32_t from, std::uint32_t to, LinkState state) {
  sched::touch(sched::everything);
  Link& link = fabric_.link(from, to);
  const LinkState before = link.state();
  link.set_state(state);
  fabric_.note({Op::link, from, static_cast<sched::Descriptor>(to), now_,
                static_cast<std::uint64_t>(state)});
  if (state == LinkState::open && before != LinkState::open) {
    for (TcpEnd* end : std::exchange(link.stalled, {})) {
      end->link_opened(now_, before == LinkState::held);
    }
  }
}

void World::wake_stalled(std::uint32_t to) {
  fabric_.for_each_link([&](Link& link) {
    if (link.to() == to && link.open()) {
      for (TcpEnd* end : std::exchange(link.stalled, {})) {
        end->link_opened(now_, false);
      }
    }
  });
}

void World::shut(std::string_view from, std::string_view to, LinkState state) {
  if (injector_ != nullptr) {
    injector_->leave(number(from), number(to));
  }
  set_state(number(from), number(to), state);
}

void World::partition(std::string_view a, std::string_view b) {
  shut(a, b, LinkState::cut);
  shut(b, a, LinkState::cut);
}
void World::partition_one_way(std::string_view from, std::string_view to) {
  shut(from, to, LinkState::cut);
}
void World::hold(std::string_view a, std::string_view b) {
  shut(a, b, LinkState::held);
  shut(b, a, LinkState::held);
}
void World::heal(std::string_view a, std::string_view b) {
  shut(a, b, LinkState::open);
  shut(b, a, LinkState::open);
}
void World::heal_all() {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> shut;
  fabric_.for_each_link([&](Link& link) {
    if (!link.open()) {
      shut.emplace_back(link.from(), link.to());
    }
  });
  for (const auto& [from, to] : shut) {
    if (injector_ != nullptr) {
      injector_->leave(from, to);
    }
    set_state(from, to, LinkState::open);
  }
}

void World::begin_schedule() {
  // Only a policy that steers goes by transitions, or a replay of such a run.
  if (fabric_.steering == nullptr && !fabric_.choices.replays()) {
    return;
  }
  fabric_.in_steps = fabric_.choices
                         .choose_as(1, Site::step, sched::extend_key(sched::empty_key, "world"), 0,
                                    2, [] { return "world"; })
                         .matters() != 0;
}

void World::end_schedule() {
  for (const auto& host : hosts_) {
    host->write_delays_left();
  }
  fabric_.steering = nullptr;
}

WorldEnd World::run_by_transitions(Instant until, const std::function<bool()>* condition) {
  const Instant limit = Instant{} + options_.time_limit;
  Instant bound = first_bound(until, condition);
  bool instant_is_over = true;
  for (;;) {
    forget_unset_timers();
    const Instant due = fabric_.queue.empty() ? sched::never : fabric_.queue.soon(0).at;
    const bool scripted = !script_.empty() && script_.begin()->first <= due;
    const Instant at = scripted ? script_.begin()->first : due;
    instant_is_over = instant_is_over || at > now_;
    if (instant_is_over && !failures_.empty()) {
      return WorldEnd::failed;
    }
    if (condition != nullptr && (*condition)()) {
      return WorldEnd::condition;
    }
    if (instant_is_over && all_done() && eventually_.empty() && until == sched::never) {
      return WorldEnd::done;
    }
    if (fabric_.steps >= options_.step_limit) {
      return WorldEnd::step_limit;
    }
    const Instant deadline = next_deadline();
    if (deadline < std::min({at, until, limit})) {
      now_ = deadline;
      give_up_conditions();
      continue;
    }
    if (at == sched::never && until == sched::never) {
      return only_background_waits() ? WorldEnd::done : WorldEnd::quiescent;
    }
    if (at > bound) {
      if (const std::optional<WorldEnd> end = reach(bound, until)) {
        return *end;
      }
      continue;
    }
    instant_is_over = false;
    now_ = at;
    if (scripted) {
      if (fabric_.steering != nullptr) {
        const Transition script;
        fabric_.steering->next(now_, {&script, 1});
      }
      run_script();
    } else {
      take_one_transition();
    }
    if (condition != nullptr || !invariants_.empty() || !eventually_.empty()) {
      sched::touch(sched::everything);  // they may read anything
      look_at_conditions();
    }
  }
}

// A timer that was unset may have left its host in the queue. Whether it did depends on the order
// of independent steps, and time must not advance for it.
void World::forget_unset_timers() {
  EventQueue& queue = fabric_.queue;
  while (!queue.empty()) {
    const EventQueue::Entry soonest = queue.top();
    const Instant next = hosts_[soonest.host]->next();
    if (next <= soonest.at) {
      return;
    }
    queue.set(soonest.host, next);
  }
}

void World::take_one_transition() {
  std::vector<SimulatedHost::Enabled> enabled;
  for (const std::uint32_t number : fabric_.queue.tied()) {
    hosts_[number]->list_enabled(now_, enabled);
  }
  if (enabled.empty()) {
    return;
  }
  const SimulatedHost::Enabled& chosen = enabled[choose_transition(enabled)];
  SimulatedHost& host = *hosts_[chosen.what.host];
  name_last(host);
  current_ = &host;
  host.take(chosen, now_);
  current_ = nullptr;
}

// The delays of ready tasks record their order within a host; the tie records the rest.
std::size_t World::choose_transition(const std::vector<SimulatedHost::Enabled>& enabled) {
  const auto is_task = [](const SimulatedHost::Enabled& one) {
    return one.what.kind == Transition::Kind::task;
  };
  const auto tie_of = [&](std::size_t place) {
    std::uint32_t tie = 0;
    for (std::size_t i = 1; i <= place; ++i) {
      const bool same = is_task(enabled[i]) && is_task(enabled[i - 1]) &&
                        enabled[i].what.host == enabled[i - 1].what.host;
      tie += same ? 0 : 1;
    }
    return tie;
  };
  const std::uint32_t ties = tie_of(enabled.size() - 1) + 1;
  SimulatedHost& first = *hosts_[enabled.front().what.host];
  // The outcome is the steered one or, in a replay, that of the schedule.
  const auto choose_tie = [&](std::uint32_t steered) {
    const Choice tie =
        fabric_.choices.choose_as(steered, Site::tie, first.kernel().process_key(), first.ties_++,
                                  ties, [&] { return first.kernel().process(); });
    return tie.matters();
  };
  if (fabric_.steering != nullptr) {
    std::vector<Transition> transitions;
    std::ranges::transform(enabled, std::back_inserter(transitions), &SimulatedHost::Enabled::what);
    const std::size_t chosen = fabric_.steering->next(now_, transitions);
    sched::check(chosen < enabled.size(),
                 "a policy returns the place of one of the enabled transitions");
    if (ties > 1) {
      choose_tie(tie_of(chosen));
    }
    return chosen;
  }
  if (ties == 1) {
    return 0;
  }
  const std::uint32_t tie = choose_tie(0);
  std::size_t chosen = 0;
  while (tie_of(chosen) != tie) {
    ++chosen;
  }
  return chosen;
}

// Returns when a run ends, or looks whether it is stuck.
Instant World::first_bound(Instant until, const std::function<bool()>* condition) {
  const Instant end = std::min(until, Instant{} + options_.time_limit);
  if (until != sched::never || condition != nullptr || options_.stuck_after.count() == 0) {
    return end;
  }
  if (stagnation_ == nullptr) {
    stagnation_ = std::make_unique<Stagnation>(*this, options_.stuck_after);
  }
  return std::min(end, stagnation_->next());
}

// Called when nothing is left to happen up to `bound`. Returns how the run ends; or nothing, after
// it has set the next bound.
std::optional<WorldEnd> World::reach(Instant& bound, Instant until) {
  const Instant limit = Instant{} + options_.time_limit;
  now_ = std::max(now_, bound);  // a look may be overdue, after run_for()
  if (bound == std::min(until, limit)) {
    return until <= limit ? WorldEnd::condition : WorldEnd::time_limit;
  }
  const bool lasts = injector_ != nullptr && injector_->any_lasts();
  stuck_ = stagnation_->look(script_.empty() && eventually_.empty() && !lasts);
  if (!stuck_.empty()) {
    return WorldEnd::quiescent;
  }
  bound = std::min(limit, stagnation_->next());
  return std::nullopt;
}

std::optional<RunReport> World::report() const {
  return ended_ ? std::optional(report(failures_.empty() ? *ended_ : WorldEnd::failed))
                : std::nullopt;
}

RunReport World::report(WorldEnd end) const {
  RunReport report;
  report.end = end;
  report.time = now_.time_since_epoch();
  report.steps = fabric_.steps;
  report.digest = fabric_.digest.value();
  report.failures = failures_;
  if (end == WorldEnd::quiescent || end == WorldEnd::time_limit) {
    std::vector<sched::TaskInfo> tasks;
    for (const auto& host : hosts_) {
      std::ranges::move(host->tasks(), std::back_inserter(tasks));
    }
    for (const sched::TaskInfo& task : tasks) {
      report.tasks.push_back(describe(task));
    }
    report.stuck_for = stuck_.empty() ? sched::Duration(0) : options_.stuck_after;
    std::set<std::string> places;
    for (const sched::TaskInfo& task : stuck_.empty() ? tasks : stuck_) {
      places.insert(place_of(task));
    }
    for (const std::string& place : places) {
      report.waiting_at += (report.waiting_at.empty() ? "" : " ") + place;
    }
    if (end == WorldEnd::time_limit) {
      report.waited_longest = longest_waits(tasks);
    }
  } else if (end == WorldEnd::step_limit) {
    report.tasks = last_;
  }
  return report;
}

}  // namespace rehearsal::simnet
