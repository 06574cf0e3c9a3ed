#include "simnet/host.hpp"

#include <algorithm>
#include <span>

#include "simnet/failure.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {

using sched::Instant;

Host::Host(World& world, Fabric& fabric, std::string name, const HostOptions& options)
    : world_(world), network_(fabric, std::move(name), options) {
  boot();
}

Host::~Host() { running_ = false; }

void Host::boot() {
  sched::SchedulerOptions options;
  network_.begin_process(++boots_);
  ties_ = 0;
  options.path = network_.process();
  options.names = &network_.fabric();
  network_.begin_round(std::max(world_.now(), Instant{}));
  program_.emplace(network_, std::move(options));
  running_ = true;
  scheduler().observe(*this, false);
  paused_until_ = Instant{};
  last_place_ = last_arrival_ = 0;
  any_ran_ = false;
  for (const auto& start : starts_) {
    start(*program_);
  }
  network_.fabric().agenda.set(network_.number(), next());
}

void Host::start(std::function<void(sched::Host<Network>&)> program) {
  starts_.push_back(std::move(program));
  if (running()) {
    starts_.back()(*program_);
    network_.fabric().agenda.lower(network_.number(), std::max(next(), world_.now()));
  }
}

[[gnu::always_inline]] inline Instant Host::due_next() const {
  Instant program = sched::never;
  if (running() && paused_until_ != sched::never) {
    const bool now = scheduler().ready_count() != 0 || network_.has_report();
    if (now) {
      program = network_.busy_until();
    } else {
      program = network_.clock().world(scheduler().timers().next());
    }
    program = std::max({program, network_.busy_until(), paused_until_});
  }
  return std::min(network_.next_event(), program);
}

void Host::step(Instant at) {
  network_.work(at);
  if (running() && at >= network_.busy_until() && at >= paused_until_) {
    sched::Scheduler<Network>& tasks = scheduler();
    if (tasks.ready_count() != 0 || network_.has_report() ||
        tasks.timers().next() <= network_.clock().local(at)) {
      const Network::Running running(network_);
      network_.begin_round(at);
      tasks.poll(sched::never);
      tasks.round();
    }
  }
  network_.fabric().agenda.set(network_.number(), due_next());
}

Instant Host::next() const { return due_next(); }

void Host::end_tasks() {
  if (running()) {
    write_delays_left();
    network_.mute();
    running_ = false;
    program_.reset();
  }
}

void Host::kill() {
  sched::touch(sched::everything);
  network_.fabric().note({Op::kill, network_.number(), -1, world_.now(), network_.key()});
  end_tasks();
  network_.begin_round(std::max(world_.now(), network_.at()));
  network_.end_process();
  network_.fabric().agenda.set(network_.number(), next());
}

void Host::power_off() {
  sched::touch(sched::everything);
  network_.fabric().note({Op::power_off, network_.number(), -1, world_.now(), network_.key()});
  end_tasks();
  network_.power_off();
  network_.fabric().agenda.set(network_.number(), next());
}

void Host::restart() {
  sched::touch(sched::everything);
  if (running()) {
    kill();
  }
  network_.fabric().note({Op::restart, network_.number(), -1, world_.now(), network_.key()});
  network_.power_on(world_.now());
  world_.wake_stalled(network_.number());
  boot();
}

void Host::pause() {
  sched::touch(sched::everything);
  network_.fabric().note({Op::pause, network_.number(), -1, world_.now(), network_.key(), 1});
  paused_until_ = sched::never;
  network_.fabric().agenda.set(network_.number(), next());
}

void Host::resume() {
  sched::touch(sched::everything);
  network_.fabric().note({Op::pause, network_.number(), -1, world_.now(), network_.key(), 0});
  paused_until_ = world_.now();
  network_.fabric().agenda.set(network_.number(), next());
}

void Host::spawned(const sched::TaskRecord& task) {
  network_.fabric().note(
      {Op::spawn, network_.number(), -1, network_.at(), task.key(), 0, {}, true, &task});
}

void Host::done(const sched::TaskRecord& task, const std::exception_ptr& failure) {
  const Op op = failure ? Op::failed : task.cancelled() ? Op::cancelled : Op::done;
  Event event{op, network_.number(), -1, network_.at(), task.key(), 0, {}, false, &task};
  std::string thrown;
  if (failure && network_.fabric().listener) {
    // For a person, so that it is no part of the digest.
    thrown = what_was_thrown(failure);
    event.data = std::as_bytes(std::span(thrown));
  }
  network_.fabric().note(event);
  network_.forget(task);
  if (failure && task.parent() == nullptr) {
    world_.task_failed(task, failure);
  }
  world_.a_task_is_done();
}

}  // namespace rehearsal::simnet

template class rehearsal::sched::Host<rehearsal::simnet::Network>;
template class rehearsal::sched::Listener<rehearsal::simnet::Network>;
template class rehearsal::sched::Stream<rehearsal::simnet::Network>;
template class rehearsal::sched::Datagram<rehearsal::simnet::Network>;
template class rehearsal::sched::Signals<rehearsal::simnet::Network>;
