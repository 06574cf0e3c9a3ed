// A user's program: a server that can be recorded, and rehearsed with what was recorded.
//   ledger serve PORT DIR forgetful|careful
//   ledger run DIR, replay DIR, ...
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

#include "harness/cli/scenario_commands.hpp"
#include "harness/recorded/recorded_scenario.hpp"
#include "harness/sweep/single_run.hpp"
#include "realnet/epoll.hpp"
#include "record/files/recorder.hpp"
#include "record/recording.hpp"
#include "simnet/search/shrink.hpp"
#include "tests/servers/ledger/ledger.hpp"

namespace {

using namespace rehearsal;  // NOLINT(google-build-using-namespace)

harness::LedgerOptions ledger_options(const std::string& how) {
  harness::LedgerOptions options;
  options.forgetful = how == "forgetful";
  return options;
}

// The same on every network. Gives what went wrong.
template <sched::Network Net>
std::string run_ledger(Net& network, const sched::Endpoint& at,
                       const harness::LedgerOptions& options) {
  sched::Host<Net> host(network);
  harness::Ledger<Net> ledger(host, at, options);
  auto running = host.spawn("ledger", ledger.run());
  std::printf("ledger listens on %s\n", ledger.endpoint().to_string().c_str());
  std::fflush(stdout);
  std::string wrong;
  try {
    host.run_until(running);
    running.take();
  } catch (const sched::ReplayStopped&) {
    running.cancel();
    host.scheduler().destroy_marked();
    throw;
  } catch (const std::exception& error) {
    wrong = error.what();
  }
  return wrong;
}

int report(const std::string& wrong) {
  std::printf("ledger: %s\n", wrong.c_str());
  return wrong.empty() ? 0 : 1;
}

int serve(const std::string& port, const std::string& directory, const std::string& how) {
  const sched::Endpoint at("127.0.0.1", static_cast<std::uint16_t>(std::stoi(port)));
  realnet::Epoll network;
  record::RecorderOptions options;
  options.directory = directory;
  options.segment_bytes = std::size_t{1} << 20U;
  options.most_bytes = std::size_t{32} << 20U;
  record::Recorder recorder("ledger", {"port", port, "how", how}, options, network.random());
  sched::Recording<realnet::Epoll> recording(network, recorder.log());
  return report(run_ledger(recording, at, ledger_options(how)));
}

harness::RecordableServer recordable_ledger() {
  harness::RecordableServer server;
  server.name = "ledger";
  server.replay = [](sched::Recorded& network, const sched::RecordingHead& head) {
    const sched::Endpoint at("127.0.0.1", static_cast<std::uint16_t>(std::stoi(head.flag("port"))));
    // As if the code had been mended since.
    const bool mended = std::getenv("LEDGER_MENDED") != nullptr;  // NOLINT: no thread sets it
    report(run_ledger(network, at, ledger_options(mended ? "careful" : head.flag("how"))));
  };
  server.rehearse = [](simnet::SimulatedHost& host, const sched::RecordingHead& head) {
    const harness::LedgerOptions options = ledger_options(head.flag("how"));
    host.spawn("ledger", [options](auto& on) {
      return [](auto& machine, harness::LedgerOptions with) -> sched::Task<> {
        harness::Ledger ledger(machine, sched::Endpoint("0.0.0.0", 25000), with);
        co_await ledger.run();
      }(on, options);
    });
    return std::uint16_t{25000};
  };
  return server;
}

// Looks for a failure among the recorded clients, takes away what it does not need, and writes the
// trace of what is left.
int shrink_recording(const std::string& program, const std::string& path,
                     const std::string& trace) {
  const simnet::Scenario scenario = harness::recorded_scenario(path, {recordable_ledger()});
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const simnet::RunResult found = simnet::run_scenario(scenario, {seed, {}});
    if (found.report.ok()) {
      continue;
    }
    const simnet::Shrunk shrunk = simnet::shrink(found.schedule, simnet::attempt_here(scenario));
    harness::SingleRunOptions options;
    options.program = program;
    options.trace_file = trace;
    harness::replay_once(scenario, shrunk.schedule, options);
    std::printf("%s\n", shrunk.schedule.to_string().c_str());
    return 0;
  }
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 5 && std::string_view(argv[1]) == "serve") {
    return serve(argv[2], argv[3], argv[4]);
  }
  if (argc == 4 && std::string_view(argv[1]) == "shrink-recording") {
    return shrink_recording(argv[0], argv[2], argv[3]);
  }
  return harness::run_scenarios(argc, argv, {}, {recordable_ledger()});
}
