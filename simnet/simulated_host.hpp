// SimulatedHost: one machine of a world, with its kernel and the program that runs on it.
#pragma once

#include <cstdint>
#include <functional>
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
enum class Op : std::uint8_t;

/// A program of a host: a copyable callable that returns a task and takes the host or nothing. It
/// is called again each time the host restarts.
template <class F>
concept HostProgram = sched::TaskMaker<F, sched::Host<SimulatedNetwork>&> || sched::TaskMaker<F>;

/// One machine of a World: a simulated kernel, and the tasks of the program that runs on it.
///
/// World::host() creates it, and it lives as long as its world. It is running when it is created.
/// Its functions may be called by the test, by a script or by a task of any host. If one of its own
/// tasks calls kill(), power_off() or restart(), no call of the process on a socket has an effect
/// from then on, nor another of these three. Its tasks are destroyed when the present resumption
/// ends.
// Aligned, so that what every event uses fills whole cache lines.
class alignas(64) SimulatedHost : private sched::Observer {
 public:
  /// Creates a host. World::host() calls it.
  static std::unique_ptr<SimulatedHost> make(World& world, Fabric& fabric, std::string name,
                                             const HostOptions& options);
  SimulatedHost(const SimulatedHost&) = delete;
  SimulatedHost& operator=(const SimulatedHost&) = delete;
  ~SimulatedHost() override;

  /// Starts a task that runs `program`: a callable that takes a `sched::Host<SimulatedNetwork>&`
  /// (or nothing) and returns a task. The host keeps a copy of it and starts it again after each
  /// restart(). `name` names the task in reports and schedules; if it is empty, the task gets a
  /// number. If the host does not run, the task starts at the next restart(). An exception that the
  /// task throws fails the run. Returns the host.
  template <HostProgram F>
  SimulatedHost& spawn(std::string_view name, F program) {
    // One type of pointer for every F, so the compiler instantiates it once.
    start(std::unique_ptr<const Start>(new StartOf<F>(name, std::move(program))));
    return *this;
  }
  /// Starts a task that has a number as its name; see the other overload.
  template <HostProgram F>
  SimulatedHost& spawn(F program) {
    return spawn(std::string_view(), std::move(program));
  }
  /// Not available: the program, called with the host, must return a Task. This overload exists for
  /// the one-line error message.
  template <class F>
  [[REHEARSAL_UNAVAILABLE("spawn: the program, called with the host, must return a Task")]]
  SimulatedHost& spawn(std::string_view /*name*/, F /*program*/) {
    return *this;
  }
  /// Not available: the program, called with the host, must return a Task. This overload exists for
  /// the one-line error message.
  template <class F>
  [[REHEARSAL_UNAVAILABLE("spawn: the program, called with the host, must return a Task")]]
  SimulatedHost& spawn(F /*program*/) {
    return *this;
  }
  /// Starts a program that was not written for this library, such as an asio server, as a task of
  /// the host: its calls of the C library reach the simulated kernel. The program must be linked
  /// with rehearsal::guest. See <rehearsal/guest.hpp>. Returns the host.
  SimulatedHost& guest(std::string_view name, std::function<void()> program);
  /// Marks the host as a daemon: a run may end while its tasks are still running. A host that
  /// listens on a TCP port is a daemon automatically. Returns the host.
  SimulatedHost& daemon() { return is_daemon_ = true, *this; }

  /// Kills the process (SIGKILL). Its tasks are destroyed, so their destructors run. The kernel
  /// closes its sockets: with a FIN, or with a RST if unread data is left.
  void kill();
  /// Cuts the power. The tasks are destroyed, connections vanish without a FIN or RST, and the host
  /// neither sends nor answers anything until restart().
  void power_off();
  /// Starts the host again after kill() or power_off(), with every program that was given to
  /// spawn(). A host that still runs is killed first.
  void restart();
  /// Stops the process (SIGSTOP) until resume(). The host's kernel keeps receiving and
  /// acknowledging meanwhile.
  void pause();
  /// Continues the process after pause() (SIGCONT).
  void resume();
  /// Sends a signal to the process. It goes to the program's first open sched::Signals that takes
  /// this number, and is ignored if there is none.
  void raise(int signal);
  /// Sends a message to the open inbox of this name. It is lost if the program has no
  /// such inbox open.
  void post(std::string_view inbox, sched::Message message);

  /// Returns the name of the host.
  [[nodiscard]] const std::string& name() const;
  /// Returns the simulated kernel. For this library's own tools.
  [[nodiscard]] Kernel& kernel() { return kernel_; }
  /// Returns the simulated kernel. For this library's own tools.
  [[nodiscard]] const Kernel& kernel() const { return kernel_; }
  /// Returns the IPv4 address of the host (in 10.0.0.0/8) with this port.
  [[nodiscard]] sched::Endpoint endpoint(std::uint16_t port) const;
  /// Returns whether the host has a process. A paused host is running, a killed one is not.
  [[nodiscard]] bool running() const { return running_; }
  /// Returns whether the host has no tasks, or does not run.
  [[nodiscard]] bool idle() const;
  /// Returns whether a run may end while this host still has tasks: it is a daemon() or listens
  /// on a TCP port.
  [[nodiscard]] bool in_background() const;
  /// Returns the path of the task that runs now, or an empty string if none does.
  [[nodiscard]] std::string current_task() const;
  /// Returns all tasks with what each one waits for; none if the host does not run.
  [[nodiscard]] std::vector<sched::TaskInfo> tasks() const;

