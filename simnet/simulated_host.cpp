#include "simnet/simulated_host.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <tuple>

#include "sched/base/check.hpp"
#include "sched/base/draw.hpp"
#include "sched/base/key.hpp"
#include "sched/core/footprint.hpp"
#include "simnet/failure.hpp"
#include "simnet/fault_injector.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/network/run_event.hpp"
#include "simnet/whole_host.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {

using sched::Instant;

SimulatedHost::SimulatedHost(World& world, Kernel& kernel, std::optional<Program>& program)
    : world_(world), kernel_(kernel), program_(program) {}

std::unique_ptr<SimulatedHost> SimulatedHost::make(World& world, Fabric& fabric, std::string name,
                                                   const HostOptions& options) {
  return std::make_unique<WholeHost>(world, fabric, std::move(name), options);
}

SimulatedHost::~SimulatedHost() = default;
SimulatedHost::Start::~Start() = default;

void SimulatedHost::raise(int signal) { kernel_.raise(signal); }
void SimulatedHost::post(std::string_view inbox, sched::Message message) {
  kernel_.post(inbox, std::move(message));
}

const std::string& SimulatedHost::name() const { return kernel_.name(); }
sched::Endpoint SimulatedHost::endpoint(std::uint16_t port) const {
  return kernel_.address().with_port(port);
}
bool SimulatedHost::idle() const { return !running() || scheduler().task_count() == 0; }
bool SimulatedHost::in_background() const { return is_daemon_ || kernel_.listens(); }
std::string SimulatedHost::current_task() const {
  const sched::TaskRecord* task = running() ? scheduler().current() : nullptr;
  return task == nullptr ? std::string() : task->path();
}
std::vector<sched::TaskInfo> SimulatedHost::tasks() const {
  return running() ? scheduler().tasks() : std::vector<sched::TaskInfo>();
}

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
    start->begin(*program_);
  }
  kernel_.fabric().queue.set(kernel_.number(), next());
}

