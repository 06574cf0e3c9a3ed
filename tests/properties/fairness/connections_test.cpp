// What the teaching scheduler gets wrong about connections: stale ones get another's data, closed
// ones are waited for, sockets are never closed, the rest of a partial send is lost, and nothing
// ever shuts down.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/host.hpp"
#include "sched/sync/supervisor.hpp"
#include "simnet/scripted_network.hpp"
#include "tests/whole_range.hpp"

namespace rehearsal::fairness {
namespace {

using namespace std::chrono_literals;
using sched::Readiness;
using sched::Task;
using simnet::ScriptedNetwork;
using Host = sched::Host<ScriptedNetwork>;
using Stream = sched::Stream<ScriptedNetwork>;

std::string in_words(std::errc error) {
  return "(" + std::to_string(static_cast<int>(error)) + ")";
}

// Receives all bytes up to the end or an error; appends the error.
Task<> receive_all(Stream& stream, std::string& received) {
  std::array<std::byte, 4> buffer{};
  try {
    for (;;) {
      const std::size_t size = co_await stream.recv(buffer);
      if (size == 0) {
        co_return;
      }
      received.append(reinterpret_cast<const char*>(buffer.data()), size);
    }
  } catch (const std::system_error& error) {
    received += in_words(static_cast<std::errc>(error.code().value()));
  }
}

rc::Gen<std::string> some_text() {
  return rc::gen::container<std::string>(rc::gen::inRange('a', 'z'));
}

RC_GTEST_PROP(TeachingProgram, a_stale_stream_never_gets_the_data_of_who_has_its_number_now, ()) {
  const auto data = *rc::gen::nonEmpty(some_text());
  ScriptedNetwork network({{{{3, Readiness::recv}}, {}}});
  simnet::ScriptedSocket script;
  script.receives = {sched::would_block, data, ""};
  network.script(3, script);
  Host host(network);
  Stream first(host.scheduler(), 3, sched::Endpoint());
  std::string of_the_first;
  host.spawn(receive_all(first, of_the_first));
  host.scheduler().round();
  first.close();
  Stream second(host.scheduler(), 3, sched::Endpoint());
  std::string of_the_stale;
  std::string of_the_second;
  host.spawn(receive_all(first, of_the_stale));
  host.spawn(receive_all(second, of_the_second));

  RC_ASSERT(host.run() == sched::RunEnd::done);

  RC_ASSERT(of_the_first == in_words(std::errc::operation_canceled));
  RC_ASSERT(of_the_stale == in_words(std::errc::bad_file_descriptor));
  RC_ASSERT(of_the_second == data);
}

enum class Fate : std::uint8_t { returns, throws, is_cancelled, times_out };

Task<std::size_t> receive_once(Stream& stream) {
  std::array<std::byte, 4> buffer{};
  const std::size_t size = co_await stream.recv(buffer);
  co_return size;
}

Task<> session(Stream stream, Fate fate) {
  if (fate == Fate::throws) {
    throw std::runtime_error("session");
  }
  if (fate != Fate::returns) {
    const sched::Duration limit = fate == Fate::times_out ? sched::Duration(5ns) : 1h;
    co_await sched::with_timeout(limit, receive_once(stream));
  }
}

void showValue(Fate fate, std::ostream& out) {
  constexpr std::array names{"returns", "throws", "is cancelled", "times out"};
  out << names.at(static_cast<std::size_t>(fate));
}

rc::Gen<Fate> a_fate() {
  return rc::gen::map(whole_range(0, 4), [](int fate) { return static_cast<Fate>(fate); });
}

RC_GTEST_PROP(TeachingProgram, a_session_closes_its_socket_however_it_ends, ()) {
  const auto fates = *rc::gen::container<std::vector<Fate>>(a_fate());
  ScriptedNetwork network;
  Host host(network);
  std::vector<sched::JoinHandle<>> victims;
  for (std::size_t i = 0; i < fates.size(); ++i) {
    const int descriptor = static_cast<int>(i);
    network.script(descriptor, {});
    Stream stream(host.scheduler(), descriptor, sched::Endpoint());
    auto handle = host.spawn(session(std::move(stream), fates[i]));
    if (fates[i] == Fate::is_cancelled) {
      victims.push_back(std::move(handle));
    }
  }
  host.scheduler().round();
  for (auto& victim : victims) {
    victim.cancel();
  }

  RC_ASSERT(host.run() == sched::RunEnd::done);

  for (std::size_t i = 0; i < fates.size(); ++i) {
    const simnet::ScriptedRecord& record = network.record(static_cast<int>(i));
    RC_ASSERT(record.closed == (fates[i] == Fate::returns));
    RC_ASSERT(record.aborted == (fates[i] != Fate::returns));
  }
  RC_ASSERT(network.watched().empty());
}

Task<> send_text(Stream stream, const std::vector<std::string>& pieces) {
  for (const std::string& piece : pieces) {
    const auto bytes = std::as_bytes(std::span(piece));
    co_await stream.send_all(bytes);
  }
  stream.shutdown_send();
}

RC_GTEST_PROP(TeachingProgram, a_partial_send_goes_on_where_it_stopped, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(some_text());
  // How many bytes each send takes; 0 is would_block.
  const auto takes =
      *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 5));
  const std::vector<simnet::ScriptedWait> waits(takes.size(), {{{3, Readiness::send}}, {}});
  ScriptedNetwork network(waits);
  simnet::ScriptedSocket script;
  script.sends.assign(takes.begin(), takes.end());
  network.script(3, script);
  Host host(network);
  Stream stream(host.scheduler(), 3, sched::Endpoint());
  host.spawn(send_text(std::move(stream), pieces));

