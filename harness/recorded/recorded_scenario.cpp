#include "harness/recorded/recorded_scenario.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "harness/exit_status.hpp"
#include "harness/recorded/recorded_traffic.hpp"
#include "harness/recorded/scripted_client.hpp"
#include "simnet/choices/choices.hpp"
#include "simnet/kernel/kernel.hpp"

namespace rehearsal::harness {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using simnet::Site;
using simnet::World;

// What the server holds before the first client. After the last one it must not hold more.
struct Possessions {
  std::size_t tasks = 0;
  std::size_t descriptors = 0;
};

Possessions of_server(World& world) {
  simnet::SimulatedHost& server = world.host("server");
  return {server.tasks().size(), server.kernel().open_descriptors()};
}

// Returns whether the run has injected faults that break connections, so that an error of a client
// is not a failure.
bool breaks_connections(World& world) {
  for (const Site site : {Site::reset, Site::accept, Site::connect, Site::rule}) {
    if (world.choices().count(site).fired != 0) {
      return true;
    }
  }
  return !world.faults().counts().empty();
}

template <sched::Network Net>
sched::Task<> visit(sched::Host<Net>& host, World& world,
                    std::shared_ptr<const RecordedTraffic> traffic, std::size_t client,
                    ScriptedClientOptions options) {
  // The server needs time to start listening.
  co_await sched::sleep_for(1ms);
  ScriptedClient<Net> scripted(host, traffic->clients[client], std::move(options));
  try {
    co_await scripted.run();
  } catch (const std::system_error&) {
    if (!breaks_connections(world)) {
      throw;
    }
  }
}

void build(World& world, const std::shared_ptr<const RecordedTraffic>& traffic,
           const RecordableServer& server) {
  const std::uint16_t port = server.rehearse(world.host("server"), traffic->head);
  for (std::size_t i = 0; i < traffic->clients.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    const auto all = static_cast<std::uint32_t>(traffic->clients[i].messages.size() + 1);
    const std::uint32_t comes = world.choose_as("clients:" + number, all + 1, all);
    if (comes == 0) {
      continue;
    }
    ScriptedClientOptions options;
    options.port = port;
    options.messages = comes - 1;
    if (server.judge) {
      options.judge = [traffic, judge = server.judge](const Conversation& conversation) {
        return judge(conversation, traffic->head);
      };
    }
    world.host("client-" + number).spawn("talk", [&world, traffic, i, options](auto& host) {
      return visit(host, world, traffic, i, options);
    });
  }
}

simnet::RunReport run(World& world) {
  world.run_for(500us);
  const Possessions before = of_server(world);
  simnet::RunReport report = world.run();
  if (!report.ok()) {
    return report;
  }
  // Lets the server notice that the last clients are gone, and end their sessions.
  world.run_for(10s);
  const Possessions after = of_server(world);
  if (after.tasks > before.tasks) {
    world.fail(
        fmt::format("the server has {} tasks after all clients left, {} before they connected",
                    after.tasks, before.tasks));
  } else if (after.descriptors > before.descriptors) {
    world.fail(
        fmt::format("the server has {} descriptors open after all clients left, {} before "
                    "they connected",
                    after.descriptors, before.descriptors));
  } else {
    // The events of these 10 s are part of the run.
    report.time = world.now().time_since_epoch();
    report.steps = world.steps();
    report.digest = world.digest();
    return report;
  }
  return world.run();
}

}  // namespace

const RecordableServer& server_of(const std::string& path, const record::RecordingHead& head,
                                  const RecordableServers& servers) {
  const auto server = std::ranges::find(servers, head.server, &RecordableServer::name);
  if (server == servers.end()) {
    throw BadInput(fmt::format("{}: recorded by server '{}', which this program does not provide",
                               path, head.server));
  }
  return *server;
}

simnet::Scenario recorded_scenario(const std::string& path, const RecordableServers& servers) {
  const auto traffic = read_traffic(path);
  simnet::Scenario scenario(path, fmt::format("{} recorded clients", traffic->clients.size()),
                            [traffic, of = server_of(path, traffic->head, servers)](World& world) {
                              build(world, traffic, of);
                            });
  scenario.run = run;
  return scenario;
}

}  // namespace rehearsal::harness
