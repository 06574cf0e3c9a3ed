#include "harness/report/page/run_data.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/failure/explained_failure.hpp"
#include "harness/report/export/trace_run.hpp"
#include "harness/report/page/page.hpp"
#include "sched/sync/sleep.hpp"
#include "simnet/scenario.hpp"
#include "simnet/trace/trace_recorder.hpp"

namespace rehearsal::harness {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using Json = nlohmann::json;
using simnet::Site;
using Host = sched::Host<simnet::SimulatedNetwork>;

// Hears two clients, one after the other.
sched::Task<> count(Host& host, simnet::World& world) {
  auto listener = host.listen({"0.0.0.0", 7});
  std::string heard;
  for (int i = 0; i < 2; ++i) {
    auto client = co_await listener.accept();
    std::array<char, 16> some{};
    const std::size_t size = co_await client->recv(std::as_writable_bytes(std::span(some)));
    heard.append(some.data(), size);
  }
  if (!heard.starts_with("one")) {
    world.fail("</script> came first");
  }
  co_await sched::sleep_for(1ms);
}

sched::Task<> say(Host& host, std::string words, sched::Duration after) {
  co_await sched::sleep_for(after);
  auto server = co_await host.connect({"server", 7});
  co_await server.send_all(words);
  std::array<char, 1> end{};
  const std::size_t size = co_await server.recv(std::as_writable_bytes(std::span(end)));
  static_cast<void>(size);
}

simnet::Scenario overtakes() {
  return simnet::Scenario("overtakes", "", [](simnet::World& world) {
    world.host("server").spawn("count", [&world](Host& host) { return count(host, world); });
    world.host("a").spawn("say", [](Host& host) { return say(host, "one\xff", 0ms); });
    world.host("b").spawn("say", [](Host& host) { return say(host, "second", 1ms); });
  });
}

// Returns the data in a page.
Json data_of(const std::string& html) {
  const std::string before = "id=\"data\">";
  const std::size_t begin = html.find(before) + before.size();
  return Json::parse(html.substr(begin, html.find("</script>", begin) - begin));
}

struct Shown {
  Json data;
  std::string text;
};

Shown show(PageOptions page = {}) {
  const simnet::Scenario scenario = overtakes();
  const simnet::Schedule schedule{scenario.name, 1, {{{Site::late, "a/say#0>", 0}, 5000}}};
  const simnet::RunResult result = simnet::replay_scenario(scenario, schedule);
  EXPECT_TRUE(result.not_applied.empty());
  const simnet::RunReport& report = result.report;
  EXPECT_FALSE(report.ok());
  ExplainedFailureOptions options;
  page.command = "overtakes replay it";
  options.page = page;
  options.files.html = "page.html";
  const ExplainedFailure explained = explain(scenario, schedule, *report.failure(), options);
  return {data_of(explained.contents.front()), explained.text};
}

std::string text_of(const Json& data, const Json& index) {
  return data["texts"][index.get<std::size_t>()];
}

TEST(PageOfAFailure, has_the_failure_and_its_report) {
  const Shown shown = show();
  EXPECT_EQ(shown.data["format"], "rehearsal-page");
  EXPECT_EQ(shown.data["failure"]["what"], "</script> came first");
  EXPECT_EQ(shown.data["report"], shown.text);
  EXPECT_EQ(shown.data["hosts"], Json({"server", "a", "b"}));
  EXPECT_EQ(shown.data["defaultOutcome"], "passes");
}

TEST(PageOfAFailure, says_what_the_run_without_a_deviation_does) {
  const Json data = show().data;
  ASSERT_EQ(data["deviations"].size(), 1);
  const Json& one = data["deviations"][0];
  EXPECT_EQ(one["name"], "late/a/say#0>/0=5000");
  EXPECT_TRUE(one["without"]["passes"]);
  EXPECT_EQ(one["without"]["failing"], data["difference"]["failing"]);
}

// Events are common as far as each host does the same in both runs.
TEST(PageOfAFailure, marks_what_both_runs_have_in_common) {
  const Json data = show().data;
  ASSERT_EQ(data["runs"].size(), 2);
  const std::size_t first = data["difference"]["failing"];
  const auto common = [&](std::size_t number) {
    return data["runs"][0]["events"][number - 1][11] == 1;
  };
  EXPECT_TRUE(common(1));
  EXPECT_FALSE(common(first));
}

TEST(PageOfAFailure, has_messages_payload_and_source) {
  const Json data = show().data;
  const Json& run = data["runs"][0];
  const Json& message = *std::ranges::find_if(
      run["messages"], [](const Json& one) { return one[0] == "data" && one[4] == 4; });
  const Json& sent = run["events"][message[1].get<std::size_t>() - 1];
  EXPECT_EQ(text_of(data, sent[3]), "send");
  EXPECT_EQ(sent[7], "one\U0010ffff");
  const std::string frames = text_of(data, sent[9]);
  const std::string line = frames.substr(frames.rfind(':') + 1);
  EXPECT_NE(data["sources"]["run_data_test.cpp"]["lines"][line].get<std::string>().find("send_all"),
            std::string::npos);
}

TEST(PageOfAFailure, has_the_curve_of_continuations) {
  const Json data = show().data;
  ASSERT_FALSE(data["curve"].empty());
  const Json& last = data["curve"].back();
  EXPECT_EQ(last[2], last[3]);  // the run itself fails
  EXPECT_NE(data["point"]["event"], 0);
}

TEST(PageOfAFailure, leaves_payload_out) {
  PageOptions options;
  options.payload = false;
  const Json data = show(options).data;
  for (const Json& event : data["runs"][0]["events"]) {
    EXPECT_EQ(event[7], "");
  }
  EXPECT_TRUE(std::ranges::any_of(data["runs"][0]["events"],
                                  [](const Json& event) { return event[8] == 6; }));
}

TEST(PageOfAFailure, keeps_the_last_events) {
  PageOptions options;
  options.most_events = 5;
  const Json data = show(options).data;
  const Json whole = show().data;
  const Json& run = data["runs"][0];
  const std::size_t all = whole["runs"][0]["events"].size();
  EXPECT_EQ(run["events"].size(), 5);
  EXPECT_EQ(run["first"], all - 4);
  EXPECT_EQ(run["events"].back()[0], whole["runs"][0]["events"].back()[0]);
}

// What ends a script element in a text must not end the data.
TEST(Page, escapes_its_data) {
  const std::string html = page(show().data.dump());
  const std::size_t data = html.find("</script> came first");
  EXPECT_EQ(data, std::string::npos);
  EXPECT_NE(html.find("\\u003c/script> came first"), std::string::npos);
  EXPECT_NE(html.find("default-src 'none'"), std::string::npos);
}

TEST(Page, is_small) {
  const std::string html = page("{}");
  EXPECT_LT(html.size(), 80'000);
}

TEST(Page, names_a_file_that_cannot_be_written) {
  EXPECT_EQ(write_file("/nowhere/page.html", "{}"),
            "/nowhere/page.html: the file cannot be written; check the folder and the space on the "
            "disk");
}

TEST(TraceRun, shows_what_a_trace_has) {
  const simnet::Scenario scenario = overtakes();
  const std::string file = testing::TempDir() + "/page.trace";
  {
    std::ofstream out(file, std::ios::binary);
    simnet::TraceHeader header;
    header.scenario = scenario.name;
    simnet::TraceRecorder recorder(out, header);
    const std::array<simnet::RunWatcher*, 1> watchers = {&recorder};
    simnet::replay_scenario(scenario, {scenario.name, 1, {}}, watchers);
  }
  TraceRun run;
  read_trace(file, run);
  RunFiles files;
  files.html = "page.html";
  const Json data = data_of(run.contents(files, {}).front());
  EXPECT_EQ(data["scenario"], "overtakes");
  EXPECT_EQ(data["outcome"], "ended: done");
  EXPECT_EQ(data["schedule"], "overtakes data=1");
  EXPECT_TRUE(data["failure"].is_null());
  const Json& messages = data["runs"][0]["messages"];
  EXPECT_EQ(std::ranges::count_if(messages, [](const Json& one) { return one[0] == "data"; }), 2);
}

}  // namespace
}  // namespace rehearsal::harness
