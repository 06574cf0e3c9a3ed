#include "sched/io/stream.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <system_error>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sched/io/stream_test.hpp"

namespace rehearsal::sched {
namespace {

using simnet::ScriptedNetwork;

TEST_F(StreamTest, receives_what_is_there_and_then_waits_for_more) {
  network_ = ScriptedNetwork({finds({readable(client)})});
  auto stream = open(Receives{"ab", "cd"});
  run([&]() -> Task<> {
    co_await receive(stream, 10);
    co_await receive(stream, 10);
  });
  EXPECT_EQ(log_, (Log{"ab", "cd"}));
  EXPECT_EQ(network_.waits_left(), 0U);
}

TEST_F(StreamTest, tries_again_and_waits_again_however_often_it_is_woken_for_nothing) {
  network_ = ScriptedNetwork({finds({readable(client)}), finds({readable(client)})});
  auto stream = open(Receives{would_block, would_block, "ab"});
  run(receive(stream, 10));
  EXPECT_EQ(log_, Log{"ab"});
  EXPECT_EQ(network_.waits_left(), 0U);
}

TEST_F(StreamTest, receives_nothing_where_the_peer_has_finished_sending) {
  auto stream = open(Receives{""});
  run(receive(stream, 10));
  EXPECT_EQ(log_, Log{""});
}

TEST_F(StreamTest, throws_what_the_network_met) {
  auto stream = open(Receives{std::errc::connection_reset}, Sends{std::errc::broken_pipe});
  EXPECT_EQ(run(failure_of(receive(stream, 10))), std::errc::connection_reset);
  EXPECT_EQ(run(failure_of(send_all(stream, "ab"))), std::errc::broken_pipe);
}

TEST_F(StreamTest, names_the_peer_in_its_errors) {
  auto stream = open(Receives{std::errc::connection_reset});
  try {
    run(receive(stream, 10));
  } catch (const std::system_error& error) {
    log_.push_back(error.what());
  }
  ASSERT_EQ(log_.size(), 1U);
  EXPECT_TRUE(log_[0].starts_with("receive from 192.0.2.1:80: "));
}

TEST_F(StreamTest, receives_into_room_for_a_byte_at_least) {
  auto stream = open();
  EXPECT_DEATH(run(receive(stream, 0)), "a receive has room for a byte");
}

TEST_F(StreamTest, fills_a_buffer_exactly_from_many_pieces) {
  auto stream = open(Receives{"a", "bcd", "efgh"});
  host_.scheduler().handles().report({client, Readiness::hang_up});  // no short receive clears that
  run(receive_exactly(stream, 6));
  run(receive(stream, 10));
  EXPECT_EQ(log_, (Log{"abcdef", "gh"}));
}

TEST_F(StreamTest, fills_less_of_it_where_the_peer_finishes_before) {
  auto stream = open(Receives{"abc", ""});
  host_.scheduler().handles().report({client, Readiness::hang_up});
  run(receive_exactly(stream, 6));
  EXPECT_EQ(log_, Log{"abc"});
}

class UntilTest : public StreamTest {};

TEST_F(UntilTest, receives_up_to_and_including_a_delimiter_and_keeps_the_rest) {
  auto stream = open(Receives{"one\ntwo\nthr"});
  run(receive_until(stream, "\n"));
  run(receive_until(stream, "\n"));
  run(receive(stream, 2));
  run(receive(stream, 10));
  EXPECT_EQ(log_, (Log{"one\n", "two\n", "th", "r"}));
}

TEST_F(UntilTest, finds_a_delimiter_that_comes_in_pieces) {
  network_ = ScriptedNetwork({finds({readable(client)}), finds({readable(client)})});
  auto stream = open(Receives{"one\r", "\n\r", "\ntwo"});
  run(receive_until(stream, "\r\n\r\n"));
  run(receive(stream, 10));
  EXPECT_EQ(log_, (Log{"one\r\n\r\n", "two"}));
}

TEST_F(UntilTest, puts_the_rest_before_what_comes_later) {
  network_ = ScriptedNetwork({finds({readable(client)})});
  auto stream = open(Receives{"1;2;3", "4;5"});
  for (int i = 0; i < 3; ++i) {
    run(receive_until(stream, ";"));
  }
  run(receive(stream, 10));
  EXPECT_EQ(log_, (Log{"1;", "2;", "34;", "5"}));
}

TEST_F(UntilTest, gives_what_there_is_where_the_peer_has_finished_sending) {
  network_ = ScriptedNetwork({finds({readable(client)})});
  auto stream = open(Receives{"no end", ""});
  run(receive_until(stream, "\n"));
  EXPECT_EQ(log_, Log{"no end"});
}

TEST_F(UntilTest, takes_as_many_bytes_as_its_limit_and_no_more) {
  auto just_fits = open(Receives{"12345\n"});
  run(receive_until(just_fits, "\n", 6));
  EXPECT_EQ(log_, Log{"12345\n"});
  just_fits.close();
  auto one_too_long = open(Receives{"123456\n"});
  EXPECT_EQ(run(failure_of(receive_until(one_too_long, "\n", 6))), std::errc::message_size);
  one_too_long.close();
  auto endless = open(Receives{"123456"});
  EXPECT_EQ(run(failure_of(receive_until(endless, "\n", 6))), std::errc::message_size);
}

TEST_F(UntilTest, has_a_delimiter) {
  auto stream = open();
  EXPECT_DEATH(run(receive_until(stream, "")), "a delimiter has a byte");
}

class PeekTest : public StreamTest {
 protected:
  Task<> peek(TestStream& stream, std::size_t least) {
    const ConstBytes there = co_await stream.peek(least);
    log_.push_back(text(there));
  }
};

TEST_F(PeekTest, shows_what_was_received_until_it_is_consumed) {
  network_ = ScriptedNetwork({finds({readable(client)})});
  auto stream = open(Receives{"abc", "de"});
  run(peek(stream, 1));
  run(peek(stream, 3));
  stream.consume(2);
  run(peek(stream, 3));
  run(receive(stream, 10));
  EXPECT_EQ(log_, (Log{"abc", "abc", "cde", "cde"}));
}

TEST_F(PeekTest, shows_less_if_the_peer_has_finished_sending) {
  auto stream = open(Receives{"abc", "", ""});
  host_.scheduler().handles().report({client, Readiness::hang_up});
  run(peek(stream, 10));
  stream.consume(3);
  run(peek(stream, 10));
  EXPECT_EQ(log_, (Log{"abc", ""}));
}

TEST_F(PeekTest, waits_for_a_byte_and_lets_no_more_be_consumed_than_there_is) {
  auto stream = open(Receives{"abc"});
  EXPECT_DEATH(run(peek(stream, 0)), "a peek waits for a byte");
  run(peek(stream, 1));
  EXPECT_DEATH(stream.consume(4), "what is consumed has been received");
}

TEST_F(StreamTest, keeps_what_a_cancelled_or_failed_read_had_received_for_the_next_one) {
  auto stream = open(Receives{"hel", "lo\nw", std::errc::connection_reset});
  const auto cancelled = [&](Task<> read) {
    auto reader = host_.spawn(std::move(read));
    host_.run();
    reader.cancel();
    host_.run();
    host_.scheduler().handles().report({client, Readiness::recv});
  };
  cancelled(receive_until(stream, "\n"));
  cancelled(receive_exactly(stream, 10));
  run(receive_until(stream, "\n"));
  EXPECT_EQ(run(failure_of(receive_exactly(stream, 2))), std::errc::connection_reset);
  run(receive(stream, 10));
  EXPECT_EQ(log_, (Log{"hello\n", "w"}));
}

TEST_F(StreamTest, reads_again_by_an_operation_that_has_ended) {
  auto stream = open(Receives{"one\ntwo\nabcd", std::errc::connection_reset, "ef", ""});
  host_.scheduler().handles().report({client, Readiness::hang_up});
  run([&]() -> Task<> {
    auto line = stream.recv_until("\n", 5);
    for (int i = 0; i < 2; ++i) {
      const std::string text = co_await line;
      log_.push_back(text);
    }
    std::array<std::byte, 5> into{};
    auto exactly = stream.recv_exactly(into);
    std::error_code error;
    try {
      co_await exactly;
    } catch (const std::system_error& failure) {
      error = failure.code();
    }
    EXPECT_EQ(error, std::errc::connection_reset);
    // Reads while the failed operation still exists.
    const ConstBytes left = co_await stream.peek(1);
    log_.push_back(text(left));
    co_await exactly;
    log_.push_back(text(into));
    const std::string rest = co_await line;
    log_.push_back(rest);
  });
  EXPECT_EQ(log_, (Log{"one\n", "two\n", "abcd", "abcde", "f"}));
}

// A reader whose stream and memory are destroyed before it is.
TEST_F(StreamTest, may_be_gone_before_a_cancelled_read_of_it_is_destroyed) {
  script(Receives{"abc"}, {});
  run([&]() -> Task<> {
    auto memory = std::make_unique<std::array<std::byte, 8>>();
    auto stream = std::make_unique<TestStream>(host_.scheduler(), client, Endpoint());
    auto reader = host_.spawn([&]() -> Task<> { co_await stream->recv_exactly(*memory); });
    co_await yield();
    reader.cancel();
    stream.reset();
    memory.reset();
    co_await reader.ended();
  });
  EXPECT_TRUE(record().closed);
}

TEST_F(StreamTest, sends_some_of_the_bytes_in_one_call) {
  auto stream = open(Receives{}, Sends{2U});
  const auto send = [&]() -> Task<std::size_t> {
    const std::size_t sent = co_await stream.send(bytes("abcd"));
    co_return sent;
  };
  EXPECT_EQ(run(send), 2U);
  EXPECT_EQ(record().sent, "ab");
}

TEST_F(StreamTest, sends_all_in_as_many_parts_as_the_network_takes) {
  network_ = ScriptedNetwork({finds({writable(client)}), finds({writable(client)})});
  auto stream = open(Receives{}, Sends{2U, 0U, 3U, 0U});
  run(send_all(stream, "abcdefgh"));
  EXPECT_EQ(log_, Log{"sent 8"});
  EXPECT_EQ(record().sent, "abcdefgh");
  EXPECT_EQ(stream.bytes_sent(), 8U);
  EXPECT_EQ(network_.waits_left(), 0U);
}

TEST_F(StreamTest, sends_a_text_as_its_bytes) {
  auto stream = open(Receives{}, Sends{2U, 3U});
  run([&]() -> Task<> {
    const std::string text = "hello";
    const std::size_t sent = co_await stream.send_all(text);
    EXPECT_EQ(sent, 5U);
  });
  EXPECT_EQ(record().sent, "hello");
}

TEST_F(StreamTest, sends_pieces_as_if_they_were_one) {
  network_ = ScriptedNetwork({finds({writable(client)})});
  auto stream = open(Receives{}, Sends{1U, 4U, 0U, 2U});
  run([&]() -> Task<> {
    const std::array<ConstBytes, 4> pieces{bytes("abc"), bytes(""), bytes("defg"), bytes("hi")};
    co_await stream.send_all(pieces);
  });
  EXPECT_EQ(record().sent, "abcdefghi");
}

TEST_F(StreamTest, sends_nothing_without_asking_the_network) {
  auto stream = open(Receives{}, Sends{std::errc::connection_reset});
  run(send_all(stream, ""));
  run([&]() -> Task<> {
    const std::array<ConstBytes, 2> pieces{bytes(""), bytes("")};
    co_await stream.send_all(pieces);
  });
  EXPECT_EQ(record().sent, "");
}

TEST_F(StreamTest, sends_a_limited_number_of_pieces_at_once) {
  auto stream = open();
  const std::vector<ConstBytes> pieces(max_pieces + 1, bytes("a"));
  EXPECT_DEATH(static_cast<void>(stream.send_all(pieces)), "a send has no more than max_pieces");
}

TEST_F(StreamTest, says_how_many_bytes_went_out_before_a_send_was_cancelled_or_failed) {
  auto stream = open(Receives{}, Sends{3U, 0U, 1U, std::errc::connection_reset});
  auto sender = host_.spawn(send_all(stream, "abcdef"));
  host_.run();
  sender.cancel();
  host_.run();
  EXPECT_EQ(stream.bytes_sent(), 3U);
  host_.scheduler().handles().report(writable(client));
  EXPECT_EQ(run(failure_of(send_all(stream, "def"))), std::errc::connection_reset);
  EXPECT_EQ(stream.bytes_sent(), 4U);
}

TEST_F(StreamTest, receives_and_sends_at_the_same_time) {
  network_ = ScriptedNetwork({finds({readable(client), writable(client)})});
  auto stream = open(Receives{would_block, "ab"}, Sends{0U});
  host_.spawn(receive(stream, 10));
  host_.spawn(send_all(stream, "cd"));
  EXPECT_EQ(host_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"ab", "sent 2"}));
}

