// Parts shared by the tests of a stream: a stream over a scripted socket, and tasks that record
// what it did.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "sched/io/stream.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {

using TestStream = Stream<simnet::ScriptedNetwork>;

// The descriptor of the stream's socket.
inline constexpr Descriptor client = 5;

// The results of its calls, in order.
using Receives = decltype(simnet::ScriptedSocket::receives);
using Sends = decltype(simnet::ScriptedSocket::sends);

class StreamTest : public ScriptedHostTest {
 protected:
  // REQUIRES: the network's own script is in place.
  TestStream open(Receives receives = {}, Sends sends = {}) {
    script(std::move(receives), std::move(sends));
    return {host_.scheduler(), client, Endpoint("192.0.2.1", 80)};
  }
  void script(Receives receives, Sends sends) {
    simnet::ScriptedSocket socket;
    socket.receives = std::move(receives);
    socket.sends = std::move(sends);
    network_.script(client, std::move(socket));
  }
  [[nodiscard]] const simnet::ScriptedRecord& record() const { return network_.record(client); }

  // Receives once into `room` bytes, and records the result.
  Task<> receive(TestStream& stream, std::size_t room) {
    std::vector<std::byte> into(room);
    const std::size_t size = co_await stream.recv(into);
    log_.push_back(text(ConstBytes(into).first(size)));
  }
  Task<> receive_exactly(TestStream& stream, std::size_t count) {
    std::vector<std::byte> into(count);
    const std::size_t size = co_await stream.recv_exactly(into);
    log_.push_back(text(ConstBytes(into).first(size)));
  }
  Task<> receive_until(TestStream& stream, std::string delimiter, std::size_t limit = 100) {
    const std::string line = co_await stream.recv_until(delimiter, limit);
    log_.push_back(line);
  }
  Task<> send_all(TestStream& stream, std::string text) {
    const std::size_t sent = co_await stream.send_all(bytes(text));
    log_.push_back("sent " + std::to_string(sent));
  }
};

}  // namespace rehearsal::sched
