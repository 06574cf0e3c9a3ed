#include "harness/report/socket_table.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace rehearsal::harness {
namespace {

constexpr std::size_t column_count = 9;
using Line = std::array<std::string, column_count>;

}  // namespace

std::string socket_table(const std::vector<simnet::HostDiagnostics>& hosts) {
  std::vector<Line> lines = {
      {"HOST", "FD", "KIND", "STATE", "RECV-Q", "SEND-Q", "CONNECTION", "LOCAL", "PEER"}};
  for (const simnet::HostDiagnostics& host : hosts) {
    for (const simnet::SocketInfo& socket : host.sockets) {
      lines.push_back({host.name, std::to_string(socket.descriptor), socket.kind, socket.state,
                       std::to_string(socket.recv_queue), std::to_string(socket.send_queue),
                       socket.name, socket.local, socket.peer});
    }
  }
  std::array<std::size_t, column_count> widths{};
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < column_count; ++i) {
      widths[i] = std::max(widths[i], line[i].size());
    }
  }
  std::string table;
  for (const Line& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < column_count; ++i) {
      text += fmt::format("{:<{}}  ", line[i], widths[i]);
    }
    table += text.substr(0, text.find_last_not_of(' ') + 1) + '\n';
  }
  return table;
}

}  // namespace rehearsal::harness
