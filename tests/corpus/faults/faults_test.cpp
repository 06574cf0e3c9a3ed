#include "simnet/search/faults.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "simnet/search/delay_bounded.hpp"
#include "simnet/search/shrink.hpp"
#include "tests/corpus/faults/scenarios/scenarios.hpp"

namespace rehearsal::faults {
namespace {

using simnet::Scenario;
using simnet::SearchEnd;
using simnet::SearchOptions;
using simnet::SearchReport;
using simnet::Shrunk;
using simnet::Site;

Scenario named(const std::string& name) {
  const std::vector<Scenario> all = scenarios();
  return *std::ranges::find(all, name, &Scenario::name);
}

// The row of a scenario in the table of docs/running.md.
std::string row_of(const std::string& name) {
  const SearchReport report = simnet::search_faults(named(name), 2);
  EXPECT_EQ(report.end, SearchEnd::faults) << report.to_string();
  EXPECT_EQ(report.failures, 0U) << report.to_string();
  EXPECT_TRUE(report.faults->all_tried());
  std::string row = "| `" + name + "` | " + std::to_string(report.faults->sets[0].found) + ": ";
  for (const auto& [site, count] : report.faults->offered) {
    row += (site == report.faults->offered.begin()->first ? "" : ", ") + std::to_string(count) +
           ' ' + std::string(simnet::name(site));
  }
  return row + " | " + std::to_string(report.faults->sets[1].found) + " | " +
         std::to_string(report.runs) + " |";
}

TEST(Faults, of_five_small_scenarios_are_enumerated_whole) {
  const std::vector<std::string> rows{
      "| `echo` | 30: 4 late, 6 recv, 6 send, 3 spurious, 2 again, 7 interrupt, 2 resolve | 481 | "
      "512 |",
      "| `retry` | 15: 5 reset, 6 accept, 4 connect | 201 | 217 |",
      "| `datagram` | 4: 2 lost, 2 duplicate | 14 | 19 |",
      "| `timeout` | 24: 24 late | 249 | 274 |",
      "| `transfer` | 92: 92 crash | 7760 | 7853 |",
  };
  std::ifstream file(REHEARSAL_RUNNING_MD);
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  for (const std::string& row : rows) {
    const std::size_t begin = row.find('`') + 1;
    EXPECT_EQ(row_of(row.substr(begin, row.find('`', begin) - begin)), row);
    EXPECT_NE(page.find(row), std::string::npos) << "docs/running.md lacks " << row;
  }
}

// Shrinks the failure and returns the schedule, without the name of the scenario.
std::string shrunk(const std::string& name, const SearchReport& report) {
  if (!report.failure) {
    return report.to_string();
  }
  const Scenario scenario = named(name);
  const Shrunk shrunk = simnet::shrink(report.failure->schedule, simnet::attempt_here(scenario));
  return shrunk.schedule.to_string().substr(name.size() + 1);
}

// It crashes when the first half is sent, and the order noted, and the second half is not.
TEST(Faults, include_a_crash_at_the_one_call_that_matters) {
  const SearchReport report = simnet::search_faults(named("transfer.buggy"), 1);
  EXPECT_EQ(report.end, SearchEnd::failure);
  EXPECT_EQ(report.failed_at, 16U);
  EXPECT_EQ(shrunk("transfer.buggy", report), "data=1 crash/clerk/14=1");
  // No other moment of the first process matters.
  SearchOptions options;
  options.stop_at_failure = false;
  std::vector<std::string> failing;
  options.on_run = [&](const simnet::RunResult& result) {
    if (!result.report.ok()) {
      failing.push_back(result.schedule.to_string());
    }
  };
  simnet::search_faults(named("transfer.buggy"), 1, options);
  EXPECT_EQ(failing.size(), 4U);
  for (const std::string& schedule : failing) {
    EXPECT_NE(schedule.find("crash/clerk/14="), std::string::npos) << schedule;
  }
}

TEST(Faults, in_pairs_find_what_single_ones_do_not) {
  const SearchReport single = simnet::search_faults(named("datagram.buggy"), 1);
  EXPECT_EQ(single.end, SearchEnd::faults) << single.to_string();
  const SearchReport pairs = simnet::search_faults(named("datagram.buggy"), 2);
  EXPECT_EQ(pairs.failed_at, 6U);
  EXPECT_EQ(shrunk("datagram.buggy", pairs),
            "data=1 lost/client:udp/80/0=1 lost/client:udp/80/1=1");
}

// Each packet may come up to 2,000 us late. Only delays that outlast something are tried.
TEST(Faults, include_the_delay_that_outlasts_a_timeout) {
  const SearchReport report = simnet::search_faults(named("timeout.buggy"), 1);
  EXPECT_EQ(report.end, SearchEnd::failure);
  EXPECT_EQ(report.failed_at, 4U);
}

// A search by transitions tries the same delays if SearchOptions::varied names their site.
TEST(Faults, are_varied_by_searches_of_transitions_on_demand) {
  SearchOptions options;
  simnet::DelayBounded without(1);
  const SearchReport not_varied = simnet::search(named("timeout.buggy"), options, without);
  EXPECT_EQ(not_varied.end, SearchEnd::deviations) << not_varied.to_string();
  EXPECT_EQ(not_varied.untried, std::vector{Site::late});
  options.varied = {Site::late};
  simnet::DelayBounded with(1);
  const SearchReport varied = simnet::search(named("timeout.buggy"), options, with);
  EXPECT_EQ(varied.end, SearchEnd::failure) << varied.to_string();
  EXPECT_TRUE(varied.untried.empty());
  const simnet::RunResult replayed =
      simnet::replay_scenario(named("timeout.buggy"), varied.failure->schedule);
  EXPECT_EQ(replayed.report.digest, varied.failure->report.digest);
}

}  // namespace
}  // namespace rehearsal::faults
