// The echo server when the process has run out of descriptors, and when select() cannot hold one.
#include <unistd.h>

#include <deque>
#include <type_traits>
#include <vector>

#include "tests/open_files_limit.hpp"
#include "tests/servers/kernel_echo.hpp"

namespace rehearsal::servers {
namespace {

using sched::Descriptor;

// Holds every free descriptor below a number.
class HeldDescriptors {
 public:
  explicit HeldDescriptors(Descriptor below) {
    Descriptor next = ::dup(STDIN_FILENO);
    for (; next >= 0 && next < below; next = ::dup(STDIN_FILENO)) {
      held_.push_back(next);
    }
    EXPECT_GE(next, below) << "the limit on open files is too low";
    ::close(next);
  }
  HeldDescriptors(const HeldDescriptors&) = delete;
  HeldDescriptors& operator=(const HeldDescriptors&) = delete;
  ~HeldDescriptors() {
    for (const Descriptor held : held_) {
      ::close(held);
    }
  }

 private:
  std::vector<Descriptor> held_;
};

class Polls final : public sched::Observer {
 public:
  void polled(sched::Wake /*wake*/, std::size_t /*ready*/) override { ++count_; }
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  std::uint64_t count_ = 0;
};

template <class Net>
class EchoLimits : public KernelEcho<Net> {};
TYPED_TEST_SUITE(EchoLimits, realnet::BothNetworks, realnet::NetworkNames);

TYPED_TEST(EchoLimits, out_of_descriptors_it_serves_the_others_and_accepts_again_later) {
  this->listen();
  std::vector<std::unique_ptr<BareClient>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<BareClient>(this->at_));
    clients.back()->say("hello");
  }
  OpenFilesLimit limit;
  limit.leave(2);
  this->start();
  this->host_.run_until([this] { return this->counted().back_offs >= 2; });
  EXPECT_EQ(this->counted().accepted, 2U);
  EXPECT_EQ(clients[0]->hear(), "hello");
  EXPECT_EQ(clients[1]->hear(), "hello");
  clients[0]->say("again");
  this->run_until_echoed(15);
  EXPECT_EQ(clients[0]->hear(), "again");

  clients[1]->finish();  // its session closes one descriptor
  this->run_until_echoed(20);
  EXPECT_EQ(this->counted().accepted, 3U);
  EXPECT_EQ(clients[2]->hear(), "hello");

  limit.lift();
  this->run_until_echoed(30);
  EXPECT_EQ(clients[4]->hear(), "hello");
  EXPECT_EQ(this->counted().failed, 0U);
}

TYPED_TEST(EchoLimits, out_of_descriptors_it_does_not_spin) {
  this->listen();
  BareClient served = this->connect();
  BareClient waiting = this->connect();
  OpenFilesLimit limit;
  limit.leave(1);
  Polls polls;
  this->host_.scheduler().observe(polls);
  const sched::Instant start = this->network_.now();
  this->start();
  this->run_for(500ms);
  const auto elapsed = this->network_.now() - start;
  // 5, 10, ..., 320 ms, and then every 320 ms.
  const auto most = static_cast<std::uint64_t>(8 + elapsed / 320ms);
  EXPECT_GE(this->counted().back_offs, 1U);
  EXPECT_LE(this->counted().back_offs, most);
  EXPECT_LE(polls.count(), 10 * most);
  limit.lift();
  waiting.say("x");
  this->run_until_echoed(1);
  EXPECT_EQ(waiting.hear(), "x");
  this->host_.scheduler().forget(polls);
}

TYPED_TEST(EchoLimits, stopped_while_out_of_descriptors_it_resets_whom_it_could_not_accept) {
  EchoOptions options;
  options.drain_timeout = 100ms;
  this->listen(options);
  BareClient served = this->connect();
  BareClient waiting = this->connect();
  served.say("x");
  waiting.say("y");
  OpenFilesLimit limit;
  limit.leave(1);
  this->start();
  this->run_until_echoed(1);
  this->server_->stop();
  this->run_to_the_end();
  EXPECT_EQ(served.hear_all(), "x[reset]");
  EXPECT_EQ(waiting.hear_all(), "[reset]");
  EXPECT_GE(this->counted().back_offs, 1U);
}

TYPED_TEST(EchoLimits, above_what_select_can_hold_a_client_is_refused_and_the_others_are_served) {
  constexpr Descriptor clients_from = 1100;
  constexpr bool holds_any = std::is_same_v<TypeParam, realnet::Epoll>;
  OpenFilesLimit limit;
  limit.set(clients_from + 50);
  this->listen();
  std::deque<BareClient> clients;
  const auto connect = [&]() -> BareClient& {
    BareClient& client = clients.emplace_back(this->at_);
    client.move_to(clients_from);
    return client;
  };
  BareClient& leaves = connect();
  BareClient& stays = connect();
  BareClient& third = connect();
  // The free descriptors for sessions are 1022, 1023 and 1024.
  const HeldDescriptors held(realnet::Select::limit - 2);
  this->start();
  if (holds_any) {
    third.say("x");
    this->run_until_echoed(1);
    EXPECT_EQ(third.hear(), "x");
  } else {
    this->host_.run_until([this] { return this->counted().failed == 1; });
    EXPECT_EQ(third.hear_all(), "[reset]");
    EXPECT_TRUE(this->log_.has("cannot wait for descriptor 1024")) << this->log_.text();
  }
  leaves.say("leaves");
  stays.say("stays");
  this->run_until_echoed(holds_any ? 12 : 11);
  EXPECT_EQ(leaves.hear(), "leaves");
  EXPECT_EQ(stays.hear(), "stays");

  const std::size_t connected = this->counted().connected;
  leaves.finish();
  this->host_.run_until([&] { return this->counted().connected < connected; });
  BareClient& next = connect();
  next.say("has a number that is free again");
  this->run_until_accepted(4);
  this->run_until_echoed(this->counted().bytes + 31);
  EXPECT_EQ(next.hear(), "has a number that is free again");
}

}  // namespace
}  // namespace rehearsal::servers
