// A datagram may be lost, and so may its answer. A sender that repeats it must expect that it
// arrives twice. This meter counts it twice.
#include <array>
#include <set>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

sched::Task<> run_meter(Version version, std::shared_ptr<int> total, Host& host) {
  Datagram socket = host.bind({"0.0.0.0", port});
  std::set<std::string> seen;
  std::array<std::byte, 64> buffer{};
  for (;;) {
    const sched::Received received = co_await socket.recv_from(buffer);
    const auto pulse = sched::ConstBytes(buffer).first(received.size);
    const std::string id(reinterpret_cast<const char*>(pulse.data()), pulse.size());
    const bool first = seen.insert(id).second;
    if (version == Version::buggy || first) {
      ++*total;
    }
    co_await socket.send_to(pulse, received.from);
  }
}

// Waits until `id` is acknowledged.
sched::Task<> await_answer(Datagram& socket, std::string id) {
  std::array<std::byte, 64> buffer{};
  std::string answer;
  while (answer != id) {
    const sched::Received received = co_await socket.recv_from(buffer);
    answer.assign(reinterpret_cast<const char*>(buffer.data()), received.size);
  }
}

sched::Task<> send_pulses(World& world, std::shared_ptr<int> total, Host& host) {
  const auto found = co_await host.resolve("meter");
  Datagram socket = host.bind({"0.0.0.0", 0});
  for (int i = 0; i < 5; ++i) {
    const std::string id = std::to_string(i);
    for (bool answered = false; !answered;) {
      co_await socket.send_to(bytes_of(id), found.front().with_port(port));
      try {
        co_await sched::with_timeout(10ms, await_answer(socket, id));
        answered = true;
      } catch (const std::system_error&) {
        answered = false;
      }
    }
  }
  co_await sched::sleep_for(1s);
  world.always("each pulse is counted once", *total == 5);
}

}  // namespace

Scenario repeated_datagram(Version version) {
  Scenario scenario("repeated_datagram", "A meter counts a datagram that was sent again",
                    [version](World& world) {
                      auto total = std::make_shared<int>(0);
                      world.host("meter").daemon().spawn("count", [version, total](Host& host) {
                        return run_meter(version, total, host);
                      });
                      world.host("sensor").spawn("send", [&world, total](Host& host) {
                        return send_pulses(world, total, host);
                      });
                    });
  scenario.rates[Site::lost] = {10'000, 1};
  scenario.rates[Site::duplicate] = {5'000, 1};
  return scenario;
}

}  // namespace rehearsal::bugs
