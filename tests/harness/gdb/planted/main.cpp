// A program of one scenario, which shows a debugger a value of each type that has a pretty printer.
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "harness/cli/scenario_commands.hpp"
#include "sched/sync/sleep.hpp"
#include "simnet/scenario.hpp"
#include "simnet/trace/trace.hpp"
#include "simnet/world.hpp"

namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using rehearsal::sched::Address;
using rehearsal::sched::Bytes;
using rehearsal::sched::ConstBytes;
using rehearsal::sched::Endpoint;
using rehearsal::sched::Handle;
using rehearsal::sched::Instant;
using rehearsal::sched::JoinHandle;
using rehearsal::sched::PromiseBase;
using rehearsal::sched::Result;
using rehearsal::sched::Task;
using rehearsal::sched::TaskRecord;
using rehearsal::sched::WallTime;
using rehearsal::simnet::Choice;
using rehearsal::simnet::Deviation;
using rehearsal::simnet::Op;
using rehearsal::simnet::RunEvent;
using rehearsal::simnet::Schedule;
using rehearsal::simnet::SimulatedHost;
using rehearsal::simnet::Site;
using rehearsal::simnet::TraceEvent;
using rehearsal::simnet::World;
using Net = rehearsal::simnet::SimulatedNetwork;
using Host = rehearsal::sched::Host<Net>;
using Stream = rehearsal::sched::Stream<Net>;
using Listener = rehearsal::sched::Listener<Net>;

// Memory that was never a value of any type.
std::array<std::byte, 4096> garbage;  // NOLINT(*-non-const-global-variables)

constexpr std::string_view hello = "say \"hi\"\n";
constexpr std::array<unsigned char, 3> binary = {0, 0xff, 'a'};

struct Plain {
  rehearsal::sched::Duration whole = 3s;
  rehearsal::sched::Duration part = -1500us;
  Instant then{1ms + 1ns};
  Instant never = rehearsal::sched::never;
  WallTime date{1'735'689'600s + 5ms};
  Endpoint v4{"10.0.0.1", 80};
  Endpoint v6{"fe80::1%2", 443};
  Endpoint path = rehearsal::sched::unix_path("/run/x.sock");
  Endpoint abstract = rehearsal::sched::unix_abstract("x");
  Address name{"db", 5432};
  ConstBytes text = std::as_bytes(std::span(hello));
  ConstBytes hex = std::as_bytes(std::span(binary));
  Bytes none;
  ConstBytes long_one = std::as_bytes(std::span(garbage));
  Result<int> seven{7};
  Result<int> failed{std::errc::connection_reset};
  Result<> done;
  Deviation deviation{{Site::late, "a/b c#0>", 3}, 1300};
  Schedule schedule{"bank", 7, {deviation, {{Site::run, "server", 0}, 2}}};
  Choice choice;
  Handle handle;
  TraceEvent event;
  RunEvent told{Op::crash, 2, -1, Instant{2ms}};

  Plain() {
    event.t = Instant{3us};
    event.task = "server/echo";
    event.op = Op::send;
    event.handle = "client/0#0<";
    event.at = "echo.cpp:12";
  }
};

// For a breakpoint.
[[gnu::noinline]] void look_at_values(
    [[maybe_unused]] const Plain& plain, [[maybe_unused]] Host& host, [[maybe_unused]] World& world,
    [[maybe_unused]] SimulatedHost& machine, [[maybe_unused]] Stream& stream,
    [[maybe_unused]] const TaskRecord& self, [[maybe_unused]] JoinHandle<>& nap,
    [[maybe_unused]] JoinHandle<>& nothing, [[maybe_unused]] Task<int>& lazy,
    [[maybe_unused]] Task<int>& empty) {
  asm volatile("" : : : "memory");
}

Task<int> count() { co_return 1; }

Task<> nap() {
  co_await rehearsal::sched::sleep_for(1s);  // the nap
}

Task<> serve(Host& host) {
  Listener listener = host.listen({"0.0.0.0", 7});
  std::optional<Stream> stream = co_await listener.accept();
  std::array<char, 8> buffer{};
  const std::size_t size = co_await stream->recv(buffer);
  co_await stream->send(std::string_view(buffer.data(), size));
}

Task<> ask(Host& host, World& world) {
  co_await rehearsal::sched::sleep_for(1500us);
  Stream stream = co_await host.connect(Address("server", 7));
  co_await stream.send("hi\n");
  JoinHandle<> napping = host.spawn("nap", nap());
  JoinHandle<> nothing;
  Task<int> lazy = count();
  Task<int> empty = std::move(lazy);
  std::swap(lazy, empty);
  const Plain plain;
  const TaskRecord& self = co_await rehearsal::sched::this_task();
  co_await rehearsal::sched::yield();
  look_at_values(plain, host, world, world.host("client"), stream, self, napping, nothing, lazy,
                 empty);
  std::array<char, 8> buffer{};
  const std::size_t size = co_await stream.recv(buffer);
  world.always("it answers", size == 0);
}

rehearsal::simnet::Scenario values() {
  return {"values", "Shows values to a debugger, and fails", [](World& world) {
            world.host("server").spawn("serve", [](Host& host) { return serve(host); });
            world.host("client").spawn("ask", [&world](Host& host) { return ask(host, world); });
            world.at(2s, [] {});
          }};
}

}  // namespace

int main(int count, char** arguments) {
  std::memset(garbage.data(), 0xa5, garbage.size());
  std::thread([] { ::pause(); }).detach();  // a thread without a world
  return rehearsal::harness::run_scenarios(count, arguments, {values()});
}
