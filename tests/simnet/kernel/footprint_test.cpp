// A search learns of each call on a descriptor that it touches this socket: otherwise it could
// leave out an order of two steps that matters.
#include "sched/core/footprint.hpp"

#include <array>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "simnet/kernel/any_socket.hpp"
#include "simnet/kernel/kernel.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Descriptor;
using sched::Task;

class Accesses final : public sched::Footprint {
 public:
  void touch(std::uint64_t object, sched::Access /*how*/) override { objects.insert(object); }
  std::uint64_t new_object() override { return 1; }

  std::set<std::uint64_t> objects;
};

struct Call {
  template <class F>
  Call(std::string call_name, Descriptor of, F f)
      : name(std::move(call_name)),
        descriptor(of),
        make([f](Kernel& kernel, Descriptor at) { static_cast<void>(f(kernel, at)); }) {}

  std::string name;
  Descriptor descriptor;
  std::function<void(Kernel&, Descriptor)> make;
};

// Makes each call, in this order.
void expect_touches(Kernel& kernel, const std::vector<Call>& calls) {
  for (const Call& call : calls) {
    const std::uint64_t key = key_of(*kernel.descriptors().find(call.descriptor));
    Accesses accesses;
    sched::footprint = &accesses;
    call.make(kernel, call.descriptor);
    sched::footprint = nullptr;
    EXPECT_TRUE(accesses.objects.contains(key)) << call.name;
  }
}

TEST(Footprint, of_a_call_on_a_descriptor_has_its_socket) {
  World world;
  world.host("a").spawn([&world](ProgramHost& /*host*/) -> Task<> {
    static constexpr int numbers[] = {15};
    static std::array<std::byte, 1> byte{};
    static constexpr std::array<sched::ConstBytes, 0> nothing{};
    const sched::Endpoint tcp{"127.0.0.1", 7};
    const sched::Endpoint udp{"127.0.0.1", 9};
    Kernel& kernel = world.host("a").kernel();
    const Descriptor listener = kernel.listen(tcp, {}).value();
    const Descriptor stream = kernel.connect(tcp).value().descriptor;
    co_await sched::sleep_for(1ms);
    const Descriptor socket = kernel.bind(udp, {}).value();
    const Descriptor signals = kernel.signals(numbers).value();
    const Descriptor inbox = kernel.inbox("in").value();
    const Descriptor lookup = kernel.resolve("a").value();
    const auto watch = [](Kernel& k, Descriptor d) { return k.watch(d, sched::Direction::recv); };
    const auto connected = [](Kernel& k, Descriptor d) { return k.connected(d); };
    const auto shutdown = [](Kernel& k, Descriptor d) { return k.shutdown_send(d); };
    const auto close = [](Kernel& k, Descriptor d) { return k.close(d); };
    expect_touches(
        kernel,
        {{"watch", stream, watch},
         {"connected", stream, connected},
         {"peer", stream, [](Kernel& k, Descriptor d) { return k.peer(d); }},
         {"recv", stream, [](Kernel& k, Descriptor d) { return k.recv(d, byte); }},
         {"send", stream, [](Kernel& k, Descriptor d) { return k.send(d, nothing); }},
         {"set_options", stream, [](Kernel& k, Descriptor d) { return k.set_options(d, {}); }},
         {"shutdown_send", stream, shutdown},
         {"accept", listener, [](Kernel& k, Descriptor d) { return k.accept(d); }},
         {"set_peer", socket, [=](Kernel& k, Descriptor d) { return k.set_peer(d, udp); }},
         {"connected of UDP", socket, connected},
         {"recv_from", socket, [](Kernel& k, Descriptor d) { return k.recv_from(d, byte); }},
         {"send_to", socket, [=](Kernel& k, Descriptor d) { return k.send_to(d, byte, udp); }},
         {"shutdown_send of UDP", socket, shutdown},
         {"next_signal", signals, [](Kernel& k, Descriptor d) { return k.next_signal(d); }},
         {"next_message", inbox, [](Kernel& k, Descriptor d) { return k.next_message(d); }},
         {"resolved", lookup, [](Kernel& k, Descriptor d) { return k.resolved(d); }}});
    for (const Descriptor open : {listener, stream, socket, signals, inbox, lookup}) {
      expect_touches(kernel, {{"close", open, close}});
    }
  });
  EXPECT_TRUE(world.run().ok());
}

// A rule counts the calls of all tasks.
TEST(Footprint, of_a_call_that_a_rule_looks_at_has_everything) {
  World world;
  world.faults().add(FaultRule("full", Operation::listen, Verdict()).every(1));
  Accesses accesses;
  sched::footprint = &accesses;
  EXPECT_TRUE(world.host("a").kernel().listen({"10.0.0.1", 7}, {}).ok());
  sched::footprint = nullptr;
  EXPECT_TRUE(accesses.objects.contains(sched::everything));
}

// The work may use what the tasks of the program share.
TEST(Footprint, of_blocking_work_has_the_program_unless_its_tasks_are_isolated) {
  for (const bool isolated : {false, true}) {
    World world;
    HostOptions options;
    options.isolated_tasks = isolated;
    options.blocking_takes = 1ms;
    SimulatedHost& host = world.host("a", options);
    host.spawn([](ProgramHost& here) { return here.run_blocking([] {}); });
    Accesses accesses;
    world.at(500us).run([&accesses] { sched::footprint = &accesses; });
    world.at(1ms + 1us).run([] { sched::footprint = nullptr; });
    world.run_for(2ms);
    EXPECT_EQ(accesses.objects.contains(host.kernel().key_of(Kernel::Part::program)), !isolated);
  }
}

}  // namespace
}  // namespace rehearsal::simnet
