// The commands of `rehearsal` over scenarios that are made from their numbers, and one more:
// `rewrite TRACE` reads a trace and writes it again to stdout.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include "harness/cli/scenario_commands.hpp"
#include "harness/flags.hpp"
#include "sched/base/check.hpp"
#include "sched/sync/event.hpp"
#include "sched/sync/sleep.hpp"
#include "sched/sync/supervisor.hpp"
#include "simnet/trace/trace_reader.hpp"
#include "simnet/trace/trace_writer.hpp"
#include "tests/harness/cli/generated/plan.hpp"

namespace rehearsal::generated {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using sched::Task;
using simnet::Scenario;
using simnet::World;
using Host = sched::Host<simnet::SimulatedNetwork>;
using Stream = sched::Stream<simnet::SimulatedNetwork>;

constexpr std::uint64_t scenario_count = 1000;
constexpr auto slow = 1ms;

std::chrono::microseconds time_of(const Step& step) { return step.size * 50us; }

// What the programs of a run have done so far.
struct Ledger {
  std::string first_asked;  // the name of the client whose request arrived first
  int balance = 0;
  int deposits = 0;
  int told = 0;
  int heard = 0;
  int chosen = 0;
  bool slow_answer = false;
  bool drawn = false;
  bool error = false;
};

// A client, which lives as long as its world. Its program is one of those of the plan.
class Client {
 public:
  Client(World& world, Ledger& ledger, const Plan& plan, std::size_t number, std::size_t clients)
      : world_(world), ledger_(ledger), plan_(plan), number_(number), clients_(clients) {}

  Task<> run(Host& host) {
    for (const Step& step : plan_.clients[number_ % plan_.clients.size()]) {
      try {
        co_await play(host, step);
      } catch (const std::system_error&) {
        ledger_.error = true;
      }
      spdlog::info("client {} has made a step", number_);
      if (has_seen_all()) {
        co_await end();
      }
    }
  }

 private:
  Task<> play(Host& host, Step step);
  Task<> deposit(Step step);
  Task<> ask(Host& host);
  Task<> tell(Host& host);
  Task<> end();
  [[nodiscard]] bool shows(Sign sign) const;
  bool has_seen_all();

