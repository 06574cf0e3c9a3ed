// A run that goes in steps (simnet/choices/steering.hpp): who can go next, and what one step is.
//
// What is judged after every host's turn in other runs - whether the tasks are done, whether
// something failed - is judged here when an instant is over, so that it does not depend on which of
// several steps that commute was the last.
#include <algorithm>
#include <iterator>
#include <tuple>

#include "sched/base/check.hpp"
#include "sched/base/draw.hpp"
#include "sched/base/key.hpp"
#include "sched/core/footprint.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {

using sched::Instant;

void World::begin_schedule() {
  // No policy but a steered one goes in steps: else only a replay is asked.
  if (fabric_.steering == nullptr && !fabric_.choices.replays()) {
    return;
  }
  fabric_.in_steps =
      fabric_.choices.choose_as(1, Site::step, sched::extend_key(sched::empty_key, "world"), 0, 2,
                                [] { return "world"; }) != 0;
  if (fabric_.in_steps) {
    fabric_.choices.mattered(Site::step);
  }
}

void World::end_schedule() {
  for (const auto& host : hosts_) {
    host->write_delays_left();
  }
  fabric_.steering = nullptr;
}

RunEnd World::run_in_steps(Instant until, const std::function<bool()>* condition) {
  const Instant limit = Instant{} + options_.time_limit;
  bool instant_is_over = true;
  for (;;) {
    forget_unset_timers();
    const Instant due = fabric_.queue.empty() ? sched::never : fabric_.queue.soon(0).at;
    const bool scripted = !script_.empty() && script_.begin()->first <= due;
    const Instant at = scripted ? script_.begin()->first : due;
    instant_is_over = instant_is_over || at > now_;
    if (instant_is_over && !failures_.empty()) {
      return RunEnd::failed;
    }
    if (condition != nullptr && (*condition)()) {
      return RunEnd::condition;
    }
    if (instant_is_over && all_done() && eventually_.empty() && until == sched::never) {
      return RunEnd::done;
    }
    if (fabric_.steps >= options_.step_limit) {
      return RunEnd::step_limit;
    }
    const Instant deadline = next_deadline();
    if (deadline < std::min({at, until, limit})) {
      now_ = deadline;
      give_up_conditions();
      continue;
    }
    if (at == sched::never && until == sched::never) {
      return only_background_waits() ? RunEnd::done : RunEnd::quiescent;
    }
    if (at > std::min(until, limit)) {
      now_ = std::min(until, limit);
      return until <= limit ? RunEnd::condition : RunEnd::time_limit;
    }
    instant_is_over = false;
    now_ = at;
    if (scripted) {
      if (fabric_.steering != nullptr) {
        const Transition script;
        fabric_.steering->step(now_, {&script, 1});
      }
      run_script();
    } else {
      take_one_step();
    }
    if (condition != nullptr || !invariants_.empty() || !eventually_.empty()) {
      sched::touch(sched::everything);  // they may look at anything
      look_at_conditions();
    }
  }
}

// A timer that was unset may have left its host in the queue: whether it did, steps that commute
// decide by their order, and no time must go on for it.
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

void World::take_one_step() {
  std::vector<SimulatedHost::Step> steps;
  for (const std::uint32_t number : fabric_.queue.tied()) {
    hosts_[number]->list_steps(now_, steps);
  }
  if (steps.empty()) {
    return;
  }
  const SimulatedHost::Step& step = steps[choose_step(steps)];
  SimulatedHost& host = *hosts_[step.what.host];
  name_last(host);
  current_ = &host;
  host.take_step(step, now_);
  current_ = nullptr;
}

