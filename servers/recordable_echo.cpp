#include "servers/recordable_echo.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "servers/echo_program.hpp"

namespace rehearsal::servers {
namespace {

constexpr std::uint16_t rehearsed_port = 25000;

void replay(record::Recorded& network, const record::RecordingHead& head) {
  const EchoProgramOptions options = echo_program_options(head);
  sched::Host<record::Recorded> host(network);
  EchoProgram<record::Recorded> program(host, options);
  program.run();
}

std::uint16_t rehearse(simnet::SimulatedHost& host, const record::RecordingHead& head) {
  if (!head.flag("tls-cert").empty()) {
    throw std::invalid_argument("flag tls-cert: what clients sent was encrypted for that run");
  }
  const EchoOptions options = echo_program_options(head).echo;
  host.spawn("echo", [options](auto& on) {
    return echo_server(on, sched::Endpoint("0.0.0.0", rehearsed_port), options);
  });
  return rehearsed_port;
}

}  // namespace

std::optional<std::string> judge_echo(const harness::Conversation& conversation) {
  const auto& [sent, came, judged, over] = conversation;
  if (came.size() > sent.size()) {
    return "more came back than was sent";
  }
  const auto first =
      std::ranges::mismatch(came.subspan(judged), sent.subspan(judged)).in1 - came.begin();
  if (static_cast<std::size_t>(first) != came.size()) {
    return fmt::format("byte {} came back as another", first);
  }
  if (over && came.size() != sent.size()) {
    return fmt::format("only {} of {} bytes came back", came.size(), sent.size());
  }
  return std::nullopt;
}

harness::RecordableServer recordable_echo() {
  harness::RecordableServer server;
  server.name = "echo";
  server.replay = replay;
  server.rehearse = rehearse;
  server.judge = [](const harness::Conversation& conversation, const record::RecordingHead& head) {
    // The positions of prefixes depend on how the bytes were cut into chunks.
    return head.flag("prefix").empty() ? judge_echo(conversation) : std::nullopt;
  };
  return server;
}

}  // namespace rehearsal::servers
