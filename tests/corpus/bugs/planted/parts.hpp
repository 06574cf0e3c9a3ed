// What the planted servers and clients are made of: lines of text over TCP.
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

// Where every planted server listens.
inline constexpr std::uint16_t port = 80;

// Of `text`, which must outlive the result.
sched::ConstBytes bytes_of(std::string_view text);
// "set 5 x" as "set", "5", "x".
std::vector<std::string> words_of(std::string_view line);

// `line` and a newline.
sched::Task<> send_line(Stream& to, std::string line);
// The next line, without its newline; nothing where the peer has finished sending.
sched::Task<std::optional<std::string>> recv_line(Stream& from);
// Likewise, where the end is an error: throws std::errc::connection_reset.
sched::Task<std::string> expect_line(Stream& from);
// One line to a server, over a connection of its own, and the line that it answers. Throws
// std::system_error where the connection breaks before that.
sched::Task<std::string> ask(Host& host, std::string server, std::string question);
// Likewise; nothing where it breaks, or there is no answer in time.
sched::Task<std::optional<std::string>> try_ask(Host& host, std::string server,
                                                std::string question, sched::Duration patience);
// Waits until `host` has been up for so long by its own clock.
inline sched::Sleep until(sched::Duration since_start) {
  return sched::sleep_until(sched::Instant(since_start));
}

using Session = std::function<sched::Task<>(Stream)>;
// Accepts, and runs a session a client. A session that fails is forgotten.
sched::Task<> serve(Host& host, Session session);

using Answer = std::function<sched::Task<std::string>(std::string question)>;
// Answers each line of a client.
sched::Task<> answer_each(Stream client, Answer answer);
// A server that does so for each client.
sched::Task<> serve_answers(Host& host, Answer answer);

}  // namespace rehearsal::bugs
