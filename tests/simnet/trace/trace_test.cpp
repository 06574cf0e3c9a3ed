#include "simnet/trace/trace.hpp"

#include <optional>
#include <set>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

#include "sched/base/hex.hpp"
#include "sched/seam/error_name.hpp"
#include "sched/seam/result.hpp"
#include "tests/simnet/trace/trace_test.hpp"

namespace rehearsal::simnet {
namespace {

TEST(Op, has_a_name_of_its_own) {
  std::set<std::string_view> names;
  std::size_t count = 0;
  for (std::size_t i = 0; i < simnet::op_count; ++i) {
    const auto op = static_cast<Op>(i);
    if (!name(op).empty()) {  // numbers have gaps
      EXPECT_EQ(simnet::op_named(name(op)), op);
      names.insert(name(op));
      ++count;
    }
  }
  EXPECT_EQ(names.size(), count);
  EXPECT_GT(count, 40U);
  EXPECT_EQ(name(Op::spawn), "spawn");
  EXPECT_EQ(name(Op::recv_from), "recv_from");
  EXPECT_EQ(name(Op::note), "note");
  EXPECT_EQ(name(Op::other), "");
  EXPECT_EQ(simnet::op_named(""), std::nullopt);
  EXPECT_EQ(simnet::op_named("other"), std::nullopt);
}

TEST(TraceEvent, keeps_the_name_of_an_operation_that_is_not_known) {
  TraceEvent event;
  event.set_op("teleport");
  EXPECT_EQ(event.op, Op::other);
  EXPECT_EQ(event.op_name(), "teleport");
  event.set_op("send");
  EXPECT_EQ(event.op, Op::send);
  EXPECT_EQ(event.op_name(), "send");
  EXPECT_EQ(event.other_op, "");
}

TEST(TraceError, has_the_name_of_its_errno_value) {
  EXPECT_EQ(sched::error_name(std::errc::connection_reset), "ECONNRESET");
  EXPECT_EQ(sched::error_name(std::errc::operation_would_block), "EAGAIN");
  EXPECT_EQ(sched::error_name(static_cast<std::errc>(9999)), "E9999");
  for (const std::errc error :
       {std::errc::connection_reset, std::errc::broken_pipe, sched::would_block,
        std::errc::too_many_files_open, static_cast<std::errc>(9999)}) {
    EXPECT_EQ(sched::error_named(sched::error_name(error)), error);
  }
  for (const std::string_view text : {"", "E", "EWEIRD", "E-1", "E0", "E1x", "9999", "ECONN"}) {
    EXPECT_EQ(sched::error_named(text), std::nullopt) << text;
  }
}

TEST(TraceEvent, that_is_summarised_still_tells_size_and_hash) {
  TraceEvent event = sent(1, "foobar");
  event.summarise(6);
  EXPECT_EQ(event.bytes, "foobar");
  event.summarise(5);
  EXPECT_EQ(event.bytes, "");
  EXPECT_EQ(event.data_size(), 6U);
  EXPECT_EQ(sched::hex16(event.data_hash()), "85944171f73967e8");  // FNV-1a's own test vector
}

TEST(TraceEvent, is_the_same_event_on_another_line_of_source_and_without_its_data) {
  const TraceEvent event = sent(1, "foobar");
  TraceEvent other = event;
  other.at = "echo.cpp:12";
  other.summarise(0);
  EXPECT_TRUE(same_event(event, other));
}

TEST(TraceEvent, is_another_where_any_other_field_differs) {
  const TraceEvent event = sent(1, "foobar");
  const auto differs = [&event](auto change) {
    TraceEvent other = event;
    change(other);
    return !same_event(event, other);
  };
  EXPECT_TRUE(differs([](TraceEvent& e) { e.t += sched::Duration(1); }));
  EXPECT_TRUE(differs([](TraceEvent& e) { e.host = "server"; }));
  EXPECT_TRUE(differs([](TraceEvent& e) { e.task = "client/1"; }));
  EXPECT_TRUE(differs([](TraceEvent& e) { e.op = Op::recv; }));
  EXPECT_TRUE(differs([](TraceEvent& e) { e.handle += "x"; }));
  EXPECT_TRUE(differs([](TraceEvent& e) { e.result = 5; }));
  EXPECT_TRUE(differs([](TraceEvent& e) { e.result = std::nullopt; }));
  EXPECT_TRUE(differs([](TraceEvent& e) { e.error = "EPIPE"; }));
  EXPECT_TRUE(differs([](TraceEvent& e) { e.bytes = "fooBar"; }));
  EXPECT_TRUE(differs([](TraceEvent& e) { ++e.digest; }));
}

}  // namespace
}  // namespace rehearsal::simnet
