// Host: one machine, or one process, as its program sees it: a network and the scheduler over it.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sched/base/stderr_log.hpp"
#include "sched/core/scheduler.hpp"
#include "sched/io/blocking.hpp"
#include "sched/io/datagram.hpp"
#include "sched/io/inbox.hpp"
#include "sched/io/listener.hpp"
#include "sched/io/signals.hpp"
#include "sched/io/stream.hpp"
#include "sched/sync/sleep.hpp"
#include "sched/sync/task_group.hpp"
#include "sched/sync/timeout.hpp"

namespace rehearsal::sched {

/// An argument of Host::spawn: one that Scheduler::spawn accepts, or a callable that takes the host
/// and returns a task.
template <class F, class On>
concept SpawnableOn = TaskMaker<F, On&> || Spawnable<F>;

/// One machine, or one process, as its program sees it: a network and the scheduler over it. A
/// server is written against a `Host<Net>&` and does not know which network it runs on.
template <Network Net>
class Host : public SpawnErrors<Host<Net>> {
 public:
  /// Creates a host on `network`, which must outlive it.
  explicit Host(Net& network, SchedulerOptions options = {})
      : scheduler_(network, std::move(options)) {}
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// Returns the network that the host runs on.
  [[nodiscard]] Net& network() { return scheduler_.source(); }
  /// Returns the host's scheduler, which lives as long as the host.
  [[nodiscard]] Scheduler<Net>& scheduler() { return scheduler_; }
  [[nodiscard]] const Scheduler<Net>& scheduler() const { return scheduler_; }
  operator Executor&() { return scheduler_; }  // NOLINT(google-explicit-constructor)

  using SpawnErrors<Host<Net>>::spawn;
  /// Starts a task: a Task<T>, or a callable that returns one. A callable that accepts the host is
  /// called with it. The callable lives as long as its task. Returns a JoinHandle<T>; dropping it
  /// detaches the task. See Scheduler::spawn.
  template <class F>
  auto spawn(std::string_view name, F&& runs)
    requires SpawnableOn<F, Host>
  {
    if constexpr (TaskMaker<F, Host&>) {
      return scheduler_.spawn(name, std::forward<F>(runs), *this);
    } else {
      return scheduler_.spawn(name, std::forward<F>(runs));
    }
  }
  /// Starts a task without a name: its path ends with its number among its parent's
  /// unnamed children.
  template <class F>
  auto spawn(F&& runs)
    requires SpawnableOn<F, Host>
  {
    return spawn(std::string_view(), std::forward<F>(runs));
  }

  /// Runs the tasks until none is left, stop() is called, or nothing can wake those that are left.
  /// See Scheduler::run.
  RunEnd run() { return scheduler_.run(); }
  /// Runs the tasks until a condition holds, an instant is reached, or the task of a JoinHandle is
  /// done. See Scheduler::run_until.
  template <class Until>
  RunEnd run_until(Until&& until) {
    return scheduler_.run_until(std::forward<Until>(until));
  }
  /// Ends run() after the current round. The tasks stay; run() may be called again.
  void stop() { scheduler_.stop(); }
  /// Returns all tasks that are not done: what they wait for, since when, and at which lines.
  [[nodiscard]] std::vector<TaskInfo> tasks() const { return scheduler_.tasks(); }
  /// Returns the time of this host: that of the last wait, the same throughout a task's turn.
  [[nodiscard]] Instant now() const { return scheduler_.now(); }

  /// Opens a listener at `at`, of TCP or of Unix sockets. With port 0 the kernel picks a free port;
  /// see Listener::local. The file of a Unix socket stays when the listener is closed; see
  /// ListenOptions::replace_stale. Throws std::system_error: address_in_use, permission_denied,
  /// address_not_available, ...
  Listener<Net> listen(const Endpoint& at, const ListenOptions& options = {});
  /// Opens a TCP connection, or one of Unix sockets: `connect(unix_path("/run/x.sock"))`. A name is
  /// resolved, and its addresses are tried in order. Throws std::system_error with the error of the
  /// last one: connection_refused, host_unreachable, timed_out, ...; for a Unix socket
  /// no_such_file_or_directory, or operation_would_block if the backlog is full. The options hold
  /// from the start: a user timeout limits each attempt too. If cancelled, closes the attempt under
  /// way; the peer may have accepted it already, and then sees a RST.
  Task<Stream<Net>> connect(Address to, StreamOptions options = {});
  /// Opens a datagram socket bound to `at`, of UDP or of Unix. With port 0 the kernel picks a free
  /// port; see Datagram::local. With unix_unnamed() it can only send. Throws std::system_error.
  Datagram<Net> bind(const Endpoint& at, const BindOptions& options = {});
  /// Resolves `name`. Returns its addresses, at least one, all with port 0. Throws
  /// std::system_error. If cancelled, drops the answer.
  Task<std::vector<Endpoint>> resolve(std::string name);
  /// Takes over these signals of the process: until the result is destroyed, they lose their
  /// default effect and can be awaited. Throws std::system_error.
  Signals<Net> signals(std::initializer_list<int> numbers);
  /// Opens the inbox `name`, to which other threads post messages. Messages that were posted
  /// before it was opened are in it. Throws std::system_error: device_or_resource_busy if it is
  /// open already.
  Inbox<Net> inbox(std::string_view name);
  /// Runs `f` on another thread: `auto value = co_await host.run_blocking(f)` is what `f()`
  /// returns or throws. `f` must own what it uses. Throws std::system_error if the host can
  /// start no more work. If the caller is cancelled, the work continues and its result is
  /// dropped. See sched/io/blocking.hpp.
  template <std::invocable F>
  auto run_blocking(F f) {
    return sched::run_blocking(scheduler_, std::move(f));
  }
  /// Returns the wall-clock time (UTC), for dates in logs, certificates and the like. It may jump
  /// forward and back, so measure durations with now(). In a simulation it is
  /// WorldOptions::epoch plus the time of the host's clock.
  [[nodiscard]] WallTime wall_clock() { return network().wall_clock(); }
  /// Returns 64 unpredictable bits. In a simulation they depend only on the run's data seed.
  [[nodiscard]] std::uint64_t random() { return network().random(); }
  /// Returns a number below `outcomes`: always 0 in production. A simulation chooses it, so
  /// that a test can explore rare branches of the program. `name` is part of the choice's name
  /// in schedules.
  [[nodiscard]] std::uint32_t choose(std::string_view name, std::uint32_t outcomes) {
    return network().choose(name, outcomes);
  }
  /// Writes a line to the log. On a real network it goes to stderr, or to where log_to() of the
  /// network sends it, such as spdlog (`<rehearsal/spdlog.hpp>`). In a simulation it is an event of
  /// the run, with its time, host and task, and part of the report of a failure.
  void log(std::string_view text) {
    if constexpr (hooks_of<Net>.logs) {
      network().log(text);
    } else {
      log_to_stderr(text);
    }
  }