void SimulatedHost::start(std::unique_ptr<const Start> program) {
  starts_.push_back(std::move(program));
  if (running()) {
    starts_.back()->begin(*program_);
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
  return std::min(kernel_.timers().next(), program);
}

// The rare rest of a turn in a world that allows faults of its hosts.
[[gnu::noinline]] bool SimulatedHost::fault_takes_turn() {
  return world_.injector_ != nullptr && world_.injector_->takes_turn_of(*this);
}

[[gnu::hot]] void SimulatedHost::take_turn(Instant at) {
  kernel_.work(at);
  if (running() && at >= kernel_.busy_until() && at >= paused_until_) {
    sched::Scheduler<SimulatedNetwork>& tasks = scheduler();
    if (tasks.ready_count() != 0 || kernel_.has_report() ||
        tasks.timers().next() <= kernel_.clock().local(at)) {
      if (kernel_.process_end().has_faults() && fault_takes_turn()) [[unlikely]] {
        return;
      }
      const Kernel::Running running(kernel_);
      kernel_.begin_round(at);
      tasks.poll(sched::never);
      tasks.round();
    }
  }
  if (kernel_.process_ended()) [[unlikely]] {
    end_after_turn();
    return;
  }
  kernel_.fabric().queue.set(kernel_.number(), due_next());
}

Instant SimulatedHost::next() const { return due_next(); }

Instant SimulatedHost::next_timer() const {
  return running() ? kernel_.clock().world(scheduler().timers().next()) : sched::never;
}

void SimulatedHost::end_tasks() {
  if (running()) {
    write_delays_left();
    kernel_.process_end().end();
    running_ = false;
    program_.reset();
  }
}

void SimulatedHost::kill() { end(Op::crash); }
void SimulatedHost::power_off() { end(Op::power_off); }

void SimulatedHost::end(Op how) {
  sched::touch(sched::everything);
  if (kernel_.process_ended()) {  // asked by a task or a destructor of the process
    return;
  }
  const bool in_turn = Kernel::running() == &kernel_;
  kernel_.fabric().note(
      {how, kernel_.number(), -1, in_turn ? kernel_.at() : world_.now(), kernel_.key()});
  if (in_turn) {
    kernel_.process_end().end();
    ends_by_ = how;
  } else {
    finish_end(how);
  }
}

void SimulatedHost::finish_end(Op how) {
  ++ends_;
  end_tasks();
  if (how == Op::power_off) {
    kernel_.power_off();
  } else {
    kernel_.begin_round(std::max(world_.now(), kernel_.at()));
    kernel_.end_process();
  }
  kernel_.process_end().reset();
  kernel_.fabric().queue.set(kernel_.number(), next());
}

[[gnu::noinline]] void SimulatedHost::end_after_turn() {
  finish_end(ends_by_);
  if (std::exchange(restarts_, false)) {
    restart();
  }
}

void SimulatedHost::restart() {
  sched::touch(sched::everything);
  if (kernel_.process_ended()) {
    return;
  }
  if (Kernel::running() == &kernel_) {
    end(Op::crash);
    restarts_ = true;
    return;
  }
  if (running()) {
    kill();
  }
  kernel_.fabric().note({Op::restart, kernel_.number(), -1, world_.now(), kernel_.key()});
  kernel_.power_on(world_.now());
  world_.wake_stalled(kernel_.number());
  boot();
}

void SimulatedHost::note_pause(bool begins, Instant at) {
  sched::touch(sched::everything);
  kernel_.fabric().note({Op::pause, kernel_.number(), -1, at, kernel_.key(), begins ? 1U : 0U});
}

void SimulatedHost::jump_clock(sched::Duration forward) {
  sched::touch(sched::everything);
  const bool in_turn = Kernel::running() == &kernel_;
  kernel_.jump_clock(forward);
  kernel_.fabric().note({Op::clock_jump, kernel_.number(), -1,
                         in_turn ? kernel_.at() : world_.now(), kernel_.key(),
                         static_cast<std::uint64_t>(forward.count())});
  kernel_.fabric().queue.set(kernel_.number(), next());
}

void SimulatedHost::pause_until(Instant until) {
  paused_until_ = until;
  kernel_.fabric().queue.set(kernel_.number(), next());
}

void SimulatedHost::pause() {
  note_pause(true, world_.now());
  pause_until(sched::never);
}

void SimulatedHost::resume() {
  note_pause(false, world_.now());
  pause_until(world_.now());
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
    // For people only, so it is not part of the digest.
    thrown = what_was_thrown(failure);
    event.data = std::as_bytes(std::span(thrown));
  }
  kernel_.fabric().note(event);
  kernel_.forget(task);
  if (failure && task.parent() == nullptr && !kernel_.process_ended()) {
    world_.task_failed(task, failure);
  }
  world_.a_task_is_done();
}

