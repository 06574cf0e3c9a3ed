// Building blocks of the planted servers and clients: lines of text over TCP.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "sched/host.hpp"
#include "sched/sync/supervisor.hpp"
#include "simnet/scenario.hpp"
#include "tests/corpus/bugs/planted/version.hpp"

namespace rehearsal::bugs {

using namespace std::
    chrono_literals;  // NOLINT(google-build-using-namespace,google-global-names-in-headers)
using simnet::Scenario;
using simnet::Site;
using simnet::World;
using Host = sched::Host<simnet::SimulatedNetwork>;
using Stream = sched::Stream<simnet::SimulatedNetwork>;
using Datagram = sched::Datagram<simnet::SimulatedNetwork>;

// The port of every planted server.
inline constexpr std::uint16_t port = 80;

// Returns the bytes of `text`, which must outlive the result.
sched::ConstBytes bytes_of(std::string_view text);
// Returns the words of `line`: "set 5 x" as "set", "5", "x".
std::vector<std::string> words_of(std::string_view line);

// Sends `line` and a newline.
sched::Task<> send_line(Stream& to, std::string line);
// Returns the next line without its newline, or nothing if the peer has finished sending.
sched::Task<std::optional<std::string>> recv_line(Stream& from);
// Returns the next line without its newline. Throws std::errc::connection_reset at the end.
sched::Task<std::string> expect_line(Stream& from);
// Sends one line to a server over a new connection and returns the line that it answers. Throws
// std::system_error if the connection breaks first.
sched::Task<std::string> ask(Host& host, std::string server, std::string question);
// Does the same as ask(), but returns nothing if the connection breaks or no answer comes in time.
sched::Task<std::optional<std::string>> try_ask(Host& host, std::string server,
                                                std::string question, sched::Duration patience);
// Waits until `since_start` has passed since the start of the host, by its own clock.
inline sched::Sleep until(sched::Duration since_start) {
  return sched::sleep_until(sched::Instant(since_start));
}

using Session = std::function<sched::Task<>(Stream)>;
// Accepts clients and runs a session for each. A session that fails is ignored.
sched::Task<> serve(Host& host, Session session);

using Answer = std::function<sched::Task<std::string>(std::string question)>;
// Sends an answer for each line of a client.
sched::Task<> answer_each(Stream client, Answer answer);
// Runs a server that answers each line of each client.
sched::Task<> serve_answers(Host& host, Answer answer);

}  // namespace rehearsal::bugs
