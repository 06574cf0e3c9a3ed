#include "simnet/trace/trace_writer.hpp"

#include <cstdint>
#include <limits>
#include <ostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/simnet/trace/trace_test.hpp"
#include "tests/whole_range.hpp"

namespace rehearsal::simnet {
// Prints an event that did not come back. rapidcheck finds this overload by name, in the namespace
// of the type.
// NOLINTNEXTLINE(readability-identifier-naming, misc-use-internal-linkage)
void showValue(const TraceEvent& event, std::ostream& out) {
  out << event.op_name() << " with " << testing::PrintToString(event.bytes);
}

namespace {

TEST(TraceWriter, writes_a_header_an_event_a_line_and_the_end) {
  Trace trace = sample_trace();
  trace.events[0].at = "echo.cpp:12";
  EXPECT_EQ(
      text_of(trace, {.most_bytes = 4}),
      R"({"trace":"rehearsal","version":2,"scenario":"echo","data_seed":7,)"
      R"("schedule":"echo data=7 run/server/0/2=1","policy":"replay","seed":0,)"
      R"("deviations":["run/server/0/2=1"]})"
      "\n"
      R"({"t":100,"host":"client","task":"client/0","op":"send","handle":"client/0#0>","result":2,)"
      R"("bytes":"hi","at":"echo.cpp:12","digest":"000064000000a9ec"})"
      "\n"
      R"({"t":200,"host":"client","task":"client/0","op":"send","handle":"client/0#0>","result":5,)"
      R"("size":5,"hash":"eaee9e725db25b5d","digest":"0000c800000153d8"})"
      "\n"
      R"({"t":300,"op":"recv","error":"ECONNRESET","digest":"ffffffffffffffff"})"
      "\n"
      R"({"end":"done","events":3,"steps":9,"t":400,"digest":"ffffffffffffffff"})"
      "\n");
}

TEST(TraceWriter, writes_each_line_at_once) {
  const Trace trace = sample_trace();
  std::ostringstream out;
  TraceWriter writer(out, trace.header);
  const std::size_t header = out.str().size();
  EXPECT_TRUE(out.str().ends_with("}\n"));
  writer.write(trace.events[0]);
  EXPECT_GT(out.str().size(), header);
  EXPECT_TRUE(out.str().ends_with("}\n"));
}

TEST(TraceWriter, writes_nothing_after_the_end) {
  const Trace trace = sample_trace();
  std::ostringstream out;
  TraceWriter writer(out, trace.header);
  writer.end(trace.end);
  EXPECT_DEATH(writer.write(trace.events[0]), "no event follows the end of a trace");
  EXPECT_DEATH(writer.end(trace.end), "a trace ends once");
}

rc::Gen<std::string> any_text() {
  return rc::gen::oneOf(
      rc::gen::arbitrary<std::string>(),
      rc::gen::elementOf(std::vector<std::string>{
          "", "\"", "\\", "\n", std::string(1, '\0'), "\x1f", "\x7f", "é漢🙂", "\xc3",
          "\xed\xa0\x80", "\xf0\x9f\x99", "\xff\xfe", "\\udc80", "{\"op\":1}", "\xe2\x80\xa8"}));
}

Op any_op() {
  const auto op = static_cast<Op>(*whole_range<std::size_t>(0, simnet::op_count));
  return name(op).empty() ? Op::other : op;  // numbers have gaps
}

rc::Gen<TraceEvent> any_event() {
  return rc::gen::exec([] {
    TraceEvent event;
    event.t = trace_time(*rc::gen::arbitrary<std::int64_t>());
    event.host = *any_text();
    event.task = *any_text();
    event.op = any_op();
    if (event.op == Op::other) {
      event.set_op("other " + *any_text());  // every event has one
    }
    event.handle = *any_text();
    if (*rc::gen::arbitrary<bool>()) {
      event.result = *rc::gen::element<std::uint64_t>(0, 1, most_number);
    }
    event.error = *any_text();
    event.bytes = *any_text();
    if (event.bytes.empty() && *rc::gen::arbitrary<bool>()) {
      event.size = *rc::gen::positive<std::uint64_t>();
      event.hash = *rc::gen::arbitrary<std::uint64_t>();
    }
    event.at = *any_text();
    event.digest = *rc::gen::arbitrary<std::uint64_t>();
    return event;
  });
}

RC_GTEST_PROP(TraceWriter, writes_what_its_reader_returns, ()) {
  Trace trace;
  trace.header = {*any_text(),
                  *rc::gen::arbitrary<std::uint64_t>(),
                  *any_text(),
                  *any_text(),
                  *rc::gen::arbitrary<std::uint64_t>(),
                  *rc::gen::container<std::vector<std::string>>(any_text())};
  trace.events = *rc::gen::container<std::vector<TraceEvent>>(any_event());
  trace.end = {*any_text(),
               trace.events.size(),
               *rc::gen::arbitrary<std::uint64_t>(),
               trace_time(*rc::gen::arbitrary<std::int64_t>()),
               *rc::gen::arbitrary<std::uint64_t>(),
               *any_text()};
  const auto most_bytes = *whole_range<std::size_t>(0, 40);

  const WhatWasRead read = read_trace(text_of(trace, {.most_bytes = most_bytes}));

  for (TraceEvent& event : trace.events) {
    event.summarise(most_bytes);
  }
  RC_ASSERT(read.error.empty());
  RC_ASSERT(read.header == trace.header);
  RC_ASSERT(read.events == trace.events);
  RC_ASSERT(read.end == trace.end);
}

TEST(TraceWriter, keeps_numbers_and_times_up_to_the_last) {
  Trace trace = sample_trace();
  trace.header.data_seed = most_number;
  trace.header.seed = most_number;
  trace.events[0].result = most_number;
  trace.events[0].t = trace_time(std::numeric_limits<std::int64_t>::min());
  trace.events[1].t = trace_time(std::numeric_limits<std::int64_t>::max());
  trace.end.steps = most_number;
  const WhatWasRead read = read_trace(text_of(trace));
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.header, trace.header);
  EXPECT_EQ(read.events, trace.events);
  EXPECT_EQ(read.end, trace.end);
}

}  // namespace
}  // namespace rehearsal::simnet