void SimulatedHost::list_enabled(Instant at, std::vector<Enabled>& enabled) {
  using Kind = Transition::Kind;
  const std::size_t before = enabled.size();
  const auto add = [&](Kind kind, std::uint64_t key, sched::Timer* timer,
                       const sched::TaskRecord* task) {
    std::uint64_t actor = draw(kernel_.key(), key, static_cast<std::uint64_t>(kind));
    const auto taken = [&] {
      return std::any_of(enabled.begin() + static_cast<std::ptrdiff_t>(before), enabled.end(),
                         [&](const Enabled& one) { return one.what.actor == actor; });
    };
    while (taken()) {  // a timer without a name
      actor = mix(actor + 1);
    }
    enabled.push_back({{actor, kernel_.number(), kind}, timer, task});
  };
  for (const sched::Timers::Entry& due : kernel_.timers().due(at)) {
    add(Kind::kernel, sched::Timers::key(*due.timer), due.timer, nullptr);
  }
  if (runs_at(at)) {
    sched::Scheduler<SimulatedNetwork>& tasks = scheduler();
    kernel_.begin_round(at);
    // A ready task that was destroyed has also been passed by the tasks that ran before.
    tasks.for_each_ready([&](const sched::TaskRecord& task, std::uint64_t arrival) {
      if (task.state() != sched::TaskState::ready && kernel_.fabric().steering != nullptr) {
        const auto ran_last = std::tuple(last_place_, last_arrival_, any_ran_);
        write_delay(task, arrival);
        std::tie(last_place_, last_arrival_, any_ran_) = ran_last;  // it has not run itself
      }
    });
    tasks.settle();
    for (const sched::Timers::Entry& due : tasks.timers().due(kernel_.clock().local(at))) {
      add(Kind::timer, sched::Timers::key(*due.timer), due.timer, nullptr);
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
  if (enabled.size() == before) {
    kernel_.fabric().queue.set(kernel_.number(), next());
  }
}

bool SimulatedHost::runs_at(Instant at) const {
  return running() && at >= paused_until_ && at >= kernel_.busy_until();
}

void SimulatedHost::take(const Enabled& one, Instant at) {
  {
    const Kernel::Running running(kernel_);
    if (one.what.kind == Transition::Kind::kernel) {
      kernel_.fire(*one.timer, at);
    } else if (one.what.kind == Transition::Kind::timer) {
      sched::touch(scheduler().waits_key(), sched::Access::read);
      if (!kernel_.late_timers().puts_off(kernel_, scheduler().timers(), *one.timer)) {
        scheduler().fire(*one.timer);
      }
    } else if (one.what.kind == Transition::Kind::task) {
      resume_one(one.task);
    }
    if (!kernel_.process_ended() && runs_at(at) && kernel_.has_report()) {
      kernel_.begin_round(at);
      sched::touch(scheduler().waits_key(), sched::Access::read);
      scheduler().poll_sockets();
    }
  }
  if (kernel_.process_ended()) {
    end_after_turn();
  } else {
    kernel_.fabric().queue.set(kernel_.number(), next());
  }
}

void SimulatedHost::resume_one(const sched::TaskRecord* task) {
  sched::Scheduler<SimulatedNetwork>& tasks = scheduler();
  // Destroying a task may let any other task of its program run.
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
    // At equal places the later arrival goes first.
    place = arrival < last_arrival_ ? last_place_ : last_place_ + 1;
  }
  any_ran_ = true;
  last_place_ = place;
  last_arrival_ = arrival;
  Choices& choices = kernel_.fabric().choices;
  const auto delay = static_cast<std::uint32_t>(place - arrival);
  choices
      .choose_as(delay, Site::run, task.key(), task.times_ready(), UINT32_MAX,
                 [&] { return task.path(); })
      .matters();
}

void SimulatedHost::write_delays_left() {
  if (kernel_.fabric().steering != nullptr && running()) {
    // Ready tasks that were destroyed meanwhile have been passed, too.
    scheduler().for_each_ready(
        [&](const sched::TaskRecord& task, std::uint64_t arrival) { write_delay(task, arrival); });
  }
}

}  // namespace rehearsal::simnet

template class rehearsal::sched::Host<rehearsal::simnet::SimulatedNetwork>;
template class rehearsal::sched::Listener<rehearsal::simnet::SimulatedNetwork>;
template class rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>;
template class rehearsal::sched::Datagram<rehearsal::simnet::SimulatedNetwork>;
template class rehearsal::sched::Signals<rehearsal::simnet::SimulatedNetwork>;
template class rehearsal::sched::SocketOperation<
    rehearsal::simnet::SimulatedNetwork,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::Recv>;
template class rehearsal::sched::SocketOperation<
    rehearsal::simnet::SimulatedNetwork,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::RecvExactly>;
template class rehearsal::sched::SocketOperation<
    rehearsal::simnet::SimulatedNetwork,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::RecvUntil>;
template class rehearsal::sched::SocketOperation<
    rehearsal::simnet::SimulatedNetwork,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::Peek>;
template class rehearsal::sched::SocketOperation<
    rehearsal::simnet::SimulatedNetwork,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::Send>;
template class rehearsal::sched::BufferedRead<
    rehearsal::simnet::SimulatedNetwork, rehearsal::sched::Plain,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::RecvExactly>;
template class rehearsal::sched::BufferedRead<
    rehearsal::simnet::SimulatedNetwork, rehearsal::sched::Plain,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::RecvUntil>;
template class rehearsal::sched::BufferedRead<
    rehearsal::simnet::SimulatedNetwork, rehearsal::sched::Plain,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::Peek>;
template class rehearsal::sched::Socket<rehearsal::simnet::SimulatedNetwork>;
template class rehearsal::sched::Promise<
    std::optional<rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>>>;
template class rehearsal::sched::Task<
    std::optional<rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>>>;
template class rehearsal::sched::EndedFrame<
    std::optional<rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>>>;
template class rehearsal::sched::Call<
    std::optional<rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>>>;
template class rehearsal::sched::Promise<
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>>;
template class rehearsal::sched::Task<
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>>;
template class rehearsal::sched::EndedFrame<
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>>;
template class rehearsal::sched::Call<
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>>;