// The ready tasks of a host are told apart by their delays, the rest by the tie.
std::size_t World::choose_step(const std::vector<SimulatedHost::Step>& steps) {
  const auto is_task = [](const SimulatedHost::Step& step) {
    return step.what.kind == Transition::Kind::task;
  };
  const auto tie_of = [&](std::size_t place) {
    std::uint32_t tie = 0;
    for (std::size_t i = 1; i <= place; ++i) {
      const bool same = is_task(steps[i]) && is_task(steps[i - 1]) &&
                        steps[i].what.host == steps[i - 1].what.host;
      tie += same ? 0 : 1;
    }
    return tie;
  };
  const std::uint32_t ties = tie_of(steps.size() - 1) + 1;
  SimulatedHost& first = *hosts_[steps.front().what.host];
  // As it was steered, or is replayed.
  const auto choose_tie = [&](std::uint32_t steered) {
    const std::uint32_t tie =
        fabric_.choices.choose_as(steered, Site::tie, first.kernel().process_key(), first.ties_++,
                                  ties, [&] { return first.kernel().process(); });
    if (tie != 0) {
      fabric_.choices.mattered(Site::tie);
    }
    return tie;
  };
  if (fabric_.steering != nullptr) {
    std::vector<Transition> enabled;
    std::ranges::transform(steps, std::back_inserter(enabled), &SimulatedHost::Step::what);
    const std::size_t chosen = fabric_.steering->step(now_, enabled);
    sched::check(chosen < steps.size(), "steering gives the place of one that can happen");
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

void SimulatedHost::list_steps(Instant at, std::vector<Step>& steps) {
  using Kind = Transition::Kind;
  const std::size_t before = steps.size();
  const auto add = [&](Kind kind, std::uint64_t key, sched::Timer* timer,
                       const sched::TaskRecord* task) {
    std::uint64_t actor = draw(kernel_.key(), key, static_cast<std::uint64_t>(kind));
    const auto taken = [&] {
      return std::any_of(steps.begin() + static_cast<std::ptrdiff_t>(before), steps.end(),
                         [&](const Step& step) { return step.what.actor == actor; });
    };
    while (taken()) {  // a timer without a name
      actor = mix(actor + 1);
    }
    steps.push_back({{actor, kernel_.number(), kind}, timer, task});
  };
  for (sched::Timer* timer : kernel_.due(at)) {
    add(Kind::kernel, sched::Timers::key(*timer), timer, nullptr);
  }
  if (runs_at(at)) {
    sched::Scheduler<Kernel>& tasks = scheduler();
    kernel_.begin_round(at);
    // A task that was destroyed while it was ready has let those pass that ran before, too.
    tasks.for_each_ready([&](const sched::TaskRecord& task, std::uint64_t arrival) {
      if (task.state() != sched::TaskState::ready && kernel_.fabric().steering != nullptr) {
        const auto ran_last = std::tuple(last_place_, last_arrival_, any_ran_);
        write_delay(task, arrival);
        std::tie(last_place_, last_arrival_, any_ran_) = ran_last;  // it has not run itself
      }
    });
    tasks.settle();
    for (sched::Timer* timer : tasks.timers().due(kernel_.clock().local(at))) {
      add(Kind::timer, sched::Timers::key(*timer), timer, nullptr);
    }
    if (kernel_.has_report()) {
      add(Kind::reports, 0, nullptr, nullptr);
    }
    if (kernel_.fabric().steering == nullptr) {
      if (tasks.ready_count() != 0) {
        add(Kind::task, 0, nullptr, nullptr);
      }
    } else {
      tasks.for_each_ready([&](const sched::TaskRecord& task, std::uint64_t /*arrival*/) {
        add(Kind::task, task.key(), nullptr, &task);
      });
    }
  }
  if (steps.size() == before) {
    kernel_.fabric().queue.set(kernel_.number(), next());
  }
}

void SimulatedHost::take_step(const Step& step, Instant at) {
  const Kernel::Running running(kernel_);
  if (step.what.kind == Transition::Kind::kernel) {
    kernel_.fire(*step.timer, at);
  } else if (step.what.kind == Transition::Kind::timer) {
    sched::touch(scheduler().waits_key(), sched::Access::read);
    scheduler().fire(*step.timer);
  } else if (step.what.kind == Transition::Kind::task) {
    resume_one(step.task);
  }
  if (runs_at(at) && kernel_.has_report()) {
    kernel_.begin_round(at);
    sched::touch(scheduler().waits_key(), sched::Access::read);
    scheduler().poll_sockets();
  }
  kernel_.fabric().queue.set(kernel_.number(), next());
}

void SimulatedHost::resume_one(const sched::TaskRecord* task) {
  sched::Scheduler<Kernel>& tasks = scheduler();
  // A task that is destroyed may let any other of its program go on.
  if (kernel_.options().isolated_tasks) {
    sched::touch(tasks.turns_key(), sched::Access::read);
  } else {
    sched::touch(tasks.turns_key());
    sched::touch(kernel_.key_of(Kernel::Part::program));
  }
  if (task == nullptr) {
    tasks.resume_first();
    return;
  }
  std::uint64_t arrival = 0;
  tasks.for_each_ready([&](const sched::TaskRecord& ready, std::uint64_t arrived) {
    arrival = &ready == task ? arrived : arrival;
  });
  write_delay(*task, arrival);
  tasks.resume_ready(*task);
}

void SimulatedHost::write_delay(const sched::TaskRecord& task, std::uint64_t arrival) {
  std::uint64_t place = arrival;
  if (any_ran_ && arrival <= last_place_) {
    // Of two of one place the later arrival goes first.
    place = arrival < last_arrival_ ? last_place_ : last_place_ + 1;
  }
  any_ran_ = true;
  last_place_ = place;
  last_arrival_ = arrival;
  Choices& choices = kernel_.fabric().choices;
  const auto delay = static_cast<std::uint32_t>(place - arrival);
  if (choices.choose_as(delay, Site::run, task.key(), task.times_ready(), UINT32_MAX,
                        [&] { return task.path(); }) != 0) {
    choices.mattered(Site::run);
  }
}

void SimulatedHost::write_delays_left() {
  if (kernel_.fabric().steering != nullptr && running()) {
    // Those that were destroyed meanwhile have let the others pass, too.
    scheduler().for_each_ready(
        [&](const sched::TaskRecord& task, std::uint64_t arrival) { write_delay(task, arrival); });
  }
}

}  // namespace rehearsal::simnet
