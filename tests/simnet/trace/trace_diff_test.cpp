#include "simnet/trace/trace_diff.hpp"

#include <cstdint>
#include <sstream>
#include <string>
#include <variant>

#include <gtest/gtest.h>

#include "tests/simnet/trace/trace_test.hpp"

namespace rehearsal::simnet {
namespace {

struct TraceTexts {
  std::string left;
  std::string right;
};

TraceComparison diff_of(const TraceTexts& texts) {
  std::istringstream left_in(texts.left);
  std::istringstream right_in(texts.right);
  TraceReader left(left_in);
  TraceReader right(right_in);
  return diff(left, right);
}

TraceDifference difference(const Trace& left, const Trace& right) {
  const auto result = diff_of({text_of(left), text_of(right)});
  const auto* const found = std::get_if<TraceDifference>(&result);
  if (found == nullptr) {
    ADD_FAILURE() << "no difference";
    return {};
  }
  return *found;
}

std::uint64_t events_of(const TraceComparison& result) {
  const auto* const equal = std::get_if<TracesEqual>(&result);
  if (equal == nullptr) {
    ADD_FAILURE() << "not equal";
    return 0;
  }
  return equal->events;
}

TEST(TraceDiff, of_a_trace_and_itself_is_none) {
  const std::string text = text_of(sample_trace());
  EXPECT_EQ(events_of(diff_of({text, text})), 3U);
}

TEST(TraceDiff, does_not_look_at_headers_source_lines_and_how_much_data_is_kept) {
  const Trace trace = sample_trace();
  Trace other = trace;
  other.header.policy = "random";
  other.events[0].at = "echo.cpp:12";
  EXPECT_EQ(events_of(diff_of({text_of(trace), text_of(other, {.most_bytes = 0})})), 3U);
}

TEST(TraceDiff, is_the_first_event_that_differs) {
  const Trace trace = sample_trace();
  Trace other = trace;
  other.events[1].bytes = "where";
  ++other.events[2].digest;
  const TraceDifference found = difference(trace, other);
  EXPECT_EQ(found.index, 1U);
  EXPECT_EQ(found.left.line, 3U);
  EXPECT_EQ(found.right.line, 3U);
  EXPECT_EQ(found.left.record, TraceRecord(trace.events[1]));
  EXPECT_EQ(found.right.record, TraceRecord(other.events[1]));
}

TEST(TraceDiff, is_the_event_after_the_end_of_the_shorter_one) {
  const Trace trace = sample_trace();
  Trace shorter = trace;
  shorter.events.pop_back();
  shorter.end.events = 2;
  const TraceDifference found = difference(trace, shorter);
  EXPECT_EQ(found.index, 2U);
  EXPECT_EQ(found.left.record, TraceRecord(trace.events[2]));
  EXPECT_EQ(found.right.record, TraceRecord(shorter.end));
  EXPECT_EQ(difference(shorter, trace).left.record, TraceRecord(shorter.end));
}

TEST(TraceDiff, is_the_end_where_all_events_are_the_same) {
  const Trace trace = sample_trace();
  Trace other = trace;
  other.end.end = "step limit";
  const TraceDifference found = difference(trace, other);
  EXPECT_EQ(found.index, 3U);
  EXPECT_EQ(found.left.record, TraceRecord(trace.end));
  EXPECT_EQ(found.right.record, TraceRecord(other.end));
}

TEST(TraceDiff, says_which_trace_cannot_be_read_on) {
  const std::string whole = text_of(sample_trace());
  const std::string cut = whole.substr(0, whole.size() - 20);
  const auto on_the_right = diff_of({whole, cut});
  ASSERT_TRUE(std::holds_alternative<TraceUnreadable>(on_the_right));
  EXPECT_EQ(std::get<TraceUnreadable>(on_the_right).which, TraceWhich::right);
  EXPECT_EQ(std::get<TraceUnreadable>(on_the_right).index, 3U);
  EXPECT_EQ(std::get<TraceUnreadable>(on_the_right).error,
            (TraceError{5, "truncated: the last line is cut"}));
  const auto on_both = diff_of({cut, cut});
  ASSERT_TRUE(std::holds_alternative<TraceUnreadable>(on_both));
  EXPECT_EQ(std::get<TraceUnreadable>(on_both).which, TraceWhich::left);
}

TEST(TraceDiff, finds_a_difference_before_the_damage) {
  Trace other = sample_trace();
  other.events[0].host = "server";
  const std::string whole = text_of(sample_trace());
  const auto result = diff_of({whole.substr(0, whole.size() - 20), text_of(other)});
  ASSERT_TRUE(std::holds_alternative<TraceDifference>(result));
  EXPECT_EQ(std::get<TraceDifference>(result).index, 0U);
}

}  // namespace
}  // namespace rehearsal::simnet
