// A replay returns what the records hold, and ends at those that no program could have caused.
#include "record/recorded.hpp"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "record/record_log.hpp"
#include "record/recording.hpp"
#include "sched/host.hpp"
#include "tests/record/memory_segments.hpp"
#include "tests/sched/answering_network.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::record {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

class RecordedTest : public testing::Test {
 protected:
  // Writes the records, then opens the recording for a replay.
  template <class Write>
  RecordingReader& reader_of(Write write) {
    {
      RecordLog log(segments_, {"a build", "a server", {}}, 42);
      write(log);
    }
    return reader_.emplace(segments_);
  }
  static void append_listen(RecordLog& log, sched::Descriptor descriptor) {
    const EndpointBytes listener(at_, to_record(options_.clients));
    log.append({.kind = RecordKind::listen, .number = descriptor, .asked = listen_word(options_)},
               listener.bytes());
  }

  static inline const sched::Endpoint at_{"127.0.0.1", 80};
  static inline const sched::ListenOptions options_;
  MemorySegments segments_;
  std::optional<RecordingReader> reader_;
};

TEST_F(RecordedTest, measures_its_time_from_the_first_reading_of_the_clock) {
  Recorded network(reader_of([](RecordLog& log) {
    log.clock(sched::Instant(1s));
    log.clock(sched::Instant(3s));
  }));
  network.now();
  EXPECT_EQ(network.recorded_time(), 0s);
  network.now();
  EXPECT_EQ(network.recorded_time(), 2s);
}

TEST_F(RecordedTest, cannot_replay_a_descriptor_that_no_kernel_would_return) {
  for (const sched::Descriptor impossible : {5, 6, 1 << 20, -2}) {
    segments_.segments().clear();
    segments_.rewind();
    Recorded network(reader_of([impossible](RecordLog& log) {
      append_listen(log, 5);
      append_listen(log, 6);
      append_listen(log, impossible);
    }));
    EXPECT_EQ(network.listen(at_, options_).value(), 5);
    EXPECT_EQ(network.listen(at_, options_).value(), 6);
    EXPECT_EQ(network.listen(at_, options_).error(), std::errc::operation_canceled);
    ASSERT_TRUE(network.ended() && std::holds_alternative<ReplayImpossible>(*network.ended()))
        << impossible;
    EXPECT_EQ(std::get<ReplayImpossible>(*network.ended()).reason,
              "listen returns a descriptor that is open already or invalid");
  }
}

TEST_F(RecordedTest, throws_what_blocking_work_threw_without_doing_it_again) {
  int calls = 0;
  const auto work = [&calls](auto& host) -> sched::Task<std::string> {
    auto f = [&calls]() -> int { throw std::runtime_error("failure " + std::to_string(++calls)); };
    std::string failure;
    try {
      co_await host.run_blocking(std::move(f));
    } catch (const std::exception& error) {
      failure = error.what();
    }
    co_return failure;
  };
  Recorded network(reader_of([&work](RecordLog& log) {
    sched::AnsweringNetwork script{std::vector<simnet::ScriptedWait>{
        sched::finds({sched::readable(sched::AnsweringNetwork::special)})}};
    Recording<sched::AnsweringNetwork> recording(script, log);
    sched::Host<Recording<sched::AnsweringNetwork>> host(recording);
    auto handle = host.spawn("test", work);
    host.scheduler().round();
    script.work();
    host.run_until(handle);
    EXPECT_EQ(handle.take(), "failure 1");
  }));
  sched::Host<Recorded> host(network);
  EXPECT_EQ(run_to_end(host, work), "failure 1");
  EXPECT_EQ(calls, 1);
}

// The first or the second of two tasks draws a random number.
template <sched::Network Net>
void draw(Net& network, bool second) {
  sched::Host<Net> host(network);
  const auto body = [&host](bool draws) {
    return [&host, draws]() -> sched::Task<> {
      if (draws) {
        (void)host.random();
      }
      co_return;
    };
  };
  auto one = host.spawn("one", body(!second));
  auto two = host.spawn("two", body(second));
  host.run();
}

TEST_F(RecordedTest, sees_that_another_task_makes_the_call) {
  Recorded network(reader_of([](RecordLog& log) {
    simnet::ScriptedNetwork script;
    Recording<simnet::ScriptedNetwork> recording(script, log);
    draw(recording, false);
  }));
  draw(network, true);
  ASSERT_TRUE(network.ended() && std::holds_alternative<ReplayDifference>(*network.ended()));
  EXPECT_EQ(std::get<ReplayDifference>(*network.ended()).instead, "random by another task");
}

TEST_F(RecordedTest, sees_that_tasks_took_other_steps_before_a_wait) {
  Recorded network(
      reader_of([](RecordLog& log) { log.wait(sched::never, sched::Wake::ready, {}); }));
  EXPECT_TRUE(network.watch(5, sched::Direction::recv).ok());
  sched::ReadyList ready;
  EXPECT_THROW(network.wait(sched::never, ready), ReplayStopped);
  ASSERT_TRUE(network.ended() && std::holds_alternative<ReplayDifference>(*network.ended()));
  EXPECT_EQ(std::get<ReplayDifference>(*network.ended()).instead,
            "the tasks took other steps since the previous wait");
}

