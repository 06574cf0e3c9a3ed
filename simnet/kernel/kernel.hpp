// Kernel: the simulated kernel of one host, as its program sees it through the
// sched::Network interface.
//
// A kernel works at the instants at which something arrives, also while its program is busy,
// stopped or dead. What becomes ready is reported at the program's next wait, each change once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sched/core/footprint.hpp"
#include "sched/core/timers.hpp"
#include "sched/seam/hooks.hpp"
#include "sched/seam/network.hpp"
#include "simnet/kernel/clock.hpp"
#include "simnet/kernel/datagrams.hpp"
#include "simnet/kernel/descriptors.hpp"
#include "simnet/kernel/event_sources.hpp"
#include "simnet/kernel/host_options.hpp"
#include "simnet/kernel/late_timers.hpp"
#include "simnet/kernel/ports.hpp"
#include "simnet/kernel/simulated_network.hpp"
#include "simnet/kernel/socket_info.hpp"
#include "simnet/kernel/tcp_end.hpp"
#include "simnet/kernel/udp.hpp"
#include "simnet/kernel/unix_sockets.hpp"
#include "simnet/kernel/watcher.hpp"
#include "simnet/network/fabric.hpp"

namespace rehearsal::simnet {

class Kernel final : public SimulatedNetwork {
 public:
  // Creates the kernel of the host `name`. Its address is the `number`th of 10.0.0.0/8.
  Kernel(Fabric& fabric, std::string name, const HostOptions& options);
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  // The sched::Network interface. now() is on the host's own clock.
  [[nodiscard]] sched::Instant now() const { return clock_.local(at_); }
  sched::Result<> watch(sched::Descriptor descriptor, sched::Direction way);
  void unwatch(sched::Descriptor /*descriptor*/, sched::Direction /*way*/) {}
  sched::Wake wait(sched::Deadline until, sched::ReadyList& ready);
  std::uint32_t delay(const sched::TaskRecord& task);
  sched::Instant resume(const sched::TaskRecord& task);
  [[nodiscard]] LateTimers& late_timers() { return late_timers_; }

  sched::Result<sched::Descriptor> listen(const sched::Endpoint& at,
                                          const sched::ListenOptions& options);
  sched::Result<sched::Accepted> accept(sched::Descriptor descriptor);
  // `bound` is a TCP socket from whose address it connects, and which it replaces; -1 if none.
  sched::Result<sched::Connecting> connect(const sched::Endpoint& to, sched::Descriptor bound = -1);
  sched::Result<> connected(sched::Descriptor descriptor);
  sched::Result<std::size_t> recv(sched::Descriptor descriptor, sched::Bytes into);
  sched::Result<std::size_t> send(sched::Descriptor descriptor, sched::Pieces pieces);
  sched::Result<> shutdown_send(sched::Descriptor descriptor);
  void close(sched::Descriptor descriptor);
  void abort(sched::Descriptor descriptor);
  sched::Result<> set_options(sched::Descriptor descriptor, const sched::StreamOptions& options);
  sched::Result<sched::Descriptor> bind(const sched::Endpoint& at,
                                        const sched::BindOptions& options) {
    return datagrams_.bind(at, options);
  }
  sched::Result<> set_peer(sched::Descriptor descriptor, const sched::Endpoint& peer) {
    return datagrams_.set_peer(descriptor, peer);
  }
  sched::Result<sched::Received> recv_from(sched::Descriptor descriptor, sched::Bytes into) {
    return datagrams_.recv_from(descriptor, into);
  }
  sched::Result<std::size_t> send_to(sched::Descriptor descriptor, sched::ConstBytes from,
                                     const sched::Endpoint& to) {
    return datagrams_.send_to(descriptor, from, to);
  }
  sched::Result<sched::Endpoint> local(sched::Descriptor descriptor);
  sched::Result<sched::Endpoint> peer(sched::Descriptor descriptor);
  [[nodiscard]] std::string connection_name(sched::Descriptor descriptor) const;
  sched::Result<sched::Descriptor> resolve(std::string_view name) {
    return event_sources_.resolve(name);
  }
  sched::Result<std::vector<sched::Endpoint>> resolved(sched::Descriptor descriptor) {
    return event_sources_.resolved(descriptor);
  }
  sched::Result<sched::Descriptor> signals(std::span<const int> numbers) {
    return event_sources_.signals(numbers);
  }
  sched::Result<int> next_signal(sched::Descriptor descriptor) {
    return event_sources_.next_signal(descriptor);
  }
  sched::Result<sched::Descriptor> inbox(std::string_view name) {
    return event_sources_.inbox(name);
  }
  sched::Result<sched::Message> next_message(sched::Descriptor descriptor) {
    return event_sources_.next_message(descriptor);
  }
  sched::Result<sched::Descriptor> start_blocking(std::function<void()> work) {
    return event_sources_.start_blocking(std::move(work));
  }
  std::uint64_t random();
  std::uint32_t choose(std::string_view name, std::uint32_t outcomes);

