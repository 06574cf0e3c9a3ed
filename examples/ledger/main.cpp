// The ledger, recorded in production and simulated with its recorded clients:
//   ledger serve PORT DIR forgetful|careful
//   ledger replay DIR, run DIR, ...: the commands of the program `rehearsal`
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include <rehearsal/cli.hpp>
#include <rehearsal/epoll.hpp>
#include <rehearsal/record.hpp>
#include <rehearsal/server.hpp>

#include "ledger.hpp"

namespace {

LedgerOptions ledger_options(const std::string& how) {
  LedgerOptions options;
  options.forgetful = how == "forgetful";
  return options;
}

rehearsal::Endpoint local(const std::string& port) {
  return {"127.0.0.1", static_cast<std::uint16_t>(std::stoi(port))};
}

// The same on every network. Returns what went wrong.
template <rehearsal::Network Net>
std::string run_ledger(Net& network, const rehearsal::Endpoint& at, const LedgerOptions& options) {
  rehearsal::Host host(network);
  Ledger ledger(host, at, options);
  auto running = host.spawn("ledger", ledger.run());
  std::printf("ledger listens on %s\n", ledger.endpoint().to_string().c_str());
  std::fflush(stdout);
  std::string wrong;
  try {
    host.run_until(running);
    running.take();
  } catch (const rehearsal::ReplayStopped&) {
    running.cancel();  // its tasks use the ledger, which ends before the host does
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
  rehearsal::Epoll network;
  rehearsal::RecorderOptions options;
  options.directory = directory;
  options.segment_bytes = std::size_t{1} << 20U;
  options.most_bytes = std::size_t{32} << 20U;
  // The head of the recording has what a replay needs of the command line.
  rehearsal::Recorder recorder("ledger", {"port", port, "how", how}, options, network.random());
  rehearsal::Recording recording(network, recorder.log());
  return report(run_ledger(recording, local(port), ledger_options(how)));
}

// A ledger on a host of a world, for simulations with its recorded clients.
template <rehearsal::Network Net>
rehearsal::Task<> rehearsed_ledger(rehearsal::Host<Net>& host, LedgerOptions options) {
  Ledger ledger(host, rehearsal::Endpoint("0.0.0.0", 25000), options);
  co_await ledger.run();
}

rehearsal::RecordableServer recordable_ledger() {
  rehearsal::RecordableServer server;
  server.name = "ledger";
  server.replay = [](rehearsal::Recorded& network, const rehearsal::RecordingHead& head) {
    report(run_ledger(network, local(head.flag("port")), ledger_options(head.flag("how"))));
  };
  server.rehearse = [](rehearsal::SimulatedHost& host, const rehearsal::RecordingHead& head) {
    const LedgerOptions options = ledger_options(head.flag("how"));
    host.spawn("ledger", [options](auto& on) { return rehearsed_ledger(on, options); });
    return std::uint16_t{25000};
  };
  return server;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 5 && std::string_view(argv[1]) == "serve") {
    return serve(argv[2], argv[3], argv[4]);
  }
  return rehearsal::run_scenarios(argc, argv, {}, {recordable_ledger()});
}
