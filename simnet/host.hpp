// Host: one machine of a world: its kernel, and the program that runs on it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sched/core/observer.hpp"
#include "sched/host.hpp"
#include "simnet/choices/steering.hpp"
#include "simnet/kernel/network.hpp"

namespace rehearsal::simnet {

class World;

// Aligned, so that what every event touches fills its lines of the cache.
class alignas(64) Host final : private sched::Observer {
 public:
  Host(World& world, Fabric& fabric, std::string name, const HostOptions& options);
  ~Host() override;

  // Runs `program`: a callable that takes a sched::Host<Network>& and gives a task. It is kept, and
  // called afresh with each restart. An empty name means numbered.
  template <class F>
  Host& spawn(std::string_view name, F program) {
    start([name = std::string(name), program = std::move(program)](sched::Host<Network>& host) {
      auto fresh = program;
      host.spawn(name, std::move(fresh));
    });
    return *this;
  }
  template <class F>
    requires(!std::convertible_to<F, std::string_view>)
  Host& spawn(F program) {
    return spawn(std::string_view(), std::move(program));
  }
  // A run is done without this host being done. A host that listens is one by itself.
  Host& daemon() { return is_daemon_ = true, *this; }

  // Its process is killed: the kernel closes its sockets, with a FIN, or a RST where data is
  // unread.
  void kill();
  // Its power fails: nothing is sent any more.
  void power_off();
  // It starts again, after kill() or power_off(); one that runs is killed first.
  void restart();
  // Its process is stopped, and goes on; its kernel works all the while.
  void pause();
  void resume();
  // A signal for its process; a message to an inbox of its program.
  void raise(int signal) { network_.raise(signal); }
  void post(std::string_view inbox, sched::Message message) {
    network_.post(inbox, std::move(message));
  }

  [[nodiscard]] const std::string& name() const { return network_.name(); }
  [[nodiscard]] Network& network() { return network_; }
  [[nodiscard]] const Network& network() const { return network_; }
  [[nodiscard]] sched::Endpoint endpoint(std::uint16_t port) const {
    return network_.address().with_port(port);
  }
  [[nodiscard]] bool running() const { return running_; }
  [[nodiscard]] bool idle() const { return !running() || scheduler().task_count() == 0; }
  [[nodiscard]] bool in_background() const { return is_daemon_ || network_.listens(); }
  // The path of the task that runs now; empty where none does.
  [[nodiscard]] std::string current_task() const {
    const sched::TaskRecord* task = running() ? scheduler().current() : nullptr;
    return task == nullptr ? std::string() : task->path();
  }
  [[nodiscard]] std::vector<sched::TaskInfo> tasks() const {
    return running() ? scheduler().tasks() : std::vector<sched::TaskInfo>();
  }

 private:
  friend class World;

  // What can happen at one instant of a run that goes in steps.
  struct Step {
    Transition what;
    sched::Timer* timer = nullptr;            // kernel, timer
    const sched::TaskRecord* task = nullptr;  // task; null: the first that is ready
  };
  // Adds what this host can do at `at`. Where nobody steers, its ready tasks are one step.
  void list_steps(sched::Instant at, std::vector<Step>& steps);
  void take_step(const Step& step, sched::Instant at);
  [[nodiscard]] bool runs_at(sched::Instant at) const { return running() && at >= paused_until_; }
  void resume_one(const sched::TaskRecord* task);
  // Notes the delay with which `task` runs after those that ran before it, and no earlier.
  void write_delay(const sched::TaskRecord& task, std::uint64_t arrival);
  // Likewise of those that are ready and did not run.
  void write_delays_left();

  // What is due at `at` happens. Afterwards the agenda knows what is due next.
  void step(sched::Instant at);
  // Fetches part of what step() will touch; each stage needs what the one before it fetched.
  enum class Fetch : std::uint8_t { host, timer, arrival, peer, task, frame, caller, first_caller };
  void prefetch(Fetch stage) const;
  void prefetch_host() const;
  // What every event touches of it: its first bytes, and those of the program from there on.
  [[nodiscard]] std::size_t hot_bytes() const;
  [[nodiscard]] const void* hot_program() const;
  // Who will receive what arrives next; null where that is not known.
  [[nodiscard]] const sched::Waiter* receiver() const;
  [[nodiscard]] sched::Instant next() const;
  [[nodiscard]] sched::Instant due_next() const;
  void start(std::function<void(sched::Host<Network>&)> program);
  void boot();
  void end_tasks();
  [[nodiscard]] sched::Scheduler<Network>& scheduler() { return program_->scheduler(); }
  [[nodiscard]] const sched::Scheduler<Network>& scheduler() const { return program_->scheduler(); }

  void spawned(const sched::TaskRecord& task) override;
  void done(const sched::TaskRecord& task, const std::exception_ptr& failure) override;

  World& world_;
  sched::Instant paused_until_{};
  std::uint32_t ties_ = 0;
  bool running_ = false;  // program_ is there
  Network network_;
  std::optional<sched::Host<Network>> program_;  // none: it does not run
  std::vector<std::function<void(sched::Host<Network>&)>> starts_;
  std::uint32_t boots_ = 0;
  // Of the task that ran last, where somebody steers: see sched/core/ready_queue.hpp.
  std::uint64_t last_place_ = 0;
  std::uint64_t last_arrival_ = 0;
  bool any_ran_ = false;
  bool is_daemon_ = false;
};

}  // namespace rehearsal::simnet

// Compiled once, and not by each test.
extern template class rehearsal::sched::Scheduler<rehearsal::simnet::Network>;
extern template class rehearsal::sched::Host<rehearsal::simnet::Network>;
extern template class rehearsal::sched::Listener<rehearsal::simnet::Network>;
extern template class rehearsal::sched::Stream<rehearsal::simnet::Network>;
extern template class rehearsal::sched::Datagram<rehearsal::simnet::Network>;
extern template class rehearsal::sched::Signals<rehearsal::simnet::Network>;