  // What a process sees beside the sched::Network interface: bind(2) apart from listen(2) and
  // connect(2), and recv(2) with MSG_PEEK. unlisten() is shutdown(2) of a listener.
  sched::Result<sched::Descriptor> bind_stream(const sched::Endpoint& at,
                                               const sched::ListenOptions& options);
  sched::Result<> listen(sched::Descriptor bound, int backlog);
  void unlisten(sched::Descriptor listener);
  sched::Result<std::size_t> peek(sched::Descriptor descriptor, sched::Bytes into);
  // Sets the watcher of a socket, which is called at each change until the socket is closed.
  void set_watcher(sched::Descriptor descriptor, Watcher& watcher) {
    watchers_.set(descriptor, &watcher);
    has_watchers_ = true;
  }

  // The watcher of a descriptor, which may have another one since, does not exist any more.
  void forget_watcher(sched::Descriptor descriptor, const Watcher& watcher) {
    if (watchers_.find(descriptor) == &watcher) {
      watchers_.forget(descriptor);
    }
  }

  // Begins the process number `boot` of the host, counted from 1. Each process has its own choices,
  // named by "server", "server~2" and so on, and counted from 0.
  void begin_process(std::uint32_t boot);
  void raise(int signal) { event_sources_.raise(signal); }
  void post(std::string_view inbox, sched::Message message) {
    event_sources_.post(inbox, std::move(message));
  }
  // Makes the program continue `time` later than it would: what it does in this turn from now on
  // happens then.
  void delay_program(sched::Duration time) { at_ = busy_until_ = sched::after(at_, time); }
  void jump_clock(sched::Duration forward) { clock_.jump(forward); }
  // Ends the process: closes every socket as a kernel does.
  void end_process();
  // Cuts the power: nothing is sent, and nothing that arrives is answered until power_on().
  void power_off();
  void power_on(sched::Instant at);

  // Returns how many descriptors the process has open.
  [[nodiscard]] std::size_t open_descriptors() const;
  // Returns what poll(2) would report for this descriptor now; for tests.
  [[nodiscard]] sched::Result<sched::Readiness> probe(sched::Descriptor descriptor) const;

  // Returns the sockets that the program has open, in order of their descriptors.
  [[nodiscard]] std::vector<SocketInfo> sockets() const;

