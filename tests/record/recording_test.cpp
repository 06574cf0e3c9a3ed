// A recording of a program on a scripted network is read back and replayed.
#include "record/recording.hpp"

#include <array>
#include <cstring>
#include <exception>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "record/record_text.hpp"
#include "record/recorded.hpp"
#include "sched/host.hpp"
#include "tests/record/memory_segments.hpp"
#include "tests/sched/answering_network.hpp"

namespace rehearsal::record {
namespace {

using RecordingNetwork = Recording<sched::AnsweringNetwork>;

RecordingHead server_head() { return {"a build", "a server", {"flag", "value"}}; }

// Makes every call once; the program is the same on each network.
template <sched::Network Net>
sched::Task<> call_everything(sched::Host<Net>& host, sched::Log& log) {
  log.push_back("random " + std::to_string(host.random()));
  const auto wall = host.wall_clock().time_since_epoch().count();
  log.push_back("wall " + std::to_string(wall));
  log.push_back("chosen " + std::to_string(host.choose("a name", 7)));
  auto addresses = co_await host.resolve("a.name");
  log.push_back(addresses.front().to_string());
  auto signals = host.signals({15});
  const int number = co_await signals.next();
  log.push_back("signal " + std::to_string(number));
  signals.close();
  auto inbox = host.inbox("box");
  sched::Message message = co_await inbox.recv();
  log.push_back("message " + sched::text(message));
  inbox.close();
  auto listener = host.listen({"127.0.0.1", 80});
  auto client = co_await listener.accept();
  log.push_back(client->name() + " from " + client->peer().to_string());
  std::array<std::byte, 16> buffer{};
  const std::size_t size = co_await client->recv(buffer);
  co_await client->send_all(std::span(buffer).first(size));
  client->shutdown_send();
  std::string failure;
  try {
    const std::size_t more = co_await client->recv(buffer);
    log.push_back(std::to_string(more));
  } catch (const std::system_error& error) {
    failure = error.what();
  }
  log.push_back(failure);
  client->abort();
}

struct Script {
  Script() {
    network.script(5, {.receives = {}, .sends = {}, .accepts = {6}});
    network.script(6, {.receives = {"hello", std::errc::connection_reset},
                       .sends = {std::size_t{2}, std::size_t{3}},
                       .accepts = {}});
    network.lookups = {std::vector<sched::Endpoint>{sched::Endpoint("10.0.0.1", 0)}};
    network.wall_time = sched::WallTime(sched::Duration(1'234'567'890));
    network.signal_numbers = {15};
    network.messages = {sched::Message{std::byte{'h'}, std::byte{'i'}}};
  }
  sched::AnsweringNetwork network{std::vector<simnet::ScriptedWait>{
      sched::finds({sched::readable(sched::AnsweringNetwork::special)}),
      sched::finds({sched::readable(6)})}};
};

// Records the program; returns what it logged.
sched::Log record(MemorySegments& segments, const RecordOptions& options = {}) {
  Script script;
  sched::Log log;
  RecordLog records(segments, server_head(), 42, options);
  RecordingNetwork network(script.network, records);
  sched::Host<RecordingNetwork> host(network);
  run_to_end(host, [&log](auto& on) { return call_everything(on, log); });
  return log;
}

// Replays the recording; returns why the replay ended.
template <class Network = Recorded>
ReplayEnd replay(MemorySegments& segments, sched::Log& log) {
  segments.rewind();
  RecordingReader reader(segments);
  Network network(reader);
  try {
    sched::Host<Network> host(network);
    run_to_end(host, [&log](auto& on) { return call_everything(on, log); });
  } catch (const std::exception&) {
    // ended() has the reason.
  }
  network.finish();
  return *network.ended();
}

std::vector<std::string> lines(MemorySegments& segments) {
  segments.rewind();
  RecordingReader reader(segments);
  std::vector<std::string> all;
  for (;;) {
    const auto item = reader.next();
    if (const auto* record = std::get_if<Record>(&item)) {
      all.push_back(describe(*record, record->data));
    } else if (const auto* error = std::get_if<RecordingError>(&item)) {
      all.push_back(error->to_string());
      return all;
    } else if (std::holds_alternative<RecordingEnd>(item)) {
      all.push_back(std::get<RecordingEnd>(item).whole ? "whole" : "cut");
      return all;
    } else {
      all.push_back("gap of " + std::to_string(std::get<RecordingGap>(item).missing));
    }
  }
}

TEST(Recording, writes_down_every_call_and_what_it_gave) {
  MemorySegments segments;
  record(segments);
  const std::vector<std::string> all = lines(segments);
  const auto has = [&all](std::string_view line) {
    return std::ranges::find(all, line) != all.end();
  };
  for (const std::string_view line :
       {"task = test", "wall_clock = 1234567890 ns", "choose = 6 of 7 for a name",
        "resolve 90 = a.name", "resolved 90 = 1 addresses", "signals 90 = 15", "signal 90 = 15",
        "inbox 90 = box", "message 90 = 2", "listen 5 = 127.0.0.1:80",
        "accept 5 = 6 from 0.0.0.0:0", "name 6 = client-6", "recv 6 = 5 of 16", "send 6 = 2 of 5",
        "send 6 = 3 of 3", "shutdown 6", "recv 6 fails with ECONNRESET", "abort 6", "close 5"}) {
    EXPECT_TRUE(has(line)) << line;
  }
  EXPECT_EQ(all.back(), "whole");
}

TEST(Recording, is_replayed_to_the_same_end) {
  MemorySegments segments;
  const sched::Log recorded = record(segments);
  sched::Log replayed;
  const ReplayEnd end = replay(segments, replayed);
  ASSERT_TRUE(std::holds_alternative<RecordingEnd>(end));
  EXPECT_TRUE(std::get<RecordingEnd>(end).whole);
  EXPECT_EQ(replayed, recorded);
}

TEST(Recording, of_hashes_alone_is_refused_by_replay) {
  MemorySegments segments;
  RecordOptions options;
  options.payload = PayloadKept::hash;
  record(segments, options);
  sched::Log log;
  const ReplayEnd end = replay(segments, log);
  ASSERT_TRUE(std::holds_alternative<ReplayImpossible>(end));
  EXPECT_NE(std::get<ReplayImpossible>(end).reason.find("were not recorded"), std::string::npos);
}

TEST(Recording, keeps_no_byte_of_a_payload_that_is_masked) {
  for (const PayloadKept kept : {PayloadKept::full, PayloadKept::hash, PayloadKept::none}) {
    MemorySegments segments;
    RecordOptions options;
    options.payload = kept;
    record(segments, options);
    EXPECT_EQ(segments.holds("hello"), kept == PayloadKept::full);
  }
}

TEST(Recording, keeps_sent_bytes_if_that_is_requested) {
  MemorySegments segments;
  RecordOptions options;
  options.keep_sent = true;
  record(segments, options);
  EXPECT_TRUE(segments.holds("llo"));
  sched::Log log;
  EXPECT_TRUE(std::holds_alternative<RecordingEnd>(replay(segments, log)));
}

TEST(Recording, without_turns_is_refused_where_running_takes_time) {
  MemorySegments segments;
  record(segments);
  sched::Log log;
  const ReplayEnd end = replay<RecordedHolding>(segments, log);
  ASSERT_TRUE(std::holds_alternative<ReplayDifference>(end));
  EXPECT_EQ(std::get<ReplayDifference>(end).instead, "the task test continues");
  EXPECT_TRUE(log.empty());
}

// Sends `text` once a byte has come.
template <sched::Network Net>
sched::Task<> answer(sched::Host<Net>& host, std::string text) {
  auto listener = host.listen({"127.0.0.1", 80});
  auto client = co_await listener.accept();
  std::array<std::byte, 16> buffer{};
  const std::size_t size = co_await client->recv(buffer);
  if (size != 0) {
    co_await client->send_all(sched::bytes(text));
  }
}

ReplayEnd answer_otherwise(bool keeps_sent, const std::string& text) {
  MemorySegments segments;
  {
    simnet::ScriptedNetwork script;
    script.script(5, {.receives = {}, .sends = {}, .accepts = {6}});
    script.script(6, {.receives = {"?"}, .sends = {}, .accepts = {}});
    RecordOptions options;
    options.keep_sent = keeps_sent;
    RecordLog records(segments, server_head(), 42, options);
    Recording<simnet::ScriptedNetwork> network(script, records);
    sched::Host<Recording<simnet::ScriptedNetwork>> host(network);
    run_to_end(host, [](auto& on) { return answer(on, "answer"); });
  }
  segments.rewind();
  RecordingReader reader(segments);
  Recorded network(reader);
  try {
    sched::Host<Recorded> host(network);
    run_to_end(host, [&text](auto& on) { return answer(on, text); });
  } catch (const std::exception&) {
    // ended() has the reason.
  }
  network.finish();
  return *network.ended();
}

TEST(Replay, names_the_first_difference_with_its_task_and_its_line) {
  const ReplayEnd end = answer_otherwise(false, "Answer");
  ASSERT_TRUE(std::holds_alternative<ReplayDifference>(end));
  const auto& difference = std::get<ReplayDifference>(end);
  EXPECT_EQ(difference.task, "test");
  EXPECT_NE(difference.at.find("recording_test.cpp:"), std::string::npos);
  EXPECT_EQ(difference.recorded, "send 6 = 6 of 6");
  EXPECT_EQ(difference.instead, "as many bytes with other values");
}

TEST(Replay, shows_the_bytes_that_differ_where_they_were_kept) {
  const ReplayEnd end = answer_otherwise(true, "ansWer");
  ASSERT_TRUE(std::holds_alternative<ReplayDifference>(end));
  EXPECT_EQ(std::get<ReplayDifference>(end).instead, "byte 3 of them differs: 'Wer', not 'wer'");
}

TEST(Replay, sees_that_less_is_sent) {
  const ReplayEnd end = answer_otherwise(false, "answ");
  ASSERT_TRUE(std::holds_alternative<ReplayDifference>(end));
  EXPECT_EQ(std::get<ReplayDifference>(end).instead, "send 6, asking for 4, not 6");
}

// Two tasks that take turns without a call of the network.
template <sched::Network Net>
sched::Task<> take_turns(sched::Host<Net>& host, bool both) {
  auto first = host.spawn("first", []() -> sched::Task<> { co_await sched::yield(); });
  if (both) {
    co_await sched::yield();
  }
  co_await sched::sleep_for(sched::Duration(5));
  co_await first.join();
}

TEST(Replay, sees_another_step_of_a_task_that_calls_nothing) {
  MemorySegments segments;
  {
    simnet::ScriptedNetwork script{
        std::vector<simnet::ScriptedWait>{sched::takes(sched::Duration(9))}};
    RecordLog records(segments, server_head(), 42);
    Recording<simnet::ScriptedNetwork> network(script, records);
    sched::Host<Recording<simnet::ScriptedNetwork>> host(network);
    run_to_end(host, [](auto& on) { return take_turns(on, true); });
  }
  segments.rewind();
  RecordingReader reader(segments);
  Recorded network(reader);
  try {
    sched::Host<Recorded> host(network);
    run_to_end(host, [](auto& on) { return take_turns(on, false); });
  } catch (const std::exception&) {
    // ended() has the reason.
  }
  ASSERT_TRUE(network.ended().has_value());
  EXPECT_TRUE(std::holds_alternative<ReplayDifference>(*network.ended()));
}

TEST(Replay, gives_what_blocking_work_came_to_without_doing_it_again) {
  int calls = 0;
  const auto work = [&calls](auto& host) -> sched::Task<std::string> {
    auto f = [&calls] { return "answer " + std::to_string(++calls); };
    auto answer = co_await host.run_blocking(std::move(f));
    co_return answer;
  };
  MemorySegments segments;
  {
    sched::AnsweringNetwork script{std::vector<simnet::ScriptedWait>{
        sched::finds({sched::readable(sched::AnsweringNetwork::special)})}};
    RecordLog records(segments, server_head(), 42);
    RecordingNetwork network(script, records);
    sched::Host<RecordingNetwork> host(network);
    auto handle = host.spawn("test", work);
    host.scheduler().round();
    script.work();
    host.run_until(handle);
    EXPECT_EQ(handle.take(), "answer 1");
  }
  segments.rewind();
  RecordingReader reader(segments);
  Recorded network(reader);
  sched::Host<Recorded> host(network);
  EXPECT_EQ(run_to_end(host, work), "answer 1");
  EXPECT_EQ(calls, 1);
}

// Each run waits for its client: a wait records the steps since the quiescent point.
TEST(Replay, begins_at_a_quiescent_point_where_the_start_is_gone) {
  MemorySegments segments;
  simnet::ScriptedNetwork script(std::vector<simnet::ScriptedWait>{
      sched::finds({sched::readable(5)}), sched::finds({sched::readable(5)})});
  script.script(
      5, {.receives = {}, .sends = {}, .accepts = {sched::would_block, 6, sched::would_block, 6}});
  script.script(6, {.receives = {"?", "?"}, .sends = {}, .accepts = {}});
  {
    RecordLog records(segments, server_head(), 42);
    Recording<simnet::ScriptedNetwork> network(script, records);
    for (int run = 0; run < 2; ++run) {
      {
        sched::Host<Recording<simnet::ScriptedNetwork>> host(network);
        run_to_end(host, [](auto& on) { return answer(on, "answer"); });
      }
      if (run == 0) {
        const std::vector<std::byte> much(least_segment_bytes);
        RecordHeader header{.kind = RecordKind::recv, .number = 77};
        header.value = much.size();
        records.append_payload(header, {}, much);
      }
      network.declare_quiescent();
    }
  }
  segments.lose_first();
  RecordingReader reader(segments);
  EXPECT_NE(reader.missing_before(), 0U);
  Recorded network(reader);
  ASSERT_FALSE(network.ended());
  {
    sched::Host<Recorded> host(network);
    run_to_end(host, [](auto& on) { return answer(on, "answer"); });
  }
  network.finish();
  EXPECT_FALSE(std::holds_alternative<ReplayDifference>(network.ended().value_or(ReplayEnd{})));
  EXPECT_GT(network.replayed(), 5U);
}

TEST(Replay, reports_that_the_chain_is_cut_if_nothing_was_declared) {
  MemorySegments segments;
  record(segments);
  segments.lose_first();
  RecordingReader reader(segments);
  const Recorded network(reader);
  EXPECT_TRUE(reader.head() == nullptr ||
              std::holds_alternative<RecordingGap>(network.ended().value()));
}

}  // namespace
}  // namespace rehearsal::record
