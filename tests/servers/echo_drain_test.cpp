// How the echo server stops on a kernel: each client that was promised an echo gets it or a reset,
// and never an end that looks complete.
#include <deque>

#include "tests/servers/echo_clients.hpp"
#include "tests/servers/kernel_echo.hpp"

namespace rehearsal::servers {
namespace {

template <class Net>
class EchoDrain : public KernelEcho<Net> {};
TYPED_TEST_SUITE(EchoDrain, realnet::BothNetworks, realnet::NetworkNames);

EchoOptions draining_for(sched::Duration timeout) {
  EchoOptions options;
  options.drain_timeout = timeout;
  return options;
}

TYPED_TEST(EchoDrain, takes_the_backlog_and_then_refuses) {
  this->listen();
  BareClient one = this->connect();
  BareClient two = this->connect();
  for (BareClient* client : {&one, &two}) {
    client->say("waited for its turn");
    client->finish();
  }
  this->server_->stop();
  this->start();
  this->run_to_the_end();
  EXPECT_EQ(one.hear_all(), "waited for its turn[end]");
  EXPECT_EQ(two.hear_all(), "waited for its turn[end]");
  EXPECT_TRUE(BareClient::is_refused(this->at_));
}

TYPED_TEST(EchoDrain, stops_accepting_if_no_client_waits) {
  this->listen();
  this->start();
  this->run_for(10ms);
  this->server_->stop();
  this->run_to_the_end();
  EXPECT_TRUE(BareClient::is_refused(this->at_));
}

// Some clients are in a session when the server is stopped, the others wait in the backlog.
TYPED_TEST(EchoDrain, echoes_all_that_was_acknowledged_before_it_was_stopped) {
  this->listen();
  this->start();
  std::deque<BareClient> clients;
  std::vector<std::string> said;
  for (std::uint32_t i = 0; i < 20; ++i) {
    clients.emplace_back(this->at_);
    said.push_back(letters(5000 + 1000 * i, i));
    if (i % 2 == 0) {
      clients[i].say(std::string_view(said[i]).substr(0, 10));
      this->run_until_echoed(10 * (i / 2 + 1));
      clients[i].say(std::string_view(said[i]).substr(10));
    } else {
      clients[i].say(said[i]);
    }
    clients[i].finish();
  }
  this->server_->stop();
  this->run_to_the_end();
  for (std::size_t i = 0; i < clients.size(); ++i) {
    EXPECT_TRUE(clients[i].hear_all() == said[i] + "[end]") << "client " << i;
  }
}

TYPED_TEST(EchoDrain, resets_clients_that_have_not_finished_when_the_time_is_over) {
  this->listen(draining_for(200ms));
  this->start();
  BareClient idle = this->connect();
  idle.say("answered");
  this->run_until_echoed(8);
  BareClient fresh = this->connect();
  fresh.say("answered too");
  this->server_->stop();
  this->run_to_the_end();
  EXPECT_EQ(idle.hear_all(), "answered[reset]");
  const std::string heard = fresh.hear_all();
  EXPECT_TRUE(heard == "answered too[reset]" || heard == "[reset]") << heard;
  EXPECT_TRUE(this->log_.has("2 sessions did not end in time")) << this->log_.text();
}

TYPED_TEST(EchoDrain, lasts_no_longer_than_the_last_session) {
  this->listen(draining_for(1h));
  this->start();
  BareClient client = this->connect();
  client.say("bye");
  this->run_until_echoed(3);
  this->server_->stop();
  client.finish();
  this->run_to_the_end();
  EXPECT_EQ(client.hear_all(), "bye[end]");
}

TYPED_TEST(EchoDrain, delays_no_client_for_a_peer_that_never_reads_and_resets_it) {
  this->listen(draining_for(2s));
  this->start();
  BareClient clogged = this->connect();
  std::size_t said = 0;
  for (std::uint64_t before = 1; before != this->counted().bytes;) {
    before = this->counted().bytes;
    said += clogged.say_much();
    this->run_for(50ms);
  }
  const std::uint64_t echoed = this->counted().bytes;
  BareClient other = this->connect();
  other.say("served");
  this->run_until_echoed(echoed + 6);
  EXPECT_EQ(other.hear(), "served");
  other.finish();
  this->server_->stop();
  this->run_to_the_end();
  EXPECT_EQ(other.hear_all(), "[end]");
  const std::string heard = clogged.hear_all();
  EXPECT_TRUE(heard.ends_with("[reset]"));
  EXPECT_LT(heard.size(), said);
}

TYPED_TEST(EchoDrain, resets_clients_it_had_no_room_for) {
  EchoOptions options = draining_for(100ms);
  options.max_connections = 1;
  this->listen(options);
  this->start();
  BareClient served = this->connect();
  served.say("first");
  this->run_until_echoed(5);
  BareClient waiting = this->connect();
  waiting.say("never read");
  this->server_->stop();
  this->run_to_the_end();
  EXPECT_EQ(served.hear_all(), "first[reset]");
  EXPECT_EQ(waiting.hear_all(), "[reset]");
}

TYPED_TEST(EchoDrain, serves_clients_it_had_no_room_for_once_there_is_some) {
  EchoOptions options;
  options.max_connections = 1;
  this->listen(options);
  this->start();
  BareClient served = this->connect();
  served.say("first");
  this->run_until_echoed(5);
  BareClient waiting = this->connect();
  waiting.say("second");
  waiting.finish();
  this->server_->stop();
  this->run_for(20ms);
  EXPECT_EQ(this->counted().accepted, 1U);
  served.finish();
  this->run_to_the_end();
  EXPECT_EQ(served.hear_all(), "first[end]");
  EXPECT_EQ(waiting.hear_all(), "second[end]");
}

TYPED_TEST(EchoDrain, is_cut_short_by_a_cancellation_which_resets_everyone) {
  this->listen(draining_for(1h));
  this->start();
  BareClient client = this->connect();
  client.say("x");
  this->run_until_echoed(1);
  this->server_->stop();
  this->run_for(10ms);
  this->serving_.cancel();
  EXPECT_EQ(this->host_.run(), sched::RunEnd::done);
  EXPECT_EQ(client.hear_all(), "x[reset]");
}

TYPED_TEST(EchoDrain, of_a_server_continues_when_a_client_resets_meanwhile) {
  this->listen();
  this->start();
  BareClient leaves = this->connect();
  BareClient stays = this->connect();
  leaves.say("a");
  stays.say("b");
  this->run_until_echoed(2);
  this->server_->stop();
  this->run_for(10ms);
  leaves.reset();
  stays.say("c");
  stays.finish();
  this->run_to_the_end();
  EXPECT_EQ(stays.hear_all(), "bc[end]");
  EXPECT_EQ(this->counted().failed, 1U);
}

}  // namespace
}  // namespace rehearsal::servers