  // For the parts of this kernel.
  [[nodiscard]] Fabric& fabric() const { return fabric_; }
  [[nodiscard]] std::uint32_t number() const { return number_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint64_t key() const { return key_; }
  // The name of its process, and the key of that name. The first process has the name and the key
  // of the host.
  [[nodiscard]] const std::string& process() const { return process_; }
  [[nodiscard]] std::uint64_t process_key() const { return process_key_; }
  // Returns a name for a new socket, unique in the run: "server:udp/5353", the next time
  // "server:udp/5353~2". If the program asked for no port or path, the socket is named after the
  // task, because the order in which tasks get ports differs between runs.
  [[nodiscard]] SocketName socket_name(std::string_view asked, bool of_task);
  [[nodiscard]] const sched::Endpoint& address() const { return address_; }
  [[nodiscard]] const HostOptions& options() const { return options_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] bool has_power() const { return has_power_; }
  // Returns the instant, on the world's clock, of what this host does now.
  [[nodiscard]] sched::Instant at() const { return at_; }
  // Returns the task that runs or ran last; null if none has run or that task has ended.
  [[nodiscard]] const sched::TaskRecord* task() const { return task_; }
  // Returns the task that makes a call now; null outside of every task, as in a scenario's script.
  [[nodiscard]] const sched::TaskRecord* caller() const {
    return running_ == this ? task_ : nullptr;
  }
  // Returns the kernel whose program runs on this thread, or null if none does.
  [[nodiscard]] static Kernel* running() { return running_; }
  // Marks the program as running while this object exists.
  class Running {
   public:
    explicit Running(Kernel& kernel) { running_ = &kernel; }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() { running_ = nullptr; }
  };
  // Notes that `task` has ended.
  void forget(const sched::TaskRecord& task) {
    if (task_ == &task) {
      task_ = nullptr;
    }
  }
  // Returns when the program has done what it is doing.
  [[nodiscard]] sched::Instant busy_until() const { return busy_until_; }
  // Returns the timers of this kernel, whose firing makes its events happen.
  [[nodiscard]] const sched::Timers& timers() const { return timers_; }
  // Returns whether the program's next wait will find something.
  [[nodiscard]] bool has_report() const { return !found_.empty(); }
  // Makes everything due at `at` happen. REQUIRES: nothing was due before `at`.
  void work(sched::Instant at) {
    at_ = at;
    timers_.fire_due(at);
  }
  // Makes one event of this kernel happen, which is due at `at`.
  void fire(sched::Timer& timer, sched::Instant at) {
    at_ = at;
    timers_.fire(timer);
  }
  // The parts of a kernel that a search tells apart: see sched/core/footprint.hpp.
  enum class Part : std::uint8_t {
    descriptors = 1,
    ports,
    listeners,
    datagrams,
    random,
    program,
    unix_names
  };
  [[nodiscard]] std::uint64_t key_of(Part part) const {
    return key_ + static_cast<std::uint64_t>(part);
  }
  void touch(sched::Descriptor descriptor) {
    if (sched::footprint != nullptr) [[unlikely]] {
      touch_socket(descriptor);
    }
  }
  // Lets the program run at `at`.
  void begin_round(sched::Instant at) { at_ = busy_until_ = at; }
  void set_timer(sched::Timer& timer, sched::Instant at) {
    timers_.set(timer, at);
    fabric_.queue.lower(number_, at);
  }
  void report(OpenFile& socket, sched::Readiness what);
  // Tells the watcher of a socket, if it has one, that a send which took less than there is room
  // for may be tried again: a program that waits for edges takes it for a full buffer (epoll(7)).
  void report_room(const OpenFile& socket) const;
  void report_now(DelayedReport& delayed, sched::Descriptor descriptor, sched::Readiness what);
  [[nodiscard]] Datagrams& datagrams() { return datagrams_; }
  // Returns the socket of a descriptor, or null if it has no socket of this kind.
  template <class S>
  [[nodiscard]] S* find(sched::Descriptor descriptor, OpenFile::Kind kind) const {
    OpenFile* socket = descriptors_.find(descriptor);
    return socket != nullptr && socket->kind() == kind ? static_cast<S*>(socket) : nullptr;
  }
  [[nodiscard]] Ports& ports() { return ports_; }
  [[nodiscard]] UnixSocket* unix_socket(sched::Descriptor descriptor) const {
    return find<UnixSocket>(descriptor, OpenFile::Kind::unix_socket);
  }
  [[nodiscard]] UnixSockets& unix_sockets() { return unix_sockets_; }
  // Returns the error of a call that a socket does not have: by the kind of the socket, or that the
  // descriptor is not open, or not a socket.
  [[nodiscard]] std::errc unfit(sched::Descriptor descriptor, std::errc not_of_tcp,
                                std::errc not_of_udp) const;
  // Returns address_not_available if this host does not have the address.
  [[nodiscard]] sched::Result<> check_address(const sched::Endpoint& at) const;
  // Returns whether the process has a listener.
  [[nodiscard]] bool listens() const { return ports_.listens() || unix_sockets_.listens(); }
  [[nodiscard]] Descriptors& descriptors() { return descriptors_; }
  [[nodiscard]] EventSources& event_sources() { return event_sources_; }
  // Returns the host at an address as this host sees it, or null if there is none.
  [[nodiscard]] Kernel* host_at(const sched::Endpoint& to);
  // Returns the source address of packets to `to` if the socket is not bound to another. Every
  // loopback address is reached from the first one (ip-route(8), table local).
  [[nodiscard]] sched::Endpoint source_for(const sched::Endpoint& to) const;
  // Returns the verdict of the fault rules on an operation of this host. REQUIRES: some rule
  // looks at it.
  Verdict judge(Operation on, const Kernel* other, const std::string& entity);
  void free_port(std::uint16_t port) {
    sched::touch(key_of(Part::ports));
    ports_.give_back(port);
  }

 private:
  friend class Prefetch;

  [[nodiscard]] bool is_clients(const sched::Endpoint& at, bool ipv6_only) const;
  void touch_socket(sched::Descriptor descriptor);
  std::errc call_fault(Operation on, TcpEnd& end, std::size_t& limit);
  void close(sched::Descriptor descriptor, Op op);
  sched::Result<sched::Descriptor> add_listener(const sched::Endpoint& at,
                                                const sched::ListenOptions& options);
  void free_descriptor(OpenFile& file) {
    watchers_.forget(file.descriptor());
    descriptors_.close(file);
  }
  [[nodiscard]] sched::Result<sched::Endpoint> client_address(const sched::Endpoint& remote,
                                                              TcpListener* bound);
  template <class S>
  void ask_spurious(S& socket, sched::Direction way);

  // The C library does not know the world. Its replacement asks whose program runs on this thread.
  // NOLINTNEXTLINE(*-non-const-global-variables, readability-identifier-naming)
  static inline constinit thread_local Kernel* running_ = nullptr;

  // What every event uses comes first, so that it shares cache lines.
  Fabric& fabric_;
  std::uint64_t key_;
  std::uint64_t process_key_;
  std::uint32_t number_;  // assigned by the fabric, which needs key_
  bool has_power_ = true;
  bool has_watchers_ = false;  // some file has had one
  sched::Instant at_{};
  sched::Instant busy_until_{};
  const sched::TaskRecord* task_ = nullptr;
  Clock clock_;
  std::uint32_t waits_ = 0;
  sched::Timers timers_;
  sched::ReadyList found_;
  Descriptors descriptors_;
  HostOptions options_;
  std::string name_;
  std::string process_;
  sched::Endpoint address_;
  std::uint64_t randoms_ = 0;
  Ports ports_;
  EventSources event_sources_;
  std::list<DelayedReport> delayed_reports_;
  Datagrams datagrams_;
  KeyTable<std::uint32_t> connects_;  // counted by task
  KeyTable<std::uint32_t> chosen_;    // counted by process and name
  LateTimers late_timers_;
  UnixSockets unix_sockets_;
  Watchers watchers_;
};

}  // namespace rehearsal::simnet
