#include "harness/report/deviation_text.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace rehearsal::harness {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using simnet::AppliedDeviation;
using simnet::Site;

AppliedDeviation applied(Site site, std::string entity, std::uint32_t ordinal,
                         std::uint32_t value) {
  AppliedDeviation one;
  one.deviation = {{site, std::move(entity), ordinal}, value};
  one.at = sched::Instant(12'003us);
  return one;
}

TEST(DeviationText, NamesWhoRanFirst) {
  AppliedDeviation held = applied(Site::run, "server/client-2", 4, 1);
  EXPECT_EQ(sentence(held), "at 12.003 ms, server/client-2 was deferred past 1 task");
  held.went_first = {"server/client-1", "server/client-0"};
  EXPECT_EQ(sentence(held),
            "at 12.003 ms, server/client-2 was deferred past 1 task: server/client-1, "
            "server/client-0 ran first");
}

TEST(DeviationText, NumbersWhatIsSentFromOne) {
  EXPECT_EQ(sentence(applied(Site::late, "client-0/0#0>", 2, 40'000)),
            "at 12.003 ms, the 3rd segment of client-0/0#0> was sent and delayed by 40.0 ms");
  EXPECT_EQ(sentence(applied(Site::lost, "server:udp/53", 0, 1)),
            "at 12.003 ms, the 1st datagram of server:udp/53 was sent and dropped");
}

TEST(DeviationText, NamesTheErrorOfACall) {
  EXPECT_EQ(sentence(applied(Site::accept, "server:tcp/7", 0, 2)),
            "at 12.003 ms, an accept of server:tcp/7 failed with EMFILE");
  EXPECT_EQ(sentence(applied(Site::connect, "client/0#0", 0, 1)),
            "at 12.003 ms, the connect client/0#0 failed with ECONNREFUSED");
}

TEST(DeviationText, SaysWhichHostsAFaultHit) {
  EXPECT_EQ(sentence(applied(Site::crash, "db~2", 3, 40)),
            "at 12.003 ms, db~2 crashed, and restarted 40.0 ms later");
  EXPECT_EQ(sentence(applied(Site::clock, "db", 3, 40)),
            "at 12.003 ms, the clock of db jumped forward by 40.0 ms");
  EXPECT_EQ(sentence(applied(Site::partition, "db+client", 3, 40)),
            "at 12.003 ms, db and client were cut off from each other for 40.0 ms");
  EXPECT_EQ(sentence(applied(Site::one_way, "db>client", 3, 40)),
            "at 12.003 ms, nothing from db reached client for 40.0 ms");
}

TEST(DeviationText, SaysWhatABusyMachineDid) {
  EXPECT_EQ(sentence(applied(Site::timer, "client/poll", 3, 40'000)),
            "at 12.003 ms, a timer of client/poll was due and fired 40.0 ms later");
  EXPECT_EQ(sentence(applied(Site::backlog, "client/0#0", 0, 2)),
            "at 12.003 ms, the accept queue was full: it dropped 2 SYNs of the connection "
            "client/0#0");
  EXPECT_EQ(sentence(applied(Site::backlog, "client/0#0", 1, 1)),
            "at 12.003 ms, the accept queue was full: it dropped 1 ACK of the connection "
            "client/0#0");
}

TEST(DeviationText, SaysHowANameResolved) {
  EXPECT_EQ(sentence(applied(Site::lookup, "client:db", 0, 2)),
            "at 12.003 ms, the name resolution client:db failed with ETIMEDOUT");
  EXPECT_EQ(sentence(applied(Site::stale, "client:db", 0, 40)),
            "at 12.003 ms, the name resolution client:db returned an old address, for 40.0 ms");
}

TEST(DeviationText, SaysWhoChose) {
  EXPECT_EQ(sentence(applied(Site::program, "server:disk", 1, 3)),
            "at 12.003 ms, server chose 3 at its 2nd 'disk'");
  EXPECT_EQ(sentence(applied(Site::program, "world:weather", 0, 1)),
            "at 12.003 ms, the scenario chose 1 at its 1st 'weather'");
}

TEST(DeviationText, HasWordsForEverySite) {
  for (std::size_t site = 0; site < simnet::site_count; ++site) {
    const AppliedDeviation one = applied(static_cast<Site>(site), "a:b", 0, 1);
    EXPECT_NE(sentence(one), one.deviation.to_string());
    EXPECT_NE(sentence(one).find("12.003 ms"), std::string::npos) << sentence(one);
  }
}

}  // namespace
}  // namespace rehearsal::harness