TEST_F(StreamTest, is_busy_for_a_second_task_in_one_direction_and_the_first_is_not_disturbed) {
  network_ = ScriptedNetwork({finds({readable(client)})});
  auto stream = open(Receives{would_block, "ab"});
  auto first = host_.spawn(receive(stream, 10));
  auto second = host_.spawn(failure_of(receive(stream, 10)));
  host_.run();
  EXPECT_EQ(second.take(), std::errc::device_or_resource_busy);
  EXPECT_EQ(log_, Log{"ab"});
}

TEST_F(StreamTest, finishes_sending_any_number_of_times_and_continues_to_receive) {
  auto stream = open(Receives{"ab"});
  stream.shutdown_send();
  stream.shutdown_send();
  EXPECT_TRUE(record().finished_sending);
  EXPECT_FALSE(record().closed);
  run(receive(stream, 10));
  EXPECT_EQ(log_, Log{"ab"});
}

TEST_F(StreamTest, that_was_closed_refuses_each_operation) {
  auto stream = open(Receives{"ab"});
  stream.close();
  stream.close();
  EXPECT_FALSE(stream.is_open());
  EXPECT_EQ(run(failure_of(receive(stream, 10))), std::errc::bad_file_descriptor);
  EXPECT_EQ(run(failure_of(receive_until(stream, "\n"))), std::errc::bad_file_descriptor);
  EXPECT_EQ(run(failure_of(send_all(stream, "ab"))), std::errc::bad_file_descriptor);
  EXPECT_EQ(error_of([&] { stream.shutdown_send(); }), std::errc::bad_file_descriptor);
  EXPECT_EQ(error_of([&] { static_cast<void>(stream.local()); }), std::errc::bad_file_descriptor);
}

