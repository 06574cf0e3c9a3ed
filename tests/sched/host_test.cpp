#include "sched/host.hpp"

#include <functional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sched/answering_network.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;

constexpr Descriptor first_socket = 5;
constexpr Descriptor second_socket = 6;

class HostTest : public AnsweringTest {
 protected:
  // Connects, and sends a byte to show that it is connected.
  Task<> connect(Address to) {
    auto peer = co_await host_.connect(std::move(to));
    co_await peer.send_all(bytes("!"));
    log_.push_back("connected to " + peer.peer().to_string());
  }
  void script_sockets() {
    network_.script(first_socket, {});
    network_.script(second_socket, {});
  }
};

TEST_F(HostTest, calls_a_callable_that_takes_the_host_with_it) {
  host_.spawn("takes the host", [this](auto& its_host) -> Task<> {
    EXPECT_EQ(&its_host, &host_);
    co_return;
  });
  host_.spawn("takes nothing", [this]() -> Task<> {
    log_.push_back(host_.tasks().front().path);
    co_return;
  });
  EXPECT_EQ(host_.run(), RunEnd::done);
  EXPECT_EQ(log_, Log{"takes nothing"});
}

TEST_F(HostTest, is_run_and_stopped_as_its_scheduler) {
  auto handle = host_.spawn([this]() -> Task<> {
    co_await sleep_for(2ms);
    host_.stop();
    co_await sleep_for(2ms);
  });
  EXPECT_EQ(host_.run_until(at(1ms)), RunEnd::condition);
  EXPECT_EQ(host_.now(), at(1ms));
  EXPECT_EQ(host_.run(), RunEnd::stopped);
  EXPECT_EQ(host_.run_until(handle), RunEnd::condition);
  EXPECT_EQ(host_.now(), at(4ms));
}

TEST_F(HostTest, reports_where_it_could_not_listen_or_bind) {
  for (const auto& attempt : {std::function([this] { host_.listen(Endpoint("::1", 80)); }),
                              std::function([this] { host_.bind(Endpoint("::1", 80)); })}) {
    try {
      attempt();
      ADD_FAILURE() << "no exception";
    } catch (const std::system_error& error) {
      EXPECT_EQ(error.code(), std::errc::too_many_files_open);
      EXPECT_NE(std::string(error.what()).find("[::1]:80"), std::string::npos);
    }
  }
}

TEST_F(HostTest, connects_to_an_address_without_looking_it_up) {
  script_sockets();
  network_.connects = {Result<>()};
  run(connect(Endpoint("192.0.2.1", 80)));
  EXPECT_EQ(log_, Log{"connected to 192.0.2.1:80"});
  EXPECT_TRUE(network_.looked_up.empty());
  EXPECT_EQ(network_.record(first_socket).sent, "!");
}

TEST_F(HostTest, waits_for_a_connection_that_is_being_made_however_often_it_is_woken_for_nothing) {
  network_ = AnsweringNetwork({finds({writable(first_socket)}), finds({writable(first_socket)})});
  script_sockets();
  network_.connects = {would_block};
  network_.connections = {would_block, Result<>()};
  run(connect(Endpoint("192.0.2.1", 80)));
  EXPECT_EQ(log_, Log{"connected to 192.0.2.1:80"});
  EXPECT_EQ(network_.waits_left(), 0U);
}

TEST_F(HostTest, throws_why_there_is_no_connection_and_closes_the_socket) {
  network_ = AnsweringNetwork({finds({writable(first_socket)})});
  script_sockets();
  network_.connects = {would_block};
  network_.connections = {std::errc::connection_refused};
  const auto failure = run(failure_of(connect(Endpoint("192.0.2.1", 80))));
  EXPECT_EQ(failure, std::errc::connection_refused);
  EXPECT_TRUE(network_.record(first_socket).closed || network_.record(first_socket).aborted);
}

TEST_F(HostTest, abandons_a_connection_that_is_being_made_when_it_is_cancelled) {
  script_sockets();
  network_.connects = {would_block};
  auto handle = host_.spawn(connect(Endpoint("192.0.2.1", 80)));
  host_.run();
  EXPECT_EQ(network_.watched(), (std::vector{std::pair(first_socket, Direction::send)}));
  handle.cancel();
  EXPECT_EQ(host_.run(), RunEnd::done);
  EXPECT_TRUE(network_.watched().empty());
  EXPECT_TRUE(network_.record(first_socket).aborted);
}

TEST_F(HostTest, looks_a_name_up_and_tries_its_addresses_in_order) {
  network_ = AnsweringNetwork({finds({readable(AnsweringNetwork::special)})});
  script_sockets();
  network_.lookups = {std::vector{Endpoint("::1", 0), Endpoint("127.0.0.1", 0)}};
  network_.connects = {std::errc::host_unreachable, Result<>()};
  run(connect(Address("server", 80)));
  EXPECT_EQ(network_.looked_up, std::vector<std::string>{"server"});
  EXPECT_EQ(network_.connected_to, (std::vector<std::string>{"[::1]:80", "127.0.0.1:80"}));
  EXPECT_EQ(log_, Log{"connected to 127.0.0.1:80"});
}

TEST_F(HostTest, throws_the_last_error_if_no_address_of_a_name_answers) {
  network_ = AnsweringNetwork({finds({readable(AnsweringNetwork::special)})});
  network_.lookups = {std::vector{Endpoint("::1", 0), Endpoint("127.0.0.1", 0)}};
  network_.connects = {std::errc::host_unreachable, std::errc::connection_refused};
  const auto failure = run(failure_of(connect(Address("server", 80))));
  EXPECT_EQ(failure, std::errc::connection_refused);
}

TEST_F(HostTest, throws_why_a_name_could_not_be_looked_up) {
  network_ = AnsweringNetwork({finds({readable(AnsweringNetwork::special)})});
  network_.lookups = {std::errc::no_such_device_or_address};
  EXPECT_EQ(run(failure_of(host_.resolve("nowhere"))), std::errc::no_such_device_or_address);
  EXPECT_TRUE(network_.record(AnsweringNetwork::special).closed);
}

TEST_F(HostTest, leaves_choices_and_random_bits_to_the_network) {
  EXPECT_EQ(host_.choose("which way", 3), 2U);
  EXPECT_EQ(network_.chosen, "which way");
  const auto first = host_.random();
  EXPECT_EQ(host_.random(), first + 1);
}

}  // namespace
}  // namespace rehearsal::sched
