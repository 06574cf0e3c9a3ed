// Datagrams may be reordered: the last one received is not always the last one sent. The fixed
// variant checks the sequence number of each datagram.
#include <array>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

constexpr int last = 10;

sched::Task<> run_display(Version version, std::shared_ptr<int> shown, Host& host) {
  Datagram socket = host.bind({"0.0.0.0", port});
  std::array<std::byte, 64> buffer{};
  for (;;) {
    const sched::Received received = co_await socket.recv_from(buffer);
    const std::string text(reinterpret_cast<const char*>(buffer.data()), received.size);
    const int number = std::stoi(text);
    if (version == Version::buggy || number > *shown) {
      *shown = number;
    }
  }
}

sched::Task<> send_levels(World& world, std::shared_ptr<int> shown, Host& host) {
  const auto found = co_await host.resolve("display");
  Datagram socket = host.bind({"0.0.0.0", 0});
  for (int number = 1; number <= last; ++number) {
    const std::string text = std::to_string(number);
    co_await socket.send_to(bytes_of(text), found.front().with_port(port));
    co_await sched::sleep_for(1ms);
  }
  co_await sched::sleep_for(1s);
  world.always("the last level is shown in the end", *shown == last);
}

}  // namespace

Scenario overtaken_datagram(Version version) {
  return {"overtaken_datagram", "A display shows the level that came last, not the last one",
          [version](World& world) {
            auto shown = std::make_shared<int>(0);
            world.host("display").daemon().spawn(
                "show", [version, shown](Host& host) { return run_display(version, shown, host); });
            world.host("sensor").spawn(
                "send", [&world, shown](Host& host) { return send_levels(world, shown, host); });
          }};
}

}  // namespace rehearsal::bugs
