#include "tests/corpus/guests/pairs/pairs.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "simnet/search/seed_runs.hpp"

namespace rehearsal::guests {
namespace {

using simnet::NamedPolicy;
using simnet::RunResult;
using simnet::Scenario;
using simnet::Schedule;
using simnet::SeedRuns;

// The environment variable sets how many runs each pair has (./dev guests).
std::uint64_t number_of_runs() {
  const char* asked = std::getenv("REHEARSAL_GUEST_RUNS");
  return asked == nullptr ? 300 : std::stoull(asked);
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Scenario& one : pairs()) {
    all.push_back(one.name);
  }
  return all;
}

Scenario named(const std::string& name) {
  static const std::vector<Scenario> all = pairs();
  return *std::ranges::find(all, name, &Scenario::name);
}

class Pairs : public testing::TestWithParam<std::string> {};

TEST_P(Pairs, answer_under_mix) {
  const std::uint64_t runs = number_of_runs();
  const Scenario pair = named(GetParam());
  const auto nominal = simnet::run_scenario(pair, {1, NamedPolicy(NamedPolicy::Kind::nominal)});
  ASSERT_TRUE(nominal.report.ok()) << nominal.report.to_string();
  SeedRuns seeds(pair, NamedPolicy());
  bool answered = false;
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    const RunResult result = seeds.run(seed);
    ASSERT_TRUE(result.report.ok())
        << "guest_pairs replay '" << result.schedule.to_string() << "'\n"
        << result.report.to_string();
    answered = answered ||
               std::ranges::any_of(result.sometimes, [](const auto& one) { return one.second; });
  }
  EXPECT_TRUE(answered);
}

// The servers of these sort connections by address, and serve them in this order.
bool follows_addresses(const std::string& name) {
  return name == "asio_chat.sockets" || name == "asio_lines.asio";
}

std::vector<std::string> names_of_reproducible() {
  std::vector<std::string> all = names();
  std::erase_if(all, follows_addresses);
  return all;
}

class ReproduciblePairs : public Pairs {};

TEST_P(ReproduciblePairs, have_one_digest_for_a_seed) {
  const auto digest = [] {
    return simnet::run_scenario(named(GetParam()), {7, NamedPolicy()}).report.digest;
  };
  EXPECT_EQ(digest(), digest());
}

simnet::WorldEnd end_of(const char* text) {
  const auto schedule = std::get<Schedule>(simnet::parse_schedule(text));
  return simnet::replay_scenario(named(schedule.scenario), schedule).report.end;
}

// The bugs of libraries in README.md.
TEST(BugsOfLibraries, asio_takes_an_aborted_connection_for_an_empty_backlog) {
  EXPECT_EQ(end_of("asio_echo.asio data=1"), simnet::WorldEnd::done);
  EXPECT_EQ(end_of("asio_echo.asio data=1 accept/server:tcp/9000/0=1"),
            simnet::WorldEnd::quiescent);
}

TEST(BugsOfLibraries, microhttpd_never_accepts_again) {
  EXPECT_EQ(end_of("microhttpd_epoll.curl data=1"), simnet::WorldEnd::done);
  EXPECT_EQ(end_of("microhttpd_epoll.curl data=1 accept/server:tcp/9000/1=5"),
            simnet::WorldEnd::time_limit);
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::ranges::replace(name, '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, Pairs, testing::ValuesIn(names()), test_name);
INSTANTIATE_TEST_SUITE_P(All, ReproduciblePairs, testing::ValuesIn(names_of_reproducible()),
                         test_name);

}  // namespace
}  // namespace rehearsal::guests
