#include "simnet/kernel/simulated_network.hpp"

#include <utility>

#include "simnet/kernel/kernel.hpp"

namespace rehearsal::simnet {

using sched::Descriptor;
using sched::Endpoint;
using sched::Result;

static_assert(sched::Network<SimulatedNetwork>);

Kernel& SimulatedNetwork::kernel() { return static_cast<Kernel&>(*this); }
const Kernel& SimulatedNetwork::kernel() const { return static_cast<const Kernel&>(*this); }

sched::Instant SimulatedNetwork::now() const { return kernel().now(); }
[[gnu::hot]] Result<> SimulatedNetwork::watch(Descriptor descriptor, sched::Direction way) {
  return kernel().watch(descriptor, way);
}
[[gnu::hot]] sched::Wake SimulatedNetwork::wait(sched::Deadline until, sched::ReadyList& ready) {
  return kernel().wait(until, ready);
}
[[gnu::hot]] std::uint32_t SimulatedNetwork::delay(const sched::TaskRecord& task) {
  return kernel().delay(task);
}
[[gnu::hot]] sched::Instant SimulatedNetwork::resume(const sched::TaskRecord& task) {
  return kernel().resume(task);
}
[[gnu::always_inline]] inline void SimulatedNetwork::fire_due(sched::Timers& timers,
                                                              sched::Instant now) {
  if (timers.next() > now) {
    return;
  }
  if (kernel().fabric().choices.may_deviate(Site::timer)) {
    kernel().late_timers().fire_due(kernel(), timers, now);
  } else {
    timers.fire_due(now);
  }
}
void SimulatedNetwork::touch_socket(Descriptor descriptor) { kernel().touch(descriptor); }
[[gnu::always_inline]] inline bool SimulatedNetwork::ends() {
  return process_end_.at_call(kernel());
}
Result<Descriptor> SimulatedNetwork::listen(const Endpoint& at,
                                            const sched::ListenOptions& options) {
  if (ends()) [[unlikely]] {
    process_end_.unwind();
  }
  return kernel().listen(at, options);
}
Result<sched::Accepted> SimulatedNetwork::accept(Descriptor descriptor) {
  if (ends()) [[unlikely]] {
    return sched::would_block;
  }
  return kernel().accept(descriptor);
}
Result<sched::Connecting> SimulatedNetwork::connect(const Endpoint& to) {
  if (ends()) [[unlikely]] {
    process_end_.unwind();
  }
  return kernel().connect(to);
}
Result<> SimulatedNetwork::connected(Descriptor descriptor) {
  if (ends()) [[unlikely]] {
    return sched::would_block;
  }
  return kernel().connected(descriptor);
}
[[gnu::hot]] Result<std::size_t> SimulatedNetwork::recv(Descriptor descriptor, sched::Bytes into) {
  if (ends()) [[unlikely]] {
    return sched::would_block;
  }
  return kernel().recv(descriptor, into);
}
[[gnu::hot]] Result<std::size_t> SimulatedNetwork::send(Descriptor descriptor,
                                                        sched::Pieces pieces) {
  if (ends()) [[unlikely]] {
    return sched::would_block;
  }
  return kernel().send(descriptor, pieces);
}
Result<> SimulatedNetwork::shutdown_send(Descriptor descriptor) {
  if (ends()) [[unlikely]] {
    return Result<>();
  }
  return kernel().shutdown_send(descriptor);
}
void SimulatedNetwork::close(Descriptor descriptor) {
  if (ends()) [[unlikely]] {
    return;
  }
  kernel().close(descriptor);
}
void SimulatedNetwork::abort(Descriptor descriptor) {
  if (ends()) [[unlikely]] {
    return;
  }
  kernel().abort(descriptor);
}
Result<> SimulatedNetwork::set_options(Descriptor descriptor, const sched::StreamOptions& options) {
  if (ends()) [[unlikely]] {
    return Result<>();
  }
  return kernel().set_options(descriptor, options);
}
Result<Descriptor> SimulatedNetwork::bind(const Endpoint& at, const sched::BindOptions& options) {
  if (ends()) [[unlikely]] {
    process_end_.unwind();
  }
  return kernel().bind(at, options);
}
Result<> SimulatedNetwork::set_peer(Descriptor descriptor, const Endpoint& peer) {
  if (ends()) [[unlikely]] {
    return Result<>();
  }
  return kernel().set_peer(descriptor, peer);
}
Result<sched::Received> SimulatedNetwork::recv_from(Descriptor descriptor, sched::Bytes into) {
  if (ends()) [[unlikely]] {
    return sched::would_block;
  }
  return kernel().recv_from(descriptor, into);
}
Result<std::size_t> SimulatedNetwork::send_to(Descriptor descriptor, sched::ConstBytes from,
                                              const Endpoint& to) {
  if (ends()) [[unlikely]] {
    return sched::would_block;
  }
  return kernel().send_to(descriptor, from, to);
}
Result<Endpoint> SimulatedNetwork::local(Descriptor descriptor) {
  return kernel().local(descriptor);
}
Result<Endpoint> SimulatedNetwork::peer(Descriptor descriptor) { return kernel().peer(descriptor); }
std::string SimulatedNetwork::connection_name(Descriptor descriptor) const {
  return kernel().connection_name(descriptor);
}
Result<Descriptor> SimulatedNetwork::resolve(std::string_view name) {
  if (ends()) [[unlikely]] {
    process_end_.unwind();
  }
  return kernel().resolve(name);
}
Result<std::vector<Endpoint>> SimulatedNetwork::resolved(Descriptor descriptor) {
  return kernel().resolved(descriptor);
}
Result<Descriptor> SimulatedNetwork::signals(std::span<const int> numbers) {
  if (ends()) [[unlikely]] {
    process_end_.unwind();
  }
  return kernel().signals(numbers);
}
Result<int> SimulatedNetwork::next_signal(Descriptor descriptor) {
  return kernel().next_signal(descriptor);
}
Result<Descriptor> SimulatedNetwork::inbox(std::string_view name) {
  if (ends()) [[unlikely]] {
    process_end_.unwind();
  }
  return kernel().inbox(name);
}
Result<sched::Message> SimulatedNetwork::next_message(Descriptor descriptor) {
  return kernel().next_message(descriptor);
}
Result<Descriptor> SimulatedNetwork::start_blocking(std::function<void()> work) {
  if (ends()) [[unlikely]] {
    process_end_.unwind();
  }
  return kernel().start_blocking(std::move(work));
}
const std::string& SimulatedNetwork::name() const { return kernel().name(); }
sched::WallTime SimulatedNetwork::wall_clock() {
  Fabric& fabric = kernel().fabric();
  const sched::WallTime time = fabric.epoch + kernel().now().time_since_epoch();
  fabric.note({Op::wall_clock, kernel().number(), -1, kernel().at(), kernel().key(),
               static_cast<std::uint64_t>(time.time_since_epoch().count())});
  return time;
}
std::uint64_t SimulatedNetwork::random() { return kernel().random(); }
std::uint32_t SimulatedNetwork::choose(std::string_view name, std::uint32_t outcomes) {
  return kernel().choose(name, outcomes);
}
void SimulatedNetwork::log(std::string_view text) {
  if (!process_end_.ended()) {
    kernel().fabric().note({Op::log, kernel().number(), -1, kernel().at(), kernel().key(), 0,
                            std::as_bytes(std::span(text))});
  }
}

}  // namespace rehearsal::simnet

template class rehearsal::sched::Handles<rehearsal::simnet::SimulatedNetwork>;
template class rehearsal::sched::Scheduler<rehearsal::simnet::SimulatedNetwork>;
