#include "simnet/trace/trace_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/simnet/trace/trace_test.hpp"
#include "tests/whole_range.hpp"

namespace rehearsal::simnet {
namespace {

using namespace std::string_literals;

std::string sample() { return text_of(sample_trace()); }

// The sample, each line with its line break.
std::vector<std::string> sample_lines() {
  std::vector<std::string> lines;
  std::istringstream in(sample());
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line + "\n");
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += line;
  }
  return text;
}

std::string replaced(std::string text, const std::pair<std::string, std::string>& change) {
  const auto at = text.find(change.first);
  EXPECT_NE(at, std::string::npos) << change.first;
  return at == std::string::npos ? text : text.replace(at, change.first.size(), change.second);
}

// Returns the error for the sample if its second event, on line 3, is `line`.
std::string said_of(const std::string& line) {
  std::vector<std::string> lines = sample_lines();
  lines.at(2) = line + "\n";
  const WhatWasRead read = read_trace(joined(lines));
  EXPECT_TRUE(read.error.empty() || read.events.size() == 1U) << line;
  return read.error;
}

TEST(TraceReader, gives_the_header_each_event_and_the_end) {
  const Trace trace = sample_trace();
  std::istringstream in(sample());
  TraceReader reader(in);
  ASSERT_NE(reader.header(), nullptr);
  EXPECT_EQ(*reader.header(), trace.header);
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    EXPECT_EQ(reader.next(), TraceReader::Item(trace.events[i]));
    EXPECT_EQ(reader.line(), i + 2);
  }
  EXPECT_EQ(reader.next(), TraceReader::Item(trace.end));
  EXPECT_EQ(reader.next(), TraceReader::Item(trace.end));
  EXPECT_EQ(reader.line(), 5U);
}

TEST(TraceReader, gives_an_error_again_and_again) {
  std::istringstream in(sample_lines().at(0) + "rubbish\n" + sample_lines().at(1));
  TraceReader reader(in);
  const TraceReader::Item error =
      TraceError{2, "column 1: syntax error while parsing value - invalid literal"};
  EXPECT_EQ(reader.next(), error);
  EXPECT_EQ(reader.next(), error);
}

TEST(TraceReader, ignores_fields_that_it_does_not_know) {
  std::vector<std::string> lines = sample_lines();
  for (std::string& line : lines) {
    line.replace(line.size() - 2, 1, R"(,"new":{"a":[1,2.5,null]},"newer":true})");
  }
  const WhatWasRead read = read_trace(joined(lines));
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.header, sample_trace().header);
  EXPECT_EQ(read.events, sample_trace().events);
  EXPECT_EQ(read.end, sample_trace().end);
}

TEST(TraceReader, keeps_an_operation_that_it_does_not_know_as_text) {
  const auto read = read_trace(replaced(sample(), {"\"send\"", "\"teleport\""}));
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.events.at(0).op, Op::other);
  EXPECT_EQ(read.events.at(0).op_name(), "teleport");
}

// Otherwise a trace that is read and written would lack the field.
TEST(TraceReader, refuses_a_field_that_a_writer_leaves_out) {
  EXPECT_EQ(said_of(R"({"t":1,"op":"","digest":"0000000000000001"})"),
            R"(line 3: the field "op" must be the name of an operation)");
  EXPECT_EQ(said_of(R"({"t":1,"op":"send","size":0,"hash":"0000000000000001",)"
                    R"("digest":"0000000000000001"})"),
            R"(line 3: the field "size" must be at least 1)");
}