TEST_F(StreamTest, that_was_closed_does_not_affect_the_next_owner_of_its_descriptor) {
  auto stale = open(Receives{"for the first;rest"});
  run(receive_until(stale, ";"));
  stale.close();
  const auto next = open(Receives{"for the next"});
  EXPECT_EQ(run(failure_of(receive(stale, 10))), std::errc::bad_file_descriptor);
  EXPECT_EQ(error_of([&] { static_cast<void>(stale.local()); }), std::errc::bad_file_descriptor);
  stale.close();
  stale.abort();
  EXPECT_TRUE(next.is_open());
}

TEST_F(StreamTest, wakes_the_tasks_that_wait_for_it_when_it_is_closed) {
  auto stream = open(Receives{}, Sends{0U});
  auto receiver = host_.spawn(failure_of(receive(stream, 10)));
  auto sender = host_.spawn(failure_of(send_all(stream, "ab")));
  host_.run();
  stream.close();
  EXPECT_TRUE(record().closed);
  EXPECT_EQ(host_.run(), RunEnd::done);
  EXPECT_EQ(receiver.take(), std::errc::operation_canceled);
  EXPECT_EQ(sender.take(), std::errc::operation_canceled);
}

TEST_F(StreamTest, moves_characters_as_it_moves_bytes) {
  auto stream = open({"abcde", "fgh"}, {3U});
  const auto body = [&]() -> Task<> {
    char array[2];  // NOLINT(*-avoid-c-arrays): what a beginner writes
    std::ignore = co_await stream.recv(array);
    log_.emplace_back(array, 2);
    std::vector<char> vector(3);
    co_await stream.recv_exactly(vector);
    log_.emplace_back(vector.data(), 3);
    std::string string(10, '-');
    const std::size_t size = co_await stream.recv(string);
    log_.push_back(string.substr(0, size));
    const std::size_t sent = co_await stream.send("hello");
    EXPECT_EQ(sent, 3U);
  };
  run(body());
  EXPECT_EQ(log_, (Log{"ab", "cde", "fgh"}));
  EXPECT_EQ(record().sent, "hel");
}

}  // namespace
}  // namespace rehearsal::sched
