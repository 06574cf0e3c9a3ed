// The echo server over a literal script: partial sends, errors at each call, and times
// to the nanosecond.
#include <chrono>
#include <optional>

#include <gtest/gtest.h>

#include "servers/echo.hpp"
#include "simnet/scripted_network.hpp"
#include "tests/servers/captured_log.hpp"
#include "tests/servers/echo_clients.hpp"

namespace rehearsal::servers {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using sched::Descriptor;
using sched::Readiness;
using sched::would_block;
using simnet::ScriptedNetwork;
using simnet::ScriptedSocket;
using simnet::ScriptedWait;

constexpr Descriptor listener = 3;
constexpr Descriptor first = 4;
constexpr Descriptor second = 5;

class EchoScript : public testing::Test {
 protected:
  void TearDown() override {
    if (serving_.attached() && !serving_.done()) {
      serving_.cancel();  // its frames are the server's
      host_->run();
    }
  }
  // The server listens over this script.
  void listen(std::vector<ScriptedWait> waits, const ScriptedSocket& listening,
              const EchoOptions& options = {}) {
    network_.emplace(std::move(waits));
    network_->script(listener, listening);
    host_.emplace(*network_);
    server_.emplace(*host_, sched::Endpoint("127.0.0.1", 7), options);
  }
  // Runs until every task waits: from then on each wait of the script is needed by one.
  void start() {
    serving_ = host_->spawn("server", server_->run());
    while (host_->scheduler().round() != 0) {
    }
  }
  // Runs from the start until the server has stopped and its clients have left.
  void serve() {
    start();
    host_->run();
    server_->stop();
    host_->run();
    serving_.take();
  }
  [[nodiscard]] sched::Duration elapsed() const { return host_->now() - sched::Instant{}; }

