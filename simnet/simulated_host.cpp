#include "simnet/simulated_host.hpp"

#include <algorithm>
#include <span>

#include "simnet/failure.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {

using sched::Instant;

SimulatedHost::SimulatedHost(World& world, Fabric& fabric, std::string name,
                             const HostOptions& options)
    : world_(world), kernel_(fabric, std::move(name), options) {
  boot();
}

SimulatedHost::~SimulatedHost() { running_ = false; }

void SimulatedHost::boot() {
  sched::SchedulerOptions options;
  kernel_.begin_process(++boots_);
  ties_ = 0;
  options.path = kernel_.process();
  options.names = &kernel_.fabric();
  kernel_.begin_round(std::max(world_.now(), Instant{}));
  program_.emplace(kernel_, std::move(options));
  running_ = true;
  scheduler().observe(*this, false);
  paused_until_ = Instant{};
  last_place_ = last_arrival_ = 0;
  any_ran_ = false;
  for (const auto& start : starts_) {
    start(*program_);
  }
  kernel_.fabric().queue.set(kernel_.number(), next());
}

void SimulatedHost::start(std::function<void(sched::Host<Kernel>&)> program) {
  starts_.push_back(std::move(program));
  if (running()) {
    starts_.back()(*program_);
    kernel_.fabric().queue.lower(kernel_.number(), std::max(next(), world_.now()));
  }
}

[[gnu::always_inline]] inline Instant SimulatedHost::due_next() const {
  Instant program = sched::never;
  if (running() && paused_until_ != sched::never) {
    const bool now = scheduler().ready_count() != 0 || kernel_.has_report();
    if (now) {
      program = kernel_.busy_until();
    } else {
      program = kernel_.clock().world(scheduler().timers().next());
    }
    program = std::max({program, kernel_.busy_until(), paused_until_});
  }
  return std::min(kernel_.next_event(), program);
}

void SimulatedHost::step(Instant at) {
  kernel_.work(at);
  if (running() && at >= kernel_.busy_until() && at >= paused_until_) {
    sched::Scheduler<Kernel>& tasks = scheduler();
    if (tasks.ready_count() != 0 || kernel_.has_report() ||
        tasks.timers().next() <= kernel_.clock().local(at)) {
      const Kernel::Running running(kernel_);
      kernel_.begin_round(at);
      tasks.poll(sched::never);
      tasks.round();
    }
  }
  kernel_.fabric().queue.set(kernel_.number(), due_next());
}

Instant SimulatedHost::next() const { return due_next(); }

void SimulatedHost::end_tasks() {
  if (running()) {
    write_delays_left();
    kernel_.mute();
    running_ = false;
    program_.reset();
  }
}

void SimulatedHost::kill() {
  sched::touch(sched::everything);
  kernel_.fabric().note({Op::kill, kernel_.number(), -1, world_.now(), kernel_.key()});
  end_tasks();
  kernel_.begin_round(std::max(world_.now(), kernel_.at()));
  kernel_.end_process();
  kernel_.fabric().queue.set(kernel_.number(), next());
}

void SimulatedHost::power_off() {
  sched::touch(sched::everything);
  kernel_.fabric().note({Op::power_off, kernel_.number(), -1, world_.now(), kernel_.key()});
  end_tasks();
  kernel_.power_off();
  kernel_.fabric().queue.set(kernel_.number(), next());
}

void SimulatedHost::restart() {
  sched::touch(sched::everything);
  if (running()) {
    kill();
  }
  kernel_.fabric().note({Op::restart, kernel_.number(), -1, world_.now(), kernel_.key()});
  kernel_.power_on(world_.now());
  world_.wake_stalled(kernel_.number());
  boot();
}

void SimulatedHost::pause() {
  sched::touch(sched::everything);
  kernel_.fabric().note({Op::pause, kernel_.number(), -1, world_.now(), kernel_.key(), 1});
  paused_until_ = sched::never;
  kernel_.fabric().queue.set(kernel_.number(), next());
}

void SimulatedHost::resume() {
  sched::touch(sched::everything);
  kernel_.fabric().note({Op::pause, kernel_.number(), -1, world_.now(), kernel_.key(), 0});
  paused_until_ = world_.now();
  kernel_.fabric().queue.set(kernel_.number(), next());
}

void SimulatedHost::spawned(const sched::TaskRecord& task) {
  kernel_.fabric().note(
      {Op::spawn, kernel_.number(), -1, kernel_.at(), task.key(), 0, {}, true, &task});
}

void SimulatedHost::done(const sched::TaskRecord& task, const std::exception_ptr& failure) {
  const Op op = failure ? Op::failed : task.cancelled() ? Op::cancelled : Op::done;
  RunEvent event{op, kernel_.number(), -1, kernel_.at(), task.key(), 0, {}, false, &task};
  std::string thrown;
  if (failure && kernel_.fabric().listener) {
    // For a person, so that it is no part of the digest.
    thrown = what_was_thrown(failure);
    event.data = std::as_bytes(std::span(thrown));
  }
  kernel_.fabric().note(event);
  kernel_.forget(task);
  if (failure && task.parent() == nullptr) {
    world_.task_failed(task, failure);
  }
  world_.a_task_is_done();
}

}  // namespace rehearsal::simnet
