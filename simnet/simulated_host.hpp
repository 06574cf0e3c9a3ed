// SimulatedHost: one machine of a world: its kernel, and the program that runs on it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sched/base/unavailable.hpp"
#include "sched/core/observer.hpp"
#include "sched/host.hpp"
#include "simnet/choices/policy.hpp"
#include "simnet/kernel/host_options.hpp"
#include "simnet/kernel/simulated_network.hpp"

namespace rehearsal::simnet {

class Fabric;
class Kernel;
class World;

// What a host runs: a callable, which is called again when the host restarts.
template <class F>
concept HostProgram = sched::TaskMaker<F, sched::Host<SimulatedNetwork>&> || sched::TaskMaker<F>;

// Aligned, so that what every event touches fills its lines of the cache.
class alignas(64) SimulatedHost : private sched::Observer {
 public:
  static std::unique_ptr<SimulatedHost> make(World& world, Fabric& fabric, std::string name,
                                             const HostOptions& options);
  SimulatedHost(const SimulatedHost&) = delete;
  SimulatedHost& operator=(const SimulatedHost&) = delete;
  ~SimulatedHost() override = default;

  // Runs `program`: a callable that takes a sched::Host<SimulatedNetwork>& and gives a task. It is
  // kept, and called afresh with each restart. An empty name means numbered.
  template <HostProgram F>
  SimulatedHost& spawn(std::string_view name, F program) {
    // One type of pointer whatever F is, which the compiler makes once.
    start(std::unique_ptr<const Start>(new StartOf<F>(name, std::move(program))));
    return *this;
  }
  template <HostProgram F>
  SimulatedHost& spawn(F program) {
    return spawn(std::string_view(), std::move(program));
  }
  // Anything else is an error, in one line.
  template <class F>
  [[REHEARSAL_UNAVAILABLE("spawn: the program, called with the host, must return a Task")]]
  SimulatedHost& spawn(std::string_view /*name*/, F /*program*/) {
    return *this;
  }
  template <class F>
  [[REHEARSAL_UNAVAILABLE("spawn: the program, called with the host, must return a Task")]]
  SimulatedHost& spawn(F /*program*/) {
    return *this;
  }
  // A run is done without this host being done. A host that listens is one by itself.
  SimulatedHost& daemon() { return is_daemon_ = true, *this; }

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
  void raise(int signal);
  void post(std::string_view inbox, sched::Message message);

  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] Kernel& kernel() { return kernel_; }
  [[nodiscard]] const Kernel& kernel() const { return kernel_; }
  [[nodiscard]] sched::Endpoint endpoint(std::uint16_t port) const;
  [[nodiscard]] bool running() const { return running_; }
  [[nodiscard]] bool idle() const;
  [[nodiscard]] bool in_background() const;
  // The path of the task that runs now; empty where none does.
  [[nodiscard]] std::string current_task() const;
  [[nodiscard]] std::vector<sched::TaskInfo> tasks() const;

 private:
  friend class Prefetch;
  friend class WholeHost;
  friend class World;

  using Program = sched::Host<SimulatedNetwork>;
  // What the host runs, of whatever type, with the name of its task. begin() is a pointer and no
  // virtual function: g++ instantiates those from this header, and then warns of coroutines whose
  // types are in an unnamed namespace of the test.
  class Start {
   public:
    using Begin = void(const Start&, Program&);
    Start(std::string_view name, Begin* begin) : name_(name), begin_(begin) {}
    Start(const Start&) = delete;
    Start& operator=(const Start&) = delete;
    virtual ~Start();
    void begin(Program& host) const { begin_(*this, host); }

   protected:
    [[nodiscard]] const std::string& name() const { return name_; }

   private:
    std::string name_;
    Begin* begin_;
  };
  template <class F>
  class StartOf final : public Start {
   public:
    StartOf(std::string_view name, F program)
        : Start(name, &StartOf::begin_program), program_(std::move(program)) {}

   private:
    static void begin_program(const Start& start, Program& host) {
      const auto& self = static_cast<const StartOf&>(start);
      auto fresh = self.program_;
      host.spawn(self.name(), std::move(fresh));
    }

