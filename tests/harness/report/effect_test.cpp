#include "harness/report/effect.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"
#include "sched/sync/timeout.hpp"
#include "simnet/scenario.hpp"
#include "tests/simnet/search/racy_bank.hpp"

namespace rehearsal::harness {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using simnet::Deviation;
using simnet::Site;
using Host = sched::Host<simnet::SimulatedNetwork>;
using Stream = sched::Stream<simnet::SimulatedNetwork>;

// Returns what the deviation hit, with line numbers as LINE.
std::string hit(const simnet::Scenario& scenario, const Deviation& deviation) {
  simnet::DiagnosticsCollector collector({});
  simnet::HistoryRecorder without;
  const std::array<simnet::RunWatcher*, 1> watchers = {&collector};
  const std::array<simnet::RunWatcher*, 1> others = {&without};
  simnet::replay_scenario(scenario, {scenario.name, 3, {deviation}}, watchers);
  simnet::replay_scenario(scenario, {scenario.name, 3, {}}, others);
  if (collector.evidence().deviations.empty()) {
    return "not applied";
  }
  std::string text = effect_of(collector.evidence().deviations.front(),
                               collector.evidence().history, without.history())
                         .text;
  for (std::size_t at = text.find("pp:"); at != std::string::npos; at = text.find("pp:", at + 1)) {
    const std::size_t end = text.find_first_not_of("0123456789", at + 3);
    text.replace(at + 3, std::min(end, text.size()) - at - 3, "LINE");
  }
  return text;
}

sched::Task<> answer_all(Host& host) {
  auto listener = host.listen({"0.0.0.0", 7});
  for (;;) {
    std::optional<Stream> client = co_await listener.accept();
    if (!client) {
      break;
    }
    for (;;) {
      std::vector<std::byte> asked(4);
      const std::size_t size = co_await client->recv_exactly(asked);
      if (size != asked.size()) {
        break;
      }
      const std::string answer = "fine\n";
      co_await client->send_all(answer);
    }
  }
}

sched::Task<> draw_one(Host& host) {
  static_cast<void>(host.random());
  co_return;
}

sched::Task<> ask_once(Stream& server) {
  const std::string question = "how\n";
  co_await server.send_all(question);
  std::vector<std::byte> answer(5);
  co_await server.recv_exactly(answer);
}

sched::Task<> ask_twice(Host& host) {
  try {
    Stream server = co_await host.connect({"server", 7});
    for (int i = 0; i < 2; ++i) {
      try {
        co_await sched::with_timeout(5ms, ask_once(server));
      } catch (const std::system_error&) {  // asks again
      }
      co_await sched::sleep_for(1ms);
    }
  } catch (const std::system_error&) {
    co_return;
  }
}

simnet::Scenario asking(bool survives = false) {
  return {"asking", "A client asks twice", [survives](simnet::World& world) {
            world.host("server").spawn("serve", [](Host& host) { return answer_all(host); });
            world.host("client").spawn("ask", [](Host& host) { return ask_twice(host); });
            if (survives) {
              world.survives({simnet::crash("server"), simnet::pause("server"),
                              simnet::partition("server", "client")},
                             {.until = 50ms});
            }
          }};
}

TEST(Effect, OfADelayNamesTheTaskThatWaitedAndItsLine) {
  EXPECT_EQ(hit(simnet::racy_bank(2, 5), {{Site::late, "client-0/deposit#0>", 3}, 1'300}),
            "bank/serve/client-0/deposit#0, which waited for it at racy_bank.hpp:LINE, received "
            "hex 00 1.30 ms late; next: send client-0/deposit#0< = 1 hex 00 at racy_bank.hpp:LINE");
}

TEST(Effect, OfADelayPastATimeoutSaysWhereTheTaskGaveUpAndWhatItDidNext) {
  EXPECT_EQ(hit(asking(), {{Site::late, "client/ask#0<", 1}, 7'000}),
            "client/ask, which waited for it at effect_test.cpp:LINE < effect_test.cpp:LINE, gave "
            "up at effect_test.cpp:LINE at 5.300 ms; it came at 7.500 ms, 7.00 ms late; next: send "
            "client/ask#0> = 4 \"how\\n\" at effect_test.cpp:LINE < effect_test.cpp:LINE");
}

TEST(Effect, OfALossIsThatOfADelay) {
  const std::string text = hit(asking(), {{Site::lost, "client/ask#0<", 1}, 1});
  EXPECT_NE(
      text.find("gave up at effect_test.cpp:LINE at 5.300 ms; it had not come when the run ended; "
                "next: send client/ask#0> = 4 "),
      std::string::npos)
      << text;
}

TEST(Effect, OfADelayedConnectIsTheTaskThatConnects) {
  const std::string text = hit(asking(), {{Site::late, "client/ask#0>", 0}, 3'000});
  EXPECT_NE(text.find("client/ask, which waited for it at host.hpp:LINE < "), std::string::npos)
      << text;
  EXPECT_NE(text.find(", continued 3.00 ms late; next: send client/ask#0> = 4 \"how\\n\""),
            std::string::npos)
      << text;
}

TEST(Effect, OfAPartialCallShowsBothResults) {
  EXPECT_EQ(hit(asking(), {{Site::recv, "client/ask#0>", 1}, 2}),
            "client/ask: recv client/ask#0> = 2 \"fi\" at effect_test.cpp:LINE < "
            "effect_test.cpp:LINE, instead of = 5 \"fine\\n\"; next: recv client/ask#0> = 3 "
            "\"ne\\n\" at effect_test.cpp:LINE < effect_test.cpp:LINE, instead of send "
            "client/ask#0> = 4 \"how\\n\" at effect_test.cpp:LINE < effect_test.cpp:LINE");
  const std::string sent = hit(asking(), {{Site::send, "client/ask#0<", 0}, 1});
  EXPECT_EQ(sent.find("server/serve: send client/ask#0< = 1 \"f\" at effect_test.cpp:LINE, "
                      "instead of = 5 \"fine\\n\"; next: "),
            0U)
      << sent;
}

TEST(Effect, OfAResetAndOfARefusedConnectIsTheErrorAndWhatFollowed) {
  const std::string reset = hit(asking(), {{Site::reset, "client/ask#0>", 0}, 1});
  EXPECT_EQ(reset.find("client/ask: send client/ask#0> ECONNRESET at "), 0U) << reset;
  const std::string refused = hit(asking(), {{Site::connect, "client/ask#0", 0}, 1});
  EXPECT_EQ(refused,
            "client/ask: connect ECONNREFUSED at host.hpp:LINE < effect_test.cpp:LINE, instead of "
            "= 3; next: it ended, instead of "
            "send client/ask#0> = 4 \"how\\n\" at effect_test.cpp:LINE < "
            "effect_test.cpp:LINE");
}

TEST(Effect, OfAnOrderIsWhatTheOtherTaskDidFirst) {
  const simnet::Scenario scenario("order", "Two tasks of a host", [](simnet::World& world) {
    for (const char* const name : {"first", "second"}) {
      world.host("host").spawn(name, [](Host& host) { return draw_one(host); });
    }
  });
  const std::string text = hit(scenario, {{Site::run, "host/first", 1}, 1});
  EXPECT_EQ(text.find("host/first ran at 0.000 ms, after host/second had called random = "), 0U)
      << text;
}

TEST(Effect, OfACrashIsWhatTheHostDidAndWhoNoticed) {
  const std::string text = hit(asking(true), {{Site::crash, "server", 4}, 1});
  EXPECT_EQ(text.find("it hit server/serve after "), 0U) << text;
  EXPECT_NE(text.find("; the first to do something else was client/ask at "), std::string::npos)
      << text;
}

TEST(Effect, OfAPartitionIsTheFirstTaskThatNoticed) {
  const std::string text = hit(asking(true), {{Site::partition, "server+client", 8}, 30});
  EXPECT_EQ(text.find("the first to do something else was client/ask at "), 0U) << text;
}

TEST(Effect, IsNotSaidWhereTheEventsAreNotKept) {
  simnet::AppliedDeviation applied;
  applied.deviation = {{Site::late, "a#0>", 0}, 1};
  applied.event = 5;
  EXPECT_EQ(effect_of(applied, {}, {}).text, "");
}

}  // namespace
}  // namespace rehearsal::harness