TEST_F(RecordedTest, shows_unprintable_characters_of_another_name) {
  Recorded network(reader_of([](RecordLog& log) {
    log.append({.kind = RecordKind::resolve, .number = 5}, sched::bytes("host"));
  }));
  EXPECT_EQ(network.resolve("a\nhost").error(), std::errc::operation_canceled);
  ASSERT_TRUE(network.ended() && std::holds_alternative<ReplayDifference>(*network.ended()));
  EXPECT_EQ(std::get<ReplayDifference>(*network.ended()).instead, "resolve with a\\x0ahost");
}

TEST_F(RecordedTest, says_when_another_call_was_made) {
  Recorded network(reader_of([](RecordLog& log) {
    log.clock(sched::Instant(1s));
    log.append({.kind = RecordKind::random}, sched::ConstBytes());
  }));
  network.now();
  EXPECT_EQ(network.resolve("host").error(), std::errc::operation_canceled);
  ASSERT_TRUE(network.ended() && std::holds_alternative<ReplayDifference>(*network.ended()));
  const auto& difference = std::get<ReplayDifference>(*network.ended());
  EXPECT_EQ(difference.instead, "resolve");
  EXPECT_EQ(difference.t, sched::Instant(1s));
}

TEST_F(RecordedTest, names_another_call_of_another_task_alone) {
  Recorded network(reader_of([](RecordLog& log) {
    simnet::ScriptedNetwork script;
    Recording<simnet::ScriptedNetwork> recording(script, log);
    draw(recording, false);
  }));
  sched::Host<Recorded> host(network);
  auto one = host.spawn("one", []() -> sched::Task<> { co_return; });
  auto two = host.spawn("two", [&host]() -> sched::Task<> {
    static_cast<void>(host.wall_clock());
    co_return;
  });
  host.run();
  ASSERT_TRUE(network.ended() && std::holds_alternative<ReplayDifference>(*network.ended()));
  EXPECT_EQ(std::get<ReplayDifference>(*network.ended()).instead, name(RecordKind::wall_clock));
}

TEST_F(RecordedTest, refuses_the_watch_that_was_refused_and_no_other) {
  Recorded network(reader_of([](RecordLog& log) {
    log.append({.kind = RecordKind::watch,
                .error = static_cast<std::uint16_t>(std::errc::operation_not_permitted),
                .number = 5,
                .asked = 1},
               sched::ConstBytes());
    log.append({.kind = RecordKind::random}, sched::ConstBytes());
  }));
  EXPECT_TRUE(network.watch(4, sched::Direction::send).ok());
  EXPECT_TRUE(network.watch(5, sched::Direction::recv).ok());
  EXPECT_EQ(network.watch(5, sched::Direction::send).error(), std::errc::operation_not_permitted);
  EXPECT_TRUE(network.watch(5, sched::Direction::send).ok());
  network.random();
  EXPECT_FALSE(network.ended());
}

TEST(RecordedOptions, have_one_bit_for_each_option_of_listen) {
  EXPECT_EQ(listen_word({}), 0U);
  sched::ListenOptions options;
  options.backlog = 7;
  EXPECT_EQ(listen_word(options), 7U);
  options = {};
  options.reuse_port = true;
  EXPECT_EQ(listen_word(options), std::uint64_t{1} << 32U);
  options = {};
  options.ipv6_only = true;
  EXPECT_EQ(listen_word(options), std::uint64_t{1} << 33U);
  options = {};
  options.replace_stale = true;
  EXPECT_EQ(listen_word(options), std::uint64_t{1} << 34U);
}

TEST(RecordedOptions, of_a_stream_have_a_field_each) {
  sched::StreamOptions options;
  const RecordedOptions none = to_record(options);
  EXPECT_EQ(none.keep_alive_idle, 0);
  EXPECT_EQ(none.user_timeout, 0);
  EXPECT_EQ(none.reset_on_close, 0U);
  options.keep_alive_idle = 1s;
  options.keep_alive_interval = 2s;
  options.keep_alive_count = 3;
  options.user_timeout = 4ms;
  options.reset_on_close = true;
  const RecordedOptions all = to_record(options);
  EXPECT_EQ(all.keep_alive_idle, 1);
  EXPECT_EQ(all.keep_alive_interval, 2);
  EXPECT_EQ(all.keep_alive_count, 3);
  EXPECT_EQ(all.user_timeout, 4);
  EXPECT_EQ(all.reset_on_close, 1U);
}

TEST(RecordedOptions, have_one_bit_for_each_option_of_bind) {
  EXPECT_EQ(bind_word({}), 0U);
  sched::BindOptions options;
  options.reuse_port = true;
  EXPECT_EQ(bind_word(options), 1U);
  options = {};
  options.broadcast = true;
  EXPECT_EQ(bind_word(options), 2U);
  options = {};
  options.replace_stale = true;
  EXPECT_EQ(bind_word(options), 4U);
}

}  // namespace
}  // namespace rehearsal::record