    F program_;
  };
  // Constructed by WholeHost alone, which has what a test does not compile: kernel and program.
  SimulatedHost(World& world, Kernel& kernel, std::optional<Program>& program);

  // A transition that can happen now, in a run that goes by transitions.
  struct Enabled {
    Transition what;
    sched::Timer* timer = nullptr;            // kernel, timer
    const sched::TaskRecord* task = nullptr;  // task; null: the first that is ready
  };
  // Adds the transitions of this host that are enabled at `at`. Without a policy that steers, its
  // ready tasks are one transition.
  void list_enabled(sched::Instant at, std::vector<Enabled>& enabled);
  void take(const Enabled& one, sched::Instant at);
  [[nodiscard]] bool runs_at(sched::Instant at) const { return running() && at >= paused_until_; }
  void resume_one(const sched::TaskRecord* task);
  // Notes the delay with which `task` runs after those that ran before it, and no earlier.
  void write_delay(const sched::TaskRecord& task, std::uint64_t arrival);
  // Likewise of those that are ready and did not run.
  void write_delays_left();

  // What is due at `at` happens. Afterwards the queue knows what is due next.
  void take_turn(sched::Instant at);
  [[nodiscard]] sched::Instant next() const;
  [[nodiscard]] sched::Instant due_next() const;
  void start(std::unique_ptr<const Start> program);
  void boot();
  void end_tasks();
  [[nodiscard]] sched::Scheduler<SimulatedNetwork>& scheduler() { return program_->scheduler(); }
  [[nodiscard]] const sched::Scheduler<SimulatedNetwork>& scheduler() const {
    return program_->scheduler();
  }

  void spawned(const sched::TaskRecord& task) override;
  void done(const sched::TaskRecord& task, const std::exception_ptr& failure) override;

  World& world_;
  sched::Instant paused_until_{};
  std::uint32_t ties_ = 0;
  // The descriptor at which its next segment arrives, as Prefetch saw it some turns ago; -1 if its
  // next event was something else.
  sched::Descriptor arrives_at_ = -1;
  bool running_ = false;  // program_ is there
  Kernel& kernel_;
  std::optional<Program>& program_;  // none: it does not run
  std::vector<std::unique_ptr<const Start>> starts_;
  std::uint32_t boots_ = 0;
  // Of the task that ran last, where somebody steers: see sched/core/ready_queue.hpp.
  std::uint64_t last_place_ = 0;
  std::uint64_t last_arrival_ = 0;
  bool any_ran_ = false;
  bool is_daemon_ = false;
};

}  // namespace rehearsal::simnet

// Compiled once, and not by each test.
extern template class rehearsal::sched::Host<rehearsal::simnet::SimulatedNetwork>;
extern template class rehearsal::sched::Listener<rehearsal::simnet::SimulatedNetwork>;
extern template class rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>;
extern template class rehearsal::sched::Datagram<rehearsal::simnet::SimulatedNetwork>;
extern template class rehearsal::sched::Signals<rehearsal::simnet::SimulatedNetwork>;
extern template class rehearsal::sched::SocketOperation<
    rehearsal::simnet::SimulatedNetwork,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::Recv>;
extern template class rehearsal::sched::SocketOperation<
    rehearsal::simnet::SimulatedNetwork,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::RecvExactly>;
extern template class rehearsal::sched::SocketOperation<
    rehearsal::simnet::SimulatedNetwork,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::RecvUntil>;
extern template class rehearsal::sched::SocketOperation<
    rehearsal::simnet::SimulatedNetwork,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::Peek>;
extern template class rehearsal::sched::SocketOperation<
    rehearsal::simnet::SimulatedNetwork,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::Send>;
extern template class rehearsal::sched::BufferedRead<
    rehearsal::simnet::SimulatedNetwork,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::RecvExactly>;
extern template class rehearsal::sched::BufferedRead<
    rehearsal::simnet::SimulatedNetwork,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::RecvUntil>;
extern template class rehearsal::sched::BufferedRead<
    rehearsal::simnet::SimulatedNetwork,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::Peek>;
extern template class rehearsal::sched::Socket<rehearsal::simnet::SimulatedNetwork>;
