// SimulatedNetwork: the simulated kernel of a host as its program sees it, and no more: what a test
// compiles of it. Every one is a Kernel (kernel.hpp), which does what it is asked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sched/core/footprint.hpp"
#include "sched/core/scheduler.hpp"
#include "sched/seam/hooks.hpp"
#include "sched/seam/network.hpp"

namespace rehearsal::simnet {

class Kernel;

class SimulatedNetwork {
 public:
  SimulatedNetwork(const SimulatedNetwork&) = delete;
  SimulatedNetwork& operator=(const SimulatedNetwork&) = delete;

  static constexpr sched::SourceHooks hooks{.takes_time = true, .touches = true};
  // The seam. now() is on the host's own clock.
  [[nodiscard]] sched::Instant now() const;
  sched::Result<> watch(sched::Descriptor descriptor, sched::Direction way);
  void unwatch(sched::Descriptor /*descriptor*/, sched::Direction /*way*/) {}
  sched::Wake wait(sched::Deadline until, sched::ReadyList& ready);
  std::uint32_t delay(const sched::TaskRecord& task);
  sched::Instant resume(const sched::TaskRecord& task);
  void touch(sched::Descriptor descriptor) {
    if (sched::footprint != nullptr) [[unlikely]] {
      touch_socket(descriptor);
    }
  }

  sched::Result<sched::Descriptor> listen(const sched::Endpoint& at,
                                          const sched::ListenOptions& options);
  sched::Result<sched::Accepted> accept(sched::Descriptor descriptor);
  sched::Result<sched::Connecting> connect(const sched::Endpoint& to);
  sched::Result<> connected(sched::Descriptor descriptor);
  sched::Result<std::size_t> recv(sched::Descriptor descriptor, sched::Bytes into);
  sched::Result<std::size_t> send(sched::Descriptor descriptor, sched::Pieces pieces);
  sched::Result<> shutdown_send(sched::Descriptor descriptor);
  void close(sched::Descriptor descriptor);
  void abort(sched::Descriptor descriptor);
  sched::Result<> set_options(sched::Descriptor descriptor, const sched::StreamOptions& options);
  sched::Result<sched::Descriptor> bind(const sched::Endpoint& at,
                                        const sched::BindOptions& options);
  sched::Result<> set_peer(sched::Descriptor descriptor, const sched::Endpoint& peer);
  sched::Result<sched::Received> recv_from(sched::Descriptor descriptor, sched::Bytes into);
  sched::Result<std::size_t> send_to(sched::Descriptor descriptor, sched::ConstBytes from,
                                     const sched::Endpoint& to);
  sched::Result<sched::Endpoint> local(sched::Descriptor descriptor);
  sched::Result<sched::Endpoint> peer(sched::Descriptor descriptor);
  [[nodiscard]] std::string connection_name(sched::Descriptor descriptor) const;
  sched::Result<sched::Descriptor> resolve(std::string_view name);
  sched::Result<std::vector<sched::Endpoint>> resolved(sched::Descriptor descriptor);
  sched::Result<sched::Descriptor> signals(std::span<const int> numbers);
  sched::Result<int> next_signal(sched::Descriptor descriptor);
  sched::Result<sched::Descriptor> inbox(std::string_view name);
  sched::Result<sched::Message> next_message(sched::Descriptor descriptor);
  sched::Result<sched::Descriptor> start_blocking(std::function<void()> work);
  std::uint64_t random();
  std::uint32_t choose(std::string_view name, std::uint32_t outcomes);

  // The name of the host, as the world knows it.
  [[nodiscard]] const std::string& name() const;

 private:
  friend class Kernel;
  SimulatedNetwork() = default;
  ~SimulatedNetwork() = default;

  [[nodiscard]] Kernel& kernel();
  [[nodiscard]] const Kernel& kernel() const;
  void touch_socket(sched::Descriptor descriptor);
};

}  // namespace rehearsal::simnet

// Compiled once, in simulated_network.cpp.
extern template class rehearsal::sched::Handles<rehearsal::simnet::SimulatedNetwork>;
extern template class rehearsal::sched::Scheduler<rehearsal::simnet::SimulatedNetwork>;