  harness::CapturedLog log_;
  std::optional<ScriptedNetwork> network_;
  std::optional<sched::Host<ScriptedNetwork>> host_;
  std::optional<EchoServer<ScriptedNetwork>> server_;
  sched::JoinHandle<> serving_;
};

ScriptedSocket accepts(std::deque<std::variant<Descriptor, std::errc>> what) {
  ScriptedSocket socket;
  socket.accepts = std::move(what);
  return socket;
}

ScriptedSocket says(std::deque<std::variant<std::string, std::errc>> receives,
                    std::deque<std::variant<std::size_t, std::errc>> sends = {}) {
  ScriptedSocket socket;
  socket.receives = std::move(receives);
  socket.sends = std::move(sends);
  return socket;
}

ScriptedWait sendable(Descriptor descriptor, sched::Duration takes = {}) {
  return {{{descriptor, Readiness::send}}, takes};
}
ScriptedWait receivable(Descriptor descriptor, sched::Duration takes = {}) {
  return {{{descriptor, Readiness::recv}}, takes};
}

TEST_F(EchoScript, sends_in_as_many_parts_as_the_network_takes) {
  listen({sendable(first), sendable(first), receivable(first)}, accepts({first}));
  network_->script(first, says({"abcdefgh", ""}, {2U, 0U, 0U, 3U, 1U}));
  serve();
  EXPECT_EQ(network_->record(first).sent, "abcdefgh");
  EXPECT_TRUE(network_->record(first).closed);
  EXPECT_FALSE(network_->record(first).aborted);
}

TEST_F(EchoScript, sends_prefix_and_piece_as_if_they_were_one) {
  EchoOptions options;
  options.prefix = "GOT:";
  listen({sendable(first), receivable(first)}, accepts({first}), options);
  network_->script(first, says({"hello", ""}, {2U, 0U, 5U, 1U}));
  serve();
  EXPECT_EQ(network_->record(first).sent, "GOT:hello");
}

TEST_F(EchoScript, resets_the_session_whose_send_fails_and_serves_the_next) {
  listen({receivable(second)}, accepts({first, second}));
  network_->script(first, says({"lost", ""}, {1U, std::errc::broken_pipe}));
  network_->script(second, says({"kept", ""}));
  serve();
  EXPECT_TRUE(network_->record(first).aborted);
  EXPECT_EQ(network_->record(second).sent, "kept");
  EXPECT_TRUE(network_->record(second).closed);
  EXPECT_EQ(server_->statistics().failed, 1U);
  EXPECT_EQ(server_->statistics().bytes, 4U);
}

TEST_F(EchoScript, skips_clients_that_are_gone_before_they_are_accepted) {
  listen({receivable(first)},
         accepts({std::errc::connection_aborted, std::errc::host_unreachable, first}));
  network_->script(first, says({"x", ""}));
  serve();
  EXPECT_EQ(network_->record(first).sent, "x");
  EXPECT_EQ(server_->statistics().skipped, 2U);
  EXPECT_EQ(server_->statistics().accepted, 1U);
}

TEST_F(EchoScript, waits_longer_each_time_while_descriptors_or_memory_have_run_out) {
  listen({}, accepts({std::errc::too_many_files_open, std::errc::too_many_files_open_in_system,
                      std::errc::no_buffer_space, std::errc::not_enough_memory, first}));
  network_->script(first, says({""}));
  serve();
  EXPECT_TRUE(network_->record(first).closed);
  EXPECT_EQ(server_->statistics().back_offs, 4U);
  EXPECT_EQ(elapsed(), 5ms + 10ms + 20ms + 40ms);
}

TEST_F(EchoScript, ends_with_the_error_of_a_listener_that_is_broken) {
  listen({}, accepts({first, std::errc::invalid_argument}));
  network_->script(first, says({"x"}));
  start();
  EXPECT_EQ(host_->run_until(serving_), sched::RunEnd::condition);
  EXPECT_THROW(serving_.take(), std::system_error);
  EXPECT_EQ(host_->scheduler().task_count(), 0U);
  EXPECT_TRUE(network_->record(first).aborted);
}

TEST_F(EchoScript, takes_the_backlog_once_it_is_stopped) {
  listen({receivable(first), receivable(second)}, accepts({first, second}));
  network_->script(first, says({"one", ""}));
  network_->script(second, says({"two", ""}));
  server_->stop();
  start();
  EXPECT_EQ(host_->run(), sched::RunEnd::done);
  EXPECT_EQ(network_->record(first).sent, "one");
  EXPECT_EQ(network_->record(second).sent, "two");
  EXPECT_TRUE(network_->record(listener).closed);
}

TEST_F(EchoScript, drains_for_no_longer_than_its_sessions_need) {
  EchoOptions options;
  options.drain_timeout = 10s;
  listen({receivable(first, 3s), receivable(first, 1s)}, accepts({first}), options);
  network_->script(first, says({would_block, "late", ""}));
  server_->stop();
  start();
  EXPECT_EQ(host_->run(), sched::RunEnd::done);
  EXPECT_EQ(elapsed(), 4s);
  EXPECT_EQ(network_->record(first).sent, "late");
  EXPECT_FALSE(network_->record(first).aborted);
}

TEST_F(EchoScript, resets_what_is_left_when_the_drain_timeout_is_over) {
  EchoOptions options;
  options.drain_timeout = 10s;
  listen({receivable(second)}, accepts({first, second}), options);
  network_->script(first, says({"half"}, {2U, 0U}));
  network_->script(second, says({"whole", ""}));
  server_->stop();
  start();
  EXPECT_EQ(host_->run(), sched::RunEnd::done);
  EXPECT_EQ(elapsed(), 10s);
  EXPECT_EQ(network_->record(first).sent, "ha");
  EXPECT_TRUE(network_->record(first).aborted);
  EXPECT_FALSE(network_->record(first).closed);
  EXPECT_FALSE(network_->record(second).aborted);
  EXPECT_TRUE(log_.has("1 sessions did not end in time")) << log_.text();
}

TEST_F(EchoScript, resets_the_clients_in_the_backlog_when_the_drain_timeout_is_over) {
  EchoOptions options;
  options.max_connections = 1;
  options.drain_timeout = 10s;
  listen({}, accepts({first, second}), options);
  network_->script(first, says({"stays"}));
  network_->script(second, says({"never accepted"}));
  server_->stop();
  start();
  EXPECT_EQ(host_->run(), sched::RunEnd::done);
  EXPECT_TRUE(network_->record(first).aborted);
  EXPECT_TRUE(network_->record(listener).closed);
}

TEST_F(EchoScript, resets_every_session_if_it_is_cancelled) {
  listen({}, accepts({first}));
  network_->script(first, says({"x"}));
  start();
  host_->run();
  serving_.cancel();
  EXPECT_EQ(host_->run(), sched::RunEnd::done);
  EXPECT_EQ(network_->record(first).sent, "x");
  EXPECT_TRUE(network_->record(first).aborted);
}

TEST_F(EchoScript, counts_the_idle_time_again_from_each_piece) {
  EchoOptions options;
  options.idle_timeout = 10s;
  listen({receivable(first, 9s), receivable(first, 9s)}, accepts({first}), options);
  network_->script(first, says({would_block, "one", "two"}));
  start();
  host_->run_until(sched::Instant{} + 27s);
  EXPECT_EQ(network_->record(first).sent, "onetwo");
  EXPECT_FALSE(network_->record(first).aborted);
  host_->run();
  EXPECT_TRUE(network_->record(first).aborted);
  EXPECT_EQ(elapsed(), 28s);
}

TEST_F(EchoScript, does_not_take_a_client_that_reads_slowly_for_an_idle_one) {
  EchoOptions options;
  options.idle_timeout = 10s;
  options.prefix = ">";
  listen({sendable(first, 6s), sendable(first, 6s), sendable(first, 6s), receivable(first)},
         accepts({first}), options);
  network_->script(first, says({"abc", ""}, {1U, 0U, 1U, 0U, 1U, 0U, 1U}));
  serve();
  EXPECT_EQ(network_->record(first).sent, ">abc");
  EXPECT_FALSE(network_->record(first).aborted);
}

TEST_F(EchoScript, takes_a_client_that_reads_nothing_for_an_idle_one) {
  EchoOptions options;
  options.idle_timeout = 10s;
  listen({}, accepts({first}), options);
  network_->script(first, says({"abc"}, {1U, 0U}));
  start();
  host_->run();
  EXPECT_EQ(network_->record(first).sent, "a");
  EXPECT_TRUE(network_->record(first).aborted);
  EXPECT_EQ(elapsed(), 10s);
}

}  // namespace
}  // namespace rehearsal::servers