// trace_format.md shows this file.
TEST(TraceReader, reads_the_example_of_the_specification) {
  const WhatWasRead read = read_trace(
      R"({"trace":"rehearsal","version":2,"scenario":"echo","data_seed":7,)"
      R"("schedule":"echo data=7 run/server/0/2=1","policy":"replay","seed":0,)"
      R"("deviations":["run/server/0/2=1"]})"
      "\n"
      R"({"t":100,"host":"client","task":"client/0","op":"send","handle":"client/0#0>","result":2,)"
      R"("bytes":"hi","at":"echo.cpp:12","digest":"00f067aa0ba902b7"})"
      "\n"
      R"({"t":200100,"host":"server","task":"server/0","op":"recv","handle":"client/0#0>",)"
      R"("error":"ECONNRESET","digest":"3b5a2f0d11c94e62"})"
      "\n"
      R"({"end":"done","events":2,"steps":9,"t":200200,"digest":"3b5a2f0d11c94e62"})"
      "\n");
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.header, sample_trace().header);
  ASSERT_EQ(read.events.size(), 2U);
  EXPECT_EQ(read.events[0].bytes, "hi");
  EXPECT_EQ(read.events[0].at, "echo.cpp:12");
  EXPECT_EQ(read.events[0].digest, 0x00f067aa0ba902b7U);
  EXPECT_EQ(read.events[1].t, trace_time(200'100));
  EXPECT_EQ(read.events[1].error, "ECONNRESET");
  EXPECT_EQ(read.events[1].result, std::nullopt);
  EXPECT_EQ(read.end.steps, 9U);
}

TEST(ForeignFile, is_no_trace) {
  const std::string expected =
      R"(line 1: not a rehearsal trace: expected {"trace":"rehearsal", got )";
  EXPECT_EQ(read_trace("").error, "line 1: not a rehearsal trace: the file is empty");
  EXPECT_EQ(read_trace("\x7f"
                       "ELF\x02\x01\x01\0\0\0\n"s)
                .error,
            expected + R"('\x7fELF\x02\x01\x01\x00\x00\x00')");
  EXPECT_EQ(read_trace("time,host,operation\n1,a,send\n").error,
            expected + "'time,host,operation'");
  EXPECT_EQ(read_trace("\n").error, expected + "''");
  EXPECT_EQ(read_trace(R"({"traceEvents":[],"displayTimeUnit":"ns"})").error,
            expected + R"('{"traceEvents":[],"displ'...)");
  EXPECT_EQ(read_trace("x"s + std::string(most_trace_line, 'x')).error,
            expected + "'" + std::string(24, 'x') + "'...");
  EXPECT_FALSE(read_trace("time,host\n").has_header);
}

TEST(TraceOfAnotherVersion, is_refused_in_one_line) {
  EXPECT_EQ(read_trace(replaced(sample(), {"\"version\":2", "\"version\":3"})).error,
            "line 1: trace of version 3; this program reads version 2");
  // The version decides, whatever else the header has.
  EXPECT_EQ(read_trace(R"({"trace":"rehearsal","version":3})").error,
            "line 1: trace of version 3; this program reads version 2");
  EXPECT_EQ(read_trace(replaced(sample(), {"\"version\":2", "\"version\":1"})).error,
            "line 1: trace of version 1; this program reads version 2; record it again");
}

TEST(TruncatedTrace, has_no_end_record) {
  std::vector<std::string> lines = sample_lines();
  lines.pop_back();
  const WhatWasRead read = read_trace(joined(lines));
  EXPECT_EQ(read.error, "line 5: truncated: no end record");
  EXPECT_EQ(read.events, sample_trace().events);
}

TEST(TruncatedTrace, is_found_wherever_it_is_cut) {
  const std::string whole = sample();
  for (std::size_t size = 1; size + 1 < whole.size(); ++size) {
    const WhatWasRead read = read_trace(whole.substr(0, size));
    EXPECT_NE(read.error.find(": truncated: "), std::string::npos) << size << read.error;
    const std::vector<TraceEvent> all = sample_trace().events;
    ASSERT_LE(read.events.size(), all.size());
    EXPECT_TRUE(std::equal(read.events.begin(), read.events.end(), all.begin()));
  }
}

TEST(TruncatedTrace, may_lack_its_last_line_break) {
  std::string text = sample();
  text.pop_back();
  EXPECT_EQ(read_trace(text).error, "");
  EXPECT_EQ(read_trace(text).end, sample_trace().end);
}

// Its last line is whole, so nothing is missing: the trace is wrong.
TEST(CorruptedTrace, may_lack_its_last_line_break) {
  const std::vector<std::string> lines = sample_lines();
  const auto said_of_last = [&lines](const std::string& last) {
    return read_trace(lines.at(0) + lines.at(1) + last).error;
  };
  EXPECT_EQ(said_of_last(R"({"op":"send"})"), R"(line 3: the field "t" is missing)");
  EXPECT_EQ(said_of_last("{}"),
            "line 3: neither an event, which has a field \"op\", nor the end record, which has "
            "\"end\"");
  EXPECT_EQ(said_of_last(lines.back().substr(0, lines.back().size() - 1)),
            "line 3: the end record counts 3 events, there are 1");
  EXPECT_EQ(said_of_last(R"({"op":"se)"), "line 3: truncated: the last line is cut");
}

TEST(CorruptedTrace, has_a_header_that_is_not_whole) {
  const std::vector<std::pair<std::pair<std::string, std::string>, std::string>> damages = {
      {{",\"version\":2", ""}, "the field \"version\" is missing"},
      {{R"("scenario":"echo")", "\"scenario\":1"}, "the field \"scenario\" must be a text"},
      {{"\"data_seed\":7", "\"data_seed\":-7"},
       "the field \"data_seed\" must be an integer from 0 to 2^64-1"},
      {{"\"seed\":0", "\"seed\":18446744073709551616"},
       "the field \"seed\" must be an integer from 0 to 2^64-1"},
      {{"[\"run/server/0/2=1\"]", "[1]"}, "the field \"deviations\" must be a list of texts"},
      {{"\"policy\":", "\"policy\";"},
       "column 116: syntax error while parsing object separator - invalid literal"}};
  for (const auto& [change, reason] : damages) {
    const WhatWasRead read = read_trace(replaced(sample(), change));
    EXPECT_EQ(read.error, "line 1: " + reason);
    EXPECT_FALSE(read.has_header);
  }
}

TEST(CorruptedTrace, has_an_event_that_is_not_whole) {
  const std::string digest = R"("digest":"0000000000000001")";
  const std::vector<std::pair<std::string, std::string>> damages = {
      {"7", "expected an object"},
      {R"({"t":1,"op":"send",)",
       "column 20: syntax error while parsing object key - unexpected end of input; expected "
       "string literal"},
      {R"({"t":1,)" + digest + "}",
       R"(neither an event, which has a field "op", nor the end record, which has "end")"},
      {R"({"op":"send",)" + digest + "}", "the field \"t\" is missing"},
      {R"({"t":1,"op":"send"})", "the field \"digest\" is missing"},
      {R"({"t":1,"op":7,)" + digest + "}", "the field \"op\" must be a text"},
      {R"({"t":1,"host":7,"op":"send",)" + digest + "}", "the field \"host\" must be a text"},
      {R"({"t":"1","op":"send",)" + digest + "}",
       "the field \"t\" must be nanoseconds, an integer of 64 bits"},
      {R"({"t":9223372036854775808,"op":"send",)" + digest + "}",
       "the field \"t\" must be nanoseconds, an integer of 64 bits"},
      {R"({"t":-9223372036854775809,"op":"send",)" + digest + "}",
       "the field \"t\" must be nanoseconds, an integer of 64 bits"},
      {R"({"t":1,"op":"send","result":-1,)" + digest + "}",
       "the field \"result\" must be an integer from 0 to 2^64-1"},
      {R"({"t":1,"op":"send","bytes":7,)" + digest + "}", "the field \"bytes\" must be a text"},
      {R"({"t":1,"op":"send","size":1,)" + digest + "}", "the field \"hash\" is missing"},
      {R"({"t":1,"op":"send","hash":"0000000000000001",)" + digest + "}",
       "the field \"size\" is missing"},
      {R"({"t":1,"op":"send","bytes":"Zg==","size":1,)" + digest + "}",
       R"(the fields "bytes" and "size" with "hash" exclude each other)"},
      {R"({"t":1,"op":"send","digest":"1"})", "the field \"digest\" must be 16 hexadecimal digits"},
      {R"({"t":1,"op":"send","digest":"000000000000000A"})",
       "the field \"digest\" must be 16 hexadecimal digits"}};
  for (const auto& [line, reason] : damages) {
    EXPECT_EQ(said_of(line), "line 3: " + reason) << line;
  }
  EXPECT_EQ(said_of(R"({"t":1,"op":"send",)" + digest + "}"), "");
}

TEST(CorruptedTrace, has_lost_an_event) {
  std::vector<std::string> lines = sample_lines();
  lines.erase(lines.begin() + 2);
  EXPECT_EQ(read_trace(joined(lines)).error, "line 4: the end record counts 3 events, there are 2");
}

TEST(CorruptedTrace, goes_on_after_its_end) {
  EXPECT_EQ(read_trace(sample() + "\n").error, "line 6: expected nothing after the end record");
  EXPECT_EQ(read_trace(sample() + sample()).error, "line 6: expected nothing after the end record");
  EXPECT_EQ(read_trace(sample() + "\n").events, sample_trace().events);
}

TEST(CorruptedTrace, has_a_line_that_is_too_long) {
  const std::string event = R"({"t":1,"op":"send","digest":"0000000000000001"})";
  EXPECT_EQ(said_of(event + std::string(most_trace_line - event.size(), ' ')), "");
  EXPECT_EQ(said_of(event + std::string(most_trace_line - event.size() + 1, ' ')),
            "line 3: the line is longer than 16 MiB");
}

// Lines with lengths near the size of the piece in which they are read.
TEST(TraceReader, reads_lines_of_any_length) {
  const std::string event = R"({"t":1,"op":"send","digest":"0000000000000001"})";
  for (std::size_t size = 4090; size < 4100; ++size) {
    EXPECT_EQ(said_of(event + std::string(size - event.size(), ' ')), "") << size;
    EXPECT_EQ(said_of(event + std::string(2 * size - event.size(), ' ')), "") << size;
  }
}

TEST(TraceReader, cannot_read_a_stream_that_failed) {
  std::istringstream in(sample());
  in.setstate(std::ios::failbit);
  TraceReader reader(in);
  EXPECT_EQ(reader.next(), TraceReader::Item(TraceError{1, "cannot be read"}));
}

// Whatever the damage, the reader returns events and then one end or error; the events before the
// damage are unchanged.
RC_GTEST_PROP(TraceReader, returns_what_is_before_the_damage, ()) {
  std::string text = sample();
  const auto at = *whole_range_and_ends<std::size_t>(0, text.size());
  const auto before = static_cast<std::size_t>(
      std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  text.replace(at, *whole_range<std::size_t>(0, 100), *rc::gen::arbitrary<std::string>());
  const WhatWasRead read = read_trace(text);
  const std::vector<TraceEvent> all = sample_trace().events;
  RC_ASSERT(read.events.size() + 1 >= before || before == 4U);
  for (std::size_t i = 0; i + 1 < before && i < all.size(); ++i) {
    RC_ASSERT(read.events.at(i) == all[i]);
  }
}

}  // namespace
}  // namespace rehearsal::simnet
