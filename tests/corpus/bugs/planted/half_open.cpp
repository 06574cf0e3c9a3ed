// A peer that loses power sends nothing, so a server that only reads never notices. Its session
// stays and holds its resources, here the only place. The fixed variant waits for a limited time.
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

constexpr sched::Duration sensor_patience = 5s;

sched::Task<> serve_sensor(Version version, Stream sensor) {
  for (;;) {
    std::optional<std::string> reading;
    if (version == Version::buggy) {
      reading = co_await recv_line(sensor);
    } else {
      reading = co_await sched::with_timeout(sensor_patience, recv_line(sensor));
    }
    if (!reading) {
      break;
    }
    co_await send_line(sensor, "noted");
  }
}

sched::Task<> run_half_open_server(Version version, Host& host) {
  auto listener = host.listen({"0.0.0.0", port});
  sched::SupervisorOptions one_at_a_time;
  one_at_a_time.limit = 1;
  sched::Supervisor sessions(host, one_at_a_time);
  for (;;) {
    co_await sessions.room();
    auto client = co_await listener.accept();
    if (!client) {
      break;
    }
    sessions.spawn(serve_sensor(version, std::move(*client)));
  }
}

sched::Task<> report(Host& host) {
  Stream server = co_await host.connect({"server", port});
  for (int i = 0; i < 3; ++i) {
    co_await send_line(server, "20 degrees");
    co_await expect_line(server);
  }
}

sched::Task<> report_later(World& world, Host& host) {
  co_await until(100ms);
  const auto answer = co_await try_ask(host, "server", "21 degrees", 60s);
  world.always("a sensor is served within a minute", answer.has_value());
}

}  // namespace

Scenario half_open(Version version) {
  Scenario scenario(
      "half_open", "A sensor loses its power while it is connected", [version](World& world) {
        world.host("server").spawn(
            "serve", [version](Host& host) { return run_half_open_server(version, host); });
        world.host("sensor-0").spawn("report", report);
        world.host("sensor-1").spawn("report", [&world](Host& host) {
          return report_later(world, host);
        });
        world.survives({simnet::power_loss("sensor-0")}, {.in_all = 1, .until = 1s});
      });
  return scenario;
}

}  // namespace rehearsal::bugs
