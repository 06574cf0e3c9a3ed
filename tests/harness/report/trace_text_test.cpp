#include "harness/report/trace_text.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sched/sync/supervisor.hpp"
#include "simnet/scenario.hpp"
#include "simnet/trace/diagnostics.hpp"

namespace rehearsal::harness {
namespace {

simnet::TraceEvent moved(simnet::Op op, const std::string& bytes) {
  simnet::TraceEvent event;
  event.op = op;
  event.handle = "a#0>";
  event.bytes = bytes;
  event.result = bytes.size();
  return event;
}

TEST(Payload, is_shown_as_text_where_it_prints) {
  EXPECT_EQ(payload_text("PUB news hi\n", 12), "\"PUB news hi\\n\"");
  EXPECT_EQ(payload_text("a\r\t\"\\", 5), "\"a\\r\\t\\\"\\\\\"");
  EXPECT_EQ(payload_text("caf\u00e9", 5), "\"caf\u00e9\"");
}

TEST(Payload, is_shown_in_hexadecimal_where_it_does_not) {
  EXPECT_EQ(payload_text(std::string_view("\0\xff", 2), 2), "hex 00 ff");
  EXPECT_EQ(payload_text("a\x1b[2J", 5), "hex 61 1b 5b 32 4a");
  EXPECT_EQ(payload_text("\u0085", 2), "hex c2 85") << "a control character";
  EXPECT_EQ(payload_text("\u202e", 3), "hex e2 80 ae") << "changes the direction of the line";
  EXPECT_EQ(payload_text("\xc3", 1), "hex c3") << "not whole";
}

TEST(Payload, is_cut_at_60_characters_with_the_number_of_its_bytes) {
  const std::string sixty(60, 'x');
  EXPECT_EQ(payload_text(sixty, 60), '"' + sixty + '"');
  EXPECT_EQ(payload_text(sixty + 'y', 61), '"' + sixty + "\"... (61 bytes)");
  EXPECT_EQ(payload_text(std::string(59, 'x') + '\n', 60),
            '"' + std::string(59, 'x') + "\"... (60 bytes)");
  EXPECT_EQ(payload_text(sixty, 1'000), '"' + sixty + "\"... (1,000 bytes)") << "the beginning";
  EXPECT_EQ(payload_text(std::string(21, '\0'), 21).substr(55), "00 00 00... (21 bytes)");
}

TEST(Payload, is_size_and_hash_where_it_is_not_kept) {
  simnet::TraceEvent event = moved(simnet::Op::recv, "");
  event.size = 1;
  event.hash = 0xab;
  EXPECT_EQ(payload_of(event), " (1 byte, 00000000000000ab)");
  event.size = 2'000;
  EXPECT_EQ(payload_of(event), " (2,000 bytes, 00000000000000ab)");
}

TEST(Payload, of_several_pieces_is_the_first_one) {
  simnet::TraceEvent event = moved(simnet::Op::send, "head ");
  event.result = 9;
  EXPECT_EQ(operation_text(event), "send a#0> = 9 \"head \"... (9 bytes)");
}

TEST(TraceText, a_link_says_in_words_what_happened_to_it) {
  simnet::TraceEvent event;
  event.op = simnet::Op::link;
  event.handle = "server";
  for (const char* const words : {"link server healed", "link server held", "link server cut"}) {
    event.result = event.result ? *event.result + 1 : 0;
    EXPECT_EQ(operation_text(event), words);
  }
}

sched::Task<> fail() {
  co_await sched::yield();
  throw std::runtime_error("no room\nfor two");
}

sched::Task<> supervise(auto& host) {
  sched::Supervisor children(host);
  children.spawn("child", fail());
  co_await children.join();
}

simnet::Scenario scenario() {
  return {"isolated", "A child fails, and its supervisor continues", [](simnet::World& world) {
            world.host("server").spawn("serve", [](auto& host) { return supervise(host); });
          }};
}

simnet::RunResult replayed(std::vector<simnet::RunWatcher*> watchers) {
  return simnet::replay_scenario(scenario(), {"isolated", 1, {}}, watchers);
}

TEST(TraceText, an_isolated_failure_shows_what_was_thrown) {
  simnet::DiagnosticsCollector gatherer({});
  ASSERT_TRUE(replayed({&gatherer}).report.ok());
  std::string failed;
  for (const simnet::NumberedEvent& event : gatherer.evidence().history) {
    if (event.event.op == simnet::Op::failed) {
      failed += event_line(event.number, event.event);
    }
  }
  EXPECT_NE(failed.find("server/serve/child  failed: no room"), std::string::npos) << failed;
  EXPECT_EQ(failed.find("two"), std::string::npos) << "one line";
}

TEST(TraceText, names_the_kind_of_a_segment) {
  simnet::TraceEvent event;
  event.op = simnet::Op::deliver;
  std::string kinds;
  for (std::uint64_t kind = 0; kind < 4; ++kind) {
    event.result = kind << simnet::segment_kind_shift | 7U;
    kinds += outcome_text(event);
  }
  EXPECT_EQ(kinds, " = 7 FIN RST probe");
}

TEST(TraceText, what_was_thrown_is_not_in_the_digest) {
  simnet::DiagnosticsCollector gatherer({});
  EXPECT_EQ(replayed({&gatherer}).report.digest, replayed({}).report.digest);
}

}  // namespace
}  // namespace rehearsal::harness