 private:
  Task<Stream<Net>> connect_to(Endpoint to, StreamOptions options);

  Scheduler<Net> scheduler_;
};

// Implementation.

template <Network Net>
Listener<Net> Host<Net>::listen(const Endpoint& at, const ListenOptions& options) {
  const Result<Descriptor> listening = network().listen(at, options);
  if (!listening.ok()) {
    throw_error(listening.error(), "listen on " + at.to_string());
  }
  return Listener<Net>(scheduler_, listening.value());
}

template <Network Net>
Task<Stream<Net>> Host<Net>::connect(Address to, StreamOptions options) {
  std::vector<Endpoint> candidates;
  if (const auto endpoint = Endpoint::numeric(to.host(), to.port())) {
    candidates.push_back(*endpoint);
  } else {
    candidates = co_await resolve(to.host());
  }
  std::exception_ptr last;
  for (const Endpoint& candidate : candidates) {
    try {
      auto stream = co_await connect_to(candidate.with_port(to.port()), options);
      co_return std::move(stream);
    } catch (const std::system_error&) {
      last = std::current_exception();
    }
  }
  std::rethrow_exception(last);
}

template <Network Net>
Task<Stream<Net>> Host<Net>::connect_to(Endpoint to, StreamOptions options) {
  const Result<Connecting> connecting = network().connect(to);
  if (!connecting.ok()) {
    throw_error(connecting.error(), "connect to " + to.to_string());
  }
  Stream<Net> stream(scheduler_, connecting.value().descriptor, to);
  if (options != StreamOptions()) {
    stream.set_options(options);
  }
  if (connecting.value().in_progress) {
    scheduler_.handles().not_yet(stream.handle());
    SocketCall call(scheduler_, stream.handle(), Direction::send,
                    [](Net& net, Descriptor descriptor) { return net.connected(descriptor); });
    const Result<> answer = co_await call;
    if (!answer.ok()) {
      throw_error(answer.error(), "connect to " + to.to_string());
    }
    scheduler_.handles().report({stream.handle().descriptor, Readiness::recv | Readiness::send});
  }
  co_return std::move(stream);
}

template <Network Net>
Datagram<Net> Host<Net>::bind(const Endpoint& at, const BindOptions& options) {
  const Result<Descriptor> bound = network().bind(at, options);
  if (!bound.ok()) {
    throw_error(bound.error(), "bind " + at.to_string());
  }
  return Datagram<Net>(scheduler_, bound.value());
}

template <Network Net>
Task<std::vector<Endpoint>> Host<Net>::resolve(std::string name) {
  const Result<Descriptor> begun = network().resolve(name);
  if (!begun.ok()) {
    throw_error(begun.error(), "resolve " + name);
  }
  const Completion<Net> completion(scheduler_, begun.value());
  SocketCall call(scheduler_, completion.handle(), Direction::recv,
                  [](Net& net, Descriptor descriptor) { return net.resolved(descriptor); });
  Result<std::vector<Endpoint>> found = co_await call;
  if (!found.ok()) {
    throw_error(found.error(), "resolve " + name);
  }
  co_return std::move(found.value());
}

template <Network Net>
Signals<Net> Host<Net>::signals(std::initializer_list<int> numbers) {
  const Result<Descriptor> opened =
      network().signals(std::span<const int>(numbers.begin(), numbers.size()));
  if (!opened.ok()) {
    throw_error(opened.error(), "take over signals");
  }
  return Signals<Net>(scheduler_, opened.value());
}

template <Network Net>
Inbox<Net> Host<Net>::inbox(std::string_view name) {
  const Result<Descriptor> opened = network().inbox(name);
  if (!opened.ok()) {
    throw_error(opened.error(), "open the inbox " + std::string(name));
  }
  return Inbox<Net>(scheduler_, opened.value());
}

}  // namespace rehearsal::sched