  RC_ASSERT(host.run() == sched::RunEnd::done);

  std::string all;
  for (const std::string& piece : pieces) {
    all += piece;
  }
  RC_ASSERT(network.record(3).sent == all);
  RC_ASSERT(network.record(3).finished_sending);
  RC_ASSERT(network.record(3).closed);
}

Task<> echo_session(Stream client) {
  std::array<std::byte, 4> buffer{};
  for (;;) {
    const std::size_t size = co_await client.recv(buffer);
    if (size == 0) {
      co_return;
    }
    co_await client.send_all(std::span(buffer).first(size));
  }
}

Task<> echo_server(Host& host, sched::Listener<ScriptedNetwork>& listener, std::uint64_t& failed) {
  sched::Supervisor sessions(host);
  for (;;) {
    auto client = co_await listener.accept();
    if (!client) {
      break;
    }
    sessions.spawn(echo_session(std::move(*client)));
  }
  co_await sessions.join();
  failed = sessions.failed();
}

// What a client sends before it closes with a regular end, or with a reset.
struct Client {
  std::string text;
  bool resets = false;
};

void showValue(const Client& client, std::ostream& out) {
  out << client.text << (client.resets ? ", then a reset" : ", then the end");
}

rc::Gen<std::vector<Client>> some_clients() {
  const auto client =
      rc::gen::build<Client>(rc::gen::set(&Client::text, some_text()),
                             rc::gen::set(&Client::resets, rc::gen::arbitrary<bool>()));
  return rc::gen::container<std::vector<Client>>(client);
}

constexpr int listening = 3;

RC_GTEST_PROP(TeachingProgram, a_server_that_stops_takes_its_backlog_serves_it_and_ends, ()) {
  const auto clients = *some_clients();
  std::vector<sched::Ready> all;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    all.push_back({listening + 1 + static_cast<int>(i), Readiness::recv});
  }
  ScriptedNetwork network(std::vector<simnet::ScriptedWait>(20, {all, {}}));
  simnet::ScriptedSocket backlog;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const int descriptor = listening + 1 + static_cast<int>(i);
    backlog.accepts.emplace_back(descriptor);
    simnet::ScriptedSocket script;
    if (!clients[i].text.empty()) {
      script.receives.emplace_back(clients[i].text);
    }
    if (clients[i].resets) {
      script.receives.emplace_back(std::errc::connection_reset);
    } else {
      script.receives.emplace_back("");
    }
    network.script(descriptor, script);
  }
  network.script(listening, backlog);
  Host host(network);
  auto listener = host.listen(sched::Endpoint());
  std::uint64_t failed = 0;
  host.spawn(echo_server(host, listener, failed));
  listener.stop();

  RC_ASSERT(host.run() == sched::RunEnd::done);

  std::uint64_t resets = 0;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const auto& record = network.record(listening + 1 + static_cast<int>(i));
    RC_ASSERT(record.sent == clients[i].text);
    RC_ASSERT(record.closed == !clients[i].resets);
    RC_ASSERT(record.aborted == clients[i].resets);
    resets += clients[i].resets ? 1U : 0U;
  }
  RC_ASSERT(failed == resets);
  RC_ASSERT(network.record(listening).closed);
}

}  // namespace
}  // namespace rehearsal::fairness