  World& world_;
  Ledger& ledger_;
  const Plan& plan_;
  std::size_t number_;
  std::size_t clients_;
};

Task<> Client::play(Host& host, Step step) {
  switch (step.act) {
    case Act::sleep:
      co_await sched::sleep_for(time_of(step));
      break;
    case Act::yield:
      co_await sched::yield();
      break;
    case Act::choose:
      ledger_.chosen += host.choose("path", step.size + 1) == 0 ? 0 : 1;
      break;
    case Act::draw:
      ledger_.drawn = ledger_.drawn || host.random() % 8 == 0;
      break;
    case Act::deposit:
      co_await deposit(step);
      break;
    case Act::ask:
      co_await ask(host);
      break;
    case Act::tell:
      co_await tell(host);
      break;
    case Act::work: {
      const auto nothing = [] {};
      co_await host.run_blocking(nothing);
      break;
    }
    case Act::look_up: {
      const auto found = co_await host.resolve("server");
      sched::check(!found.empty(), "the server has an address");
      break;
    }
  }
}

// Each client has its turn, so that few deposits overlap.
Task<> Client::deposit(Step step) {
  const auto turn = static_cast<std::int64_t>(number_) * 10ms;
  co_await sched::sleep_until(sched::Instant(turn));
  const int before = ledger_.balance;
  co_await sched::sleep_for(time_of(step));
  ledger_.balance = before + 1;
  ++ledger_.deposits;
}

Task<> Client::ask(Host& host) {
  const auto before = host.now();
  Stream server = co_await host.connect({"server", 7});
  const std::string name = std::to_string(number_);
  co_await server.send_all(name);
  std::vector<std::byte> answer(1);
  const std::size_t size = co_await server.recv_exactly(answer);
  ledger_.error = ledger_.error || size != answer.size();
  ledger_.slow_answer = ledger_.slow_answer || host.now() - before > slow;
}

Task<> Client::tell(Host& host) {
  auto socket = host.bind({"0.0.0.0", 0});
  const auto server = co_await host.resolve("server");
  const std::string word = "news";
  co_await socket.send_to(word, server.front().with_port(9));
  ++ledger_.told;
  co_await sched::sleep_for(5ms);
}

Task<> Client::end() {
  if (plan_.end == End::violates) {
    world_.always("the signs are not seen", false);
  } else if (plan_.end == End::throws) {
    throw std::runtime_error("seen by client " + std::to_string(number_));
  } else if (plan_.end == End::checks) {
    sched::check(false, "the signs are not seen");
  } else if (plan_.end == End::hangs) {
    sched::Event never;
    co_await never.wait();
  }
  while (plan_.end == End::spins) {
    co_await sched::yield();
  }
}

bool Client::shows(Sign sign) const {
  switch (sign) {
    case Sign::lost_deposit:
      return ledger_.balance != ledger_.deposits;
    case Sign::last_first:
      return ledger_.first_asked == std::to_string(clients_ - 1);
    case Sign::slow_answer:
      return ledger_.slow_answer;
    case Sign::lost_message:
      return ledger_.heard < ledger_.told;
    case Sign::chosen:
      return ledger_.chosen >= 3;
    case Sign::drawn:
      return ledger_.drawn;
    case Sign::error:
      return ledger_.error;
  }
  return false;
}

bool Client::has_seen_all() {
  bool all = true;
  for (const Sign sign : plan_.signs) {
    const bool seen = shows(sign);
    if (plan_.guides) {
      world_.sometimes(sign == plan_.signs.front() ? "the first sign" : "the second sign", seen);
    }
    all = all && seen;
  }
  return all;
}

Task<> answer(Ledger& ledger, Stream client) {
  std::string name(1, ' ');
  const std::size_t size = co_await client.recv(std::as_writable_bytes(std::span(name)));
  if (size == 0) {
    co_return;
  }
  if (ledger.first_asked.empty()) {
    ledger.first_asked = name;
  }
  co_await sched::sleep_for(100us);
  co_await client.send_all(name);
}

Task<> serve(Host& host, Ledger& ledger) {
  auto listener = host.listen({"0.0.0.0", 7});
  sched::Supervisor sessions(host);
  for (;;) {
    std::optional<Stream> client = co_await listener.accept();
    if (!client) {
      break;
    }
    const std::string name = client->name();
    sessions.spawn(name, answer(ledger, std::move(*client)));
  }
}

Task<> hear(Host& host, Ledger& ledger) {
  auto socket = host.bind({"0.0.0.0", 9});
  std::vector<std::byte> word(16);
  for (;;) {
    co_await socket.recv_from(word);
    ++ledger.heard;
  }
}

void build(World& world, const Plan& plan) {
  auto& ledger = world.make<Ledger>();
  world.host("server").spawn("serve", [&ledger](Host& host) { return serve(host, ledger); });
  world.host("server").spawn("hear", [&ledger](Host& host) { return hear(host, ledger); });
  const auto programs = static_cast<std::uint32_t>(plan.clients.size());
  const std::size_t clients =
      plan.more_clients ? world.parameter("clients", programs, 2 * programs) : programs;
  for (std::size_t i = 0; i < clients; ++i) {
    auto& client = world.make<Client>(world, ledger, plan, i, clients);
    world.host("client-" + std::to_string(i)).spawn("run", [&client](Host& host) {
      return client.run(host);
    });
  }
  if (plan.server_crashes) {
    world.survives({simnet::crash("server")}, {.until = 20ms});
  }
  if (plan.is_cut_off) {
    world.at(100us).partition("client-0", "server");
    world.at(3ms).heal("client-0", "server");
  }
  if (plan.has_idle_fault) {
    world.faults().add(simnet::FaultRule("idle", simnet::Operation::send, simnet::Verdict::reset())
                           .from("nobody")
                           .nth(1));
  }
}

Scenario scenario_of(std::uint64_t number) {
  const auto plan = std::make_shared<const Plan>(Plan::of(number));
  Scenario scenario("generated-" + std::to_string(number), plan->to_string(),
                    [plan](World& world) { build(world, *plan); });
  scenario.options.step_limit = 1'000;
  if (plan->loses_packets) {
    scenario.rates[simnet::Site::lost] = {50'000, 2};
    scenario.rates[simnet::Site::reset] = {5'000, 1};
    scenario.rates[simnet::Site::connect] = {20'000, 3};
  }
  return scenario;
}

int rewrite(const std::string& program, const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  simnet::TraceReader reader(in);
  std::optional<simnet::TraceWriter> writer;
  if (reader.header() != nullptr) {
    writer.emplace(std::cout, *reader.header());
  }
  for (;;) {
    const simnet::TraceReader::Item item = reader.next();
    if (const auto* error = std::get_if<simnet::TraceError>(&item)) {
      return harness::refuse(program, file + ": " + error->to_string());
    }
    if (const auto* end = std::get_if<simnet::TraceEnd>(&item)) {
      writer->end(*end);
      return 0;
    }
    writer->write(std::get<simnet::TraceEvent>(item));
  }
}

int run(int argc, char** argv) {
  harness::Scenarios scenarios;
  for (std::uint64_t number = 1; number <= scenario_count; ++number) {
    scenarios.push_back(scenario_of(number));
  }
  CLI::App app("Runs generated scenarios", std::filesystem::path(argv[0]).filename().string());
  app.require_subcommand(1);
  harness::ScenarioCommands commands(app, argv[0], std::move(scenarios));
  std::string file;
  CLI::App* rewriting = app.add_subcommand("rewrite", "Read a trace and write it again");
  rewriting->add_option("file", file, "A trace")->required();
  int status = 0;
  if (!harness::parsed(app, argc, argv, status)) {
    return status;
  }
  return rewriting->parsed() ? rewrite(argv[0], file) : commands.run();
}

}  // namespace
}  // namespace rehearsal::generated

int main(int argc, char** argv) { return rehearsal::generated::run(argc, argv); }