 private:
  friend class FaultInjector;
  friend class Moments;
  friend struct PendingEvent;
  friend class Prefetch;
  friend class Stagnation;
  friend class WholeHost;
  friend class World;

  using Program = sched::Host<SimulatedNetwork>;
  // A program of any type, with the name of its task. begin() calls through a pointer instead of a
  // virtual function: g++ instantiates virtual functions from this header, and then warns of
  // coroutines whose types are in an unnamed namespace of the test.
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
  // Constructed by WholeHost only, which holds the kernel and the program. A test does not
  // compile those.
  SimulatedHost(World& world, Kernel& kernel, std::optional<Program>& program);

  // A transition that can happen now, in a run that is steered.
  struct Enabled {
    Transition what;
    sched::Timer* timer = nullptr;            // for a kernel event or a timer
    const sched::TaskRecord* task = nullptr;  // for a task; null: the first ready one
  };
  // Adds the transitions of this host that are enabled at `at`. Without a policy that steers, all
  // its ready tasks are one transition.
  void list_enabled(sched::Instant at, std::vector<Enabled>& enabled);
  void take(const Enabled& one, sched::Instant at);
  [[nodiscard]] bool runs_at(sched::Instant at) const;
  void resume_one(const sched::TaskRecord* task);
  // Records the smallest delay with which `task` runs after the tasks that ran before it.
  void write_delay(const sched::TaskRecord& task, std::uint64_t arrival);
  // Records the delays of the tasks that are ready and did not run.
  void write_delays_left();

  // Returns whether a fault takes the turn that the program would have now.
  bool fault_takes_turn();
  // Makes everything due at `at` happen, and updates the event queue.
  void take_turn(sched::Instant at);
  [[nodiscard]] sched::Instant next() const;
  [[nodiscard]] sched::Instant due_next() const;
  // Returns when the first timer of the program is due, on the world's clock, or `never`.
  [[nodiscard]] sched::Instant next_timer() const;
  void start(std::unique_ptr<const Start> program);
  void boot();
  void end_tasks();
  // Ends the process now, or after the present resumption if one of its tasks runs.
  // REQUIRES: `how` is Op::crash or Op::power_off.
  void end(Op how);
  void finish_end(Op how);
  // Ends the process, if a call in the turn that is over ended it.
  void end_after_turn();
  void note_pause(bool begins, sched::Instant at);
  void jump_clock(sched::Duration forward);
  // Stops the process until `until`.
  void pause_until(sched::Instant until);
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
  bool running_ = false;  // whether program_ has a value
  Kernel& kernel_;
  std::optional<Program>& program_;  // empty if the host does not run
  std::vector<std::unique_ptr<const Start>> starts_;
  std::uint32_t boots_ = 0;
  std::uint32_t ends_ = 0;  // of processes
  // Place and arrival of the task that ran last in a steered run: see sched/core/ready_queue.hpp.
  std::uint64_t last_place_ = 0;
  std::uint64_t last_arrival_ = 0;
  bool any_ran_ = false;
  bool is_daemon_ = false;
  bool restarts_ = false;  // after the turn, if the process ends in it
  Op ends_by_{};           // how it ends after the turn, if its calls have ended
};

}  // namespace rehearsal::simnet

// Instantiated once in the library, not by each test.
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
    rehearsal::simnet::SimulatedNetwork, rehearsal::sched::Plain,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::RecvExactly>;
extern template class rehearsal::sched::BufferedRead<
    rehearsal::simnet::SimulatedNetwork, rehearsal::sched::Plain,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::RecvUntil>;
extern template class rehearsal::sched::BufferedRead<
    rehearsal::simnet::SimulatedNetwork, rehearsal::sched::Plain,
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>::Peek>;
extern template class rehearsal::sched::Socket<rehearsal::simnet::SimulatedNetwork>;
extern template class rehearsal::sched::Promise<
    std::optional<rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>>>;
extern template class rehearsal::sched::Task<
    std::optional<rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>>>;
extern template class rehearsal::sched::Promise<
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>>;
extern template class rehearsal::sched::Task<
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>>;
extern template class rehearsal::sched::EndedFrame<
    std::optional<rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>>>;
extern template class rehearsal::sched::Call<
    std::optional<rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>>>;
extern template class rehearsal::sched::EndedFrame<
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>>;
extern template class rehearsal::sched::Call<
    rehearsal::sched::Stream<rehearsal::simnet::SimulatedNetwork>>;
