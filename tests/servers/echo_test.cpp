// The echo server on every network: one template over a script, select() and epoll.
#include "servers/echo.hpp"

#include <chrono>
#include <numeric>

#include "tests/realnet/loopback.hpp"
#include "tests/servers/captured_log.hpp"
#include "tests/servers/echo_clients.hpp"

namespace rehearsal::servers {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

struct Names {
  template <class Net>
  static std::string GetName(int index) {  // NOLINT: GoogleTest's name
    return std::is_same_v<Net, simnet::ScriptedNetwork>
               ? "script"
               : realnet::NetworkNames::GetName<Net>(index);
  }
};
using Networks = testing::Types<simnet::ScriptedNetwork, realnet::Select, realnet::Epoll>;

template <class Net>
class Echo : public realnet::Guarded {
 protected:
  harness::CapturedLog log_;
};
TYPED_TEST_SUITE(Echo, Networks, Names);

TYPED_TEST(Echo, gives_every_byte_back_and_ends_when_its_client_has_finished) {
  const std::vector<Client> clients{Client({"hello"}, Leaving::finishes)};
  const Served served = serve<TypeParam>(clients);
  EXPECT_EQ(served.answers, Answers{"hello[end]"});
}

TYPED_TEST(Echo, gives_back_pieces_of_any_size) {
  EchoOptions options;
  options.buffer_bytes = 1000;
  std::vector<Client> clients;
  std::uint32_t seed = 0;
  for (const std::size_t size : {1U, 999U, 1000U, 1001U, 2000U, 65536U, 1U << 20U}) {
    clients.push_back(Client({letters(size, ++seed)}, Leaving::finishes));
  }
  const Served served = serve<TypeParam>(clients, options);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    EXPECT_TRUE(served.answers[i] == clients[i].all() + "[end]") << clients[i].all().size();
  }
}

TYPED_TEST(Echo, sends_nothing_to_a_client_that_sends_nothing) {
  const Served served = serve<TypeParam>({Client({}, Leaving::finishes)});
  EXPECT_EQ(served.answers, Answers{"[end]"});
  EXPECT_EQ(served.statistics.accepted, 1U);
}

TYPED_TEST(Echo, keeps_the_bytes_of_many_clients_apart) {
  std::vector<Client> clients;
  for (std::uint32_t i = 0; i < 100; ++i) {
    std::vector<std::string> says;
    for (std::uint32_t k = 0; k <= i % 7; ++k) {
      says.push_back(letters(1 + (i * 37 + k * 101) % 3000, i * 1000 + k));
    }
    clients.push_back(Client(std::move(says), Leaving::finishes));
  }
  const Served served = serve<TypeParam>(clients);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    EXPECT_TRUE(served.answers[i] == clients[i].all() + "[end]") << "client " << i;
  }
}

TYPED_TEST(Echo, sends_the_prefix_before_each_piece) {
  EchoOptions options;
  options.prefix = "GOT:";
  const Served served = serve<TypeParam>({Client({"one", "two"}, Leaving::finishes)}, options);
  EXPECT_EQ(served.answers, Answers{"GOT:oneGOT:two[end]"});
  EXPECT_EQ(served.statistics.bytes, 6U);
}

TYPED_TEST(Echo, loses_only_the_sessions_whose_clients_fail) {
  const std::vector<Client> clients{
      Client({"first"}, Leaving::resets), Client({"second", "still"}, Leaving::finishes),
      Client({"third"}, Leaving::resets), Client({"fourth", "still", "there"}, Leaving::finishes)};
  const Served served = serve<TypeParam>(clients);
  EXPECT_EQ(served.answers,
            (Answers{"first[left]", "secondstill[end]", "third[left]", "fourthstillthere[end]"}));
  EXPECT_EQ(served.statistics.failed, 2U);
}

TYPED_TEST(Echo, reports_which_client_failed_and_why) {
  const Served served = serve<TypeParam>({Client({"x"}, Leaving::resets)});
  EXPECT_EQ(served.statistics.failed, 1U);
  EXPECT_TRUE(this->log_.has("server/accept/")) << this->log_.text();
  EXPECT_TRUE(this->log_.has("receive from ")) << this->log_.text();
  EXPECT_TRUE(this->log_.has("Connection reset by peer")) << this->log_.text();
}

TYPED_TEST(Echo, serves_no_more_at_once_than_it_may_and_the_others_in_their_turn) {
  EchoOptions options;
  options.max_connections = 2;
  std::vector<Client> clients;
  Answers expected;
  for (int i = 0; i < 6; ++i) {
    // A session that fails also frees its place.
    const bool fails = i % 3 == 0;
    clients.push_back(Client({"a", "b"}, fails ? Leaving::resets : Leaving::finishes));
    expected.emplace_back(fails ? "ab[left]" : "ab[end]");
  }
  const Served served = serve<TypeParam>(clients, options);
  EXPECT_EQ(served.answers, expected);
  EXPECT_EQ(served.most_connected, 2U);
  EXPECT_EQ(served.statistics.accepted, 6U);
}

TYPED_TEST(Echo, sends_an_idle_client_away_with_a_reset) {
  EchoOptions options;
  options.idle_timeout = 1s;
  const std::vector<Client> clients{Client({"and then nothing"}, Leaving::stays),
                                    Client({}, Leaving::stays)};
  const Served served = serve<TypeParam>(clients, options);
  EXPECT_EQ(served.answers, (Answers{"and then nothing[reset]", "[reset]"}));
  EXPECT_EQ(served.statistics.failed, 2U);
}

TYPED_TEST(Echo, counts_what_it_did) {
  const std::vector<Client> clients{Client({"12345", "6789"}, Leaving::finishes),
                                    Client({"abc"}, Leaving::resets),
                                    Client({}, Leaving::finishes)};
  const EchoStatistics counted = serve<TypeParam>(clients).statistics;
  EXPECT_EQ(counted.connected, 0U);
  EXPECT_EQ(counted.accepted, 3U);
  EXPECT_EQ(counted.failed, 1U);
  EXPECT_EQ(counted.skipped, 0U);
  EXPECT_EQ(counted.back_offs, 0U);
  EXPECT_EQ(counted.bytes, 12U);
}

TYPED_TEST(Echo, reports_at_debug_level_which_clients_connect_and_end) {
  spdlog::default_logger()->set_level(spdlog::level::debug);
  serve<TypeParam>({Client({"x"}, Leaving::finishes)});
  EXPECT_TRUE(this->log_.has(" connected\n")) << this->log_.text();
  EXPECT_TRUE(this->log_.has(" is done\n")) << this->log_.text();
}

}  // namespace
}  // namespace rehearsal::servers
