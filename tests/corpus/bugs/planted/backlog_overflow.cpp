// If the backlog is full, the kernel drops a connection, and its client tries again a second later.
// These clients do not wait that long. The server serves one at a time, so a slow one is enough.
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

sched::Task<> answer(Stream client) {
  std::string question = co_await expect_line(client);
  co_await send_line(client, std::move(question));
}

sched::Task<> run_overflowing_server(Version version, Host& host) {
  sched::ListenOptions options;
  options.backlog = version == Version::buggy ? 1 : 128;
  auto listener = host.listen({"0.0.0.0", port}, options);
  sched::SupervisorOptions one_at_a_time;
  one_at_a_time.limit = 1;
  sched::Supervisor sessions(host, one_at_a_time);
  for (;;) {
    co_await sessions.room();
    auto client = co_await listener.accept();
    if (!client) {
      break;
    }
    sessions.spawn(answer(std::move(*client)));
  }
  co_await sessions.join();
}

sched::Task<> be_answered(World& world, Host& host, sched::Duration at) {
  co_await until(at);
  const auto answer = co_await try_ask(host, "server", "how are you", 900ms);
  world.always("a client is answered in time", answer.has_value());
}

}  // namespace

Scenario backlog_overflow(Version version) {
  Scenario scenario(
      "backlog_overflow", "A server with a short backlog serves one client at a time",
      [version](World& world) {
        world.host("server").spawn(
            "serve", [version](Host& host) { return run_overflowing_server(version, host); });
        for (int i = 0; i < 6; ++i) {
          world.host("client-" + std::to_string(i)).spawn("ask", [&world, i](Host& host) {
            return be_answered(world, host, i * 2ms);
          });
        }
      });
  scenario.rates[Site::late].most = 20'000;
  return scenario;
}

}  // namespace rehearsal::bugs
