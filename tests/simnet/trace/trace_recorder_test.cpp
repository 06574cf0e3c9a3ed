#include "simnet/trace/trace_recorder.hpp"

#include <algorithm>
#include <cstring>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "simnet/network/fabric.hpp"
#include "simnet/trace/trace_reader.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

struct Recorded {
  std::vector<TraceEvent> told;
  std::vector<TraceEvent> written;
  RunReport report;
};

// Records a run in which a host is paused and killed.
Recorded record() {
  Recorded recorded;
  std::stringstream trace;
  TraceRecorder recorder(trace, {});
  EventReporter teller([&](World& /*world*/, std::uint64_t number, TraceEvent event) {
    recorded.told.push_back(std::move(event));
    EXPECT_EQ(number, recorded.told.size());
  });
  World world(Policy::random(5));
  recorder.begins(world);
  teller.begins(world);
  add_echo(world, 3, 4, 100);
  world.host("idle").daemon();
  world.at(50us, [&] { world.host("idle").pause(); });
  world.at(60us, [&] { world.host("idle").resume(); });
  world.at(70us, [&] { world.host("idle").kill(); });
  recorded.report = world.run();
  recorder.ends(world, recorded.report);
  TraceReader reader(trace);
  for (auto item = reader.next(); std::holds_alternative<TraceEvent>(item); item = reader.next()) {
    recorded.written.push_back(std::get<TraceEvent>(std::move(item)));
  }
  EXPECT_TRUE(std::holds_alternative<TraceEnd>(reader.next()));
  return recorded;
}

TEST(TraceRecorder, writes_every_event_unchanged) {
  const Recorded recorded = record();
  EXPECT_TRUE(recorded.report.ok()) << recorded.report.to_string();
  EXPECT_GT(recorded.told.size(), 100U);
  EXPECT_EQ(recorded.written, recorded.told);
}

// Returns the events of a message of `size` bytes and its echo, for a trace without an end.
std::vector<TraceEvent> unended(std::size_t size) {
  std::stringstream trace;
  World world(Policy::nominal());
  {
    TraceRecorder recorder(trace, {});
    recorder.begins(world);
    add_echo(world, 2, 1, size);
    EXPECT_TRUE(world.run().ok());
    world.fabric().listener = nullptr;
  }
  std::vector<TraceEvent> written;
  TraceReader reader(trace);
  for (auto item = reader.next(); std::holds_alternative<TraceEvent>(item); item = reader.next()) {
    written.push_back(std::get<TraceEvent>(std::move(item)));
  }
  EXPECT_EQ(written.size(), world.fabric().events);
  EXPECT_EQ(written.back().digest, world.digest());
  return written;
}

TEST(TraceRecorder, has_written_all_that_happened_when_it_goes) {
  EXPECT_FALSE(unended(64).empty());
}

TEST(TraceRecorder, writes_data_of_any_length) {
  for (const std::size_t size : {1000U, 8192U, 8193U, 100'000U}) {
    const auto said = pattern(size, 0);
    const std::string text(reinterpret_cast<const char*>(said.data()), size);
    const auto written = unended(size);
    const auto sent = std::ranges::find(written, Op::send, &TraceEvent::op);
    ASSERT_NE(sent, written.end());
    EXPECT_EQ(sent->data_size(), size);
    EXPECT_EQ(sent->data_hash(), data_hash(text));
  }
}

TEST(TraceRecorder, reports_which_task_sent_what_where) {
  const Recorded recorded = record();
  const auto sent = std::ranges::find_if(recorded.written, [](const TraceEvent& event) {
    return event.op == Op::send && event.host == "client-1";
  });
  ASSERT_NE(sent, recorded.written.end());
  EXPECT_EQ(sent->task, "client-1/0");
  EXPECT_EQ(sent->handle, "client-1/0#0>");
  EXPECT_EQ(sent->at.substr(0, sent->at.find(':')), "echo_world.hpp");
  const auto first = pattern(100, 0);
  EXPECT_EQ(sent->bytes.size(), sent->result.value_or(0));
  EXPECT_EQ(std::memcmp(sent->bytes.data(), first.data(), sent->bytes.size()), 0);
}

TEST(TraceRecorder, tells_a_pause_from_its_end_and_a_kill) {
  const Recorded recorded = record();
  std::vector<Op> of_idle;
  for (const TraceEvent& event : recorded.written) {
    if (event.host == "idle") {
      of_idle.push_back(event.op);
    }
  }
  EXPECT_EQ(of_idle, (std::vector{Op::pause, Op::unpause, Op::crash}));
}

}  // namespace
}  // namespace rehearsal::simnet
