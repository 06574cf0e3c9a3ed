#include "simnet/search/faults.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "simnet/choices/choices.hpp"
#include "simnet/search/fault_values.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;
using RunTexts = std::vector<std::string>;

// Sends `count` datagrams to nobody, one each millisecond.
void add_sender(World& world, int count) {
  world.host("there");
  world.host("here").spawn("send", [count](ProgramHost& host) -> Task<> {
    auto socket = host.bind({"0.0.0.0", 8});
    const auto found = co_await host.resolve("there");
    for (int i = 0; i < count; ++i) {
      co_await socket.send_to(pattern(8, 1), found.front().with_port(9));
      co_await sched::sleep_for(1ms);
    }
  });
}

Scenario sender(int count) {
  Scenario scenario("sender", "Datagrams", [count](World& world) { add_sender(world, count); });
  scenario.rates = Rates();
  return scenario;
}

struct Enumerated {
  SearchReport report;
  RunTexts runs;  // the deviations of each run
};

Enumerated enumerated(const Scenario& scenario, std::uint32_t most, SearchOptions options = {}) {
  Enumerated all;
  options.on_run = [&](const RunResult& result) {
    std::string text;
    for (const Deviation& deviation : result.schedule.deviations) {
      text += (text.empty() ? "" : " ") + deviation.to_string();
    }
    all.runs.push_back(text);
  };
  all.report = search_faults(scenario, most, options);
  return all;
}

TEST(Faults, are_tried_one_by_one_then_in_pairs_each_set_once) {
  Scenario scenario = sender(3);
  scenario.rates[Site::lost] = {1'000, 1};
  const auto lost = [](const char* ordinal) {
    return "lost/here:udp/8/" + std::string(ordinal) + "=1";
  };
  const RunTexts singles{"", lost("0"), lost("1"), lost("2")};
  const Enumerated single = enumerated(scenario, 1);
  EXPECT_EQ(single.runs, singles);
  EXPECT_EQ(single.report.to_string(),
            "4 runs, 1 distinct trace; all 3 single faults (3 lost) tried");
  const Enumerated pairs = enumerated(scenario, 2);
  const RunTexts both{"",
                      lost("0"),
                      lost("1"),
                      lost("2"),
                      lost("0") + " " + lost("1"),
                      lost("0") + " " + lost("2"),
                      lost("1") + " " + lost("2")};
  EXPECT_EQ(pairs.runs, both);
  EXPECT_EQ(pairs.report.to_string(),
            "7 runs, 1 distinct trace; all 3 single faults (3 lost), all 3 pairs tried");
  EXPECT_EQ(enumerated(scenario, 9).report.to_string(),
            "8 runs, 1 distinct trace; all 3 single faults (3 lost), all 3 pairs, 1 set of 3, "
            "no sets of 4 tried");
}

// The kinds take turns, so that one with many faults does not hide the others.
TEST(Faults, of_each_kind_take_turns) {
  Scenario scenario = sender(2);
  scenario.rates[Site::lost] = {1'000, 1};
  scenario.rates[Site::duplicate] = {1'000, 1};
  const RunTexts singles{"", "lost/here:udp/8/0=1", "duplicate/here:udp/8/0=1",
                         "lost/here:udp/8/1=1", "duplicate/here:udp/8/1=1"};
  EXPECT_EQ(enumerated(scenario, 1).runs, singles);
}

TEST(Faults, are_those_that_the_scenario_allows) {
  EXPECT_EQ(enumerated(sender(3), 2).report.to_string(),
            "1 run, 1 distinct trace; no faults to try");
  Scenario lossy = sender(3);
  lossy.options.link.loss = 1'000;
  EXPECT_EQ(enumerated(lossy, 1).report.faults->offered, (std::map{std::pair(Site::lost, 3UL)}));
  Scenario one_link("link", "One lossy link", [](World& world) {
    add_sender(world, 2);
    LinkOptions options;
    options.duplication = 1'000;
    world.link("here", "there").set_options(options);
  });
  one_link.rates = Rates();
  EXPECT_EQ(enumerated(one_link, 1).report.faults->offered,
            (std::map{std::pair(Site::duplicate, 2UL)}));
  Scenario rule("rule", "A rule with a rate", [](World& world) {
    add_sender(world, 2);
    world.faults().add(FaultRule("dropped", Operation::datagram, Verdict::drop()).rate(1'000));
  });
  rule.rates = Rates();
  EXPECT_EQ(enumerated(rule, 1).report.faults->offered, (std::map{std::pair(Site::rule, 2UL)}));
}

TEST(Faults, put_off_a_timer_behind_what_comes_next) {
  Scenario scenario("sleepers", "Two tasks sleep", [](World& world) {
    const auto sleep = [](ProgramHost& host, sched::Duration time) -> Task<> {
      co_await sched::sleep_until(sched::Instant(time));
      co_await host.resolve("here");
    };
    world.host("here").spawn("one", [sleep](ProgramHost& host) { return sleep(host, 100us); });
    world.host("here").spawn("two", [sleep](ProgramHost& host) { return sleep(host, 150us); });
  });
  scenario.rates = Rates();
  scenario.rates[Site::timer] = {1'000, 75};
  const Enumerated all = enumerated(scenario, 1);
  const RunTexts runs{"", "timer/here/one/1=51", "timer/here/two/1=51"};
  EXPECT_EQ(all.runs, runs);
  EXPECT_EQ(all.report.traces, 3U);
}

Scenario surviving(std::vector<HostFault> faults, const FaultBudget& budget) {
  Scenario scenario("survives", "A sender with faults", [=](World& world) {
    add_sender(world, 1);
    world.survives(faults, budget);
  });
  scenario.rates = Rates();
  scenario.rates[Site::crash] = {1'000, 27};
  scenario.rates[Site::partition] = {1'000, 1};
  return scenario;
}

TEST(Faults, crash_a_host_before_every_turn_and_at_every_call) {
  FaultBudget budget;
  budget.in_all = 1;
  const Enumerated crashed = enumerated(surviving({crash("here")}, budget), 2);
  // Each moment is asked, with the longest duration first: no other run has been counted twice.
  std::set<std::string> moments;
  for (std::uint32_t moment = 0; moment < 8; ++moment) {
    const std::string crash = "crash/here/" + std::to_string(moment) + "=";
    EXPECT_EQ(crashed.runs[1 + moment], crash + "27");
    for (const char* milliseconds : {"1", "3", "9", "27"}) {
      EXPECT_EQ(std::ranges::count(crashed.runs, crash + milliseconds), 1) << crash;
    }
  }
  EXPECT_EQ(crashed.report.to_string(),
            "33 runs, 33 distinct traces; all 32 single faults (32 crash), no pairs tried");
}

TEST(Faults, keep_to_the_budget_of_the_world) {
  FaultBudget budget;
  budget.in_all = 2;
  const std::vector<HostFault> faults{crash("here"), partition("here", "there")};
  const auto most_at_once = [&](std::uint32_t at_once) {
    budget.at_once = at_once;
    return enumerated(surviving(faults, budget), 3);
  };
  const Enumerated one = most_at_once(1);
  const Enumerated two = most_at_once(2);
  EXPECT_EQ(one.report.end, SearchEnd::faults);
  EXPECT_EQ(one.report.faults->sets[0].found, two.report.faults->sets[0].found);
  EXPECT_LT(one.report.faults->sets[1].found, two.report.faults->sets[1].found);
  EXPECT_EQ(one.report.faults->sets[2].found, 0U);
  EXPECT_EQ(two.report.faults->sets[2].found, 0U);
  budget.until = sched::Duration(0);
  EXPECT_EQ(enumerated(surviving(faults, budget), 1).report.runs, 1U);
}

TEST(Faults, replay_as_found) {
  Scenario scenario("echo", "One client", [](World& world) {
    add_echo(world, 1, 1, 3);
    world.survives({pause("client-0")});
  });
  SearchOptions options;
  options.runs = 1'000;
  options.stop_at_failure = false;
  std::set<Site> sites;
  std::set<std::string> seen;
  options.on_run = [&](const RunResult& found) {
    EXPECT_TRUE(seen.insert(found.schedule.to_string()).second) << found.schedule.to_string();
    const RunResult replayed = replay_scenario(scenario, found.schedule);
    EXPECT_EQ(replayed.report.digest, found.report.digest) << found.schedule.to_string();
    EXPECT_EQ(replayed.schedule, found.schedule);
    EXPECT_TRUE(replayed.not_applied.empty());
    EXPECT_TRUE(found.report.ok()) << found.schedule.to_string() << found.report.to_string();
    for (const Deviation& deviation : found.schedule.deviations) {
      sites.insert(deviation.at.site);
    }
  };
  const SearchReport report = search_faults(scenario, 2, options);
  EXPECT_EQ(report.end, SearchEnd::runs);
  EXPECT_EQ(report.failures, 0U);
  const std::set expected{Site::late,  Site::recv,      Site::send,    Site::spurious,
                          Site::again, Site::interrupt, Site::resolve, Site::pause};
  EXPECT_EQ(sites, expected);
}

TEST(Faults, are_counted_and_the_bound_that_stopped_it_is_named) {
  Scenario scenario = sender(3);
  scenario.rates[Site::lost] = {1'000, 1};
  SearchOptions options;
  options.runs = 3;
  EXPECT_EQ(
      enumerated(scenario, 2, options).report.to_string(),
      "3 runs, 1 distinct trace; 2 of 3 single faults (3 lost) tried; stopped by the limit on "
      "runs");
  options.runs = 5;
  EXPECT_EQ(
      enumerated(scenario, 2, options).report.to_string(),
      "5 runs, 1 distinct trace; all 3 single faults (3 lost), 1 of 3 pairs tried; stopped by "
      "the limit on runs");
  options.runs = 7;
  EXPECT_EQ(enumerated(scenario, 2, options).report.end, SearchEnd::faults);
  options.runs = ~std::uint64_t{0};
  int left = 2;
  options.interrupted = [&left] { return left-- == 0; };
  EXPECT_EQ(enumerated(scenario, 2, options).report.end, SearchEnd::interrupted);
  options.interrupted = nullptr;
  options.steps = 2;
  const SearchReport cut = enumerated(scenario, 1, options).report;
  EXPECT_EQ(cut.cut, cut.runs);
  EXPECT_EQ(cut.failures, 0U);
}

TEST(Faults, end_at_a_failure_unless_told_otherwise) {
  Scenario scenario("sender", "It must send", [](World& world) {
    add_sender(world, 3);
    world.survives({crash("here")});
    world.eventually("nothing crashes", 1s, [&world] {
      return world.choices().deviations().empty() && world.now() > sched::Instant(5ms);
    });
  });
  scenario.rates = Rates();
  scenario.rates[Site::crash] = {1'000, 1};
  const SearchReport first = search_faults(scenario, 1);
  EXPECT_EQ(first.end, SearchEnd::failure);
  EXPECT_EQ(first.failed_at, 2U);
  SearchOptions options;
  options.stop_at_failure = false;
  const SearchReport all = search_faults(scenario, 1, options);
  EXPECT_EQ(all.end, SearchEnd::faults);
  EXPECT_EQ(all.failures, all.runs - 1);  // all but the default run
}

TEST(Faults, take_the_given_values_in_place_of_those_that_matter) {
  Scenario scenario = sender(1);
  SearchOptions options;
  options.values[index(Site::late)] = {7, 9};
  const RunTexts runs{"", "late/here:udp/8/0=7", "late/here:udp/8/0=9"};
  EXPECT_EQ(enumerated(scenario, 1, options).runs, runs);
}

TEST(Faults, are_not_the_order_of_tasks_or_choices_of_programs) {
  Scenario scenario("choosing", "A choice", [](World& world) {
    world.choose("size", 3);
    add_sender(world, 1);
  });
  scenario.rates = Rates();
  scenario.rates[Site::run] = {1'000, 1};
  scenario.rates[Site::program] = {1'000, 1};
  EXPECT_EQ(search_faults(scenario, 1).to_string(),
            "1 run, 1 distinct trace; no faults to try; not tried, although their rates "
            "allow it: run, program");
}

Question question_at(Site site, std::uint32_t most) {
  return {site, 1, 0, UINT32_MAX, most, true, {}};
}

TEST(Moments, of_a_host_that_a_run_did_not_have_are_none) {
  EXPECT_TRUE(Moments().between(0, {}, sched::Instant(1s)).empty());
}

TEST(FaultValues, of_a_partial_receive_are_one_byte_half_and_all_but_one) {
  const auto of = [](std::uint32_t bytes) {
    Question question = question_at(Site::recv, 16);
    question.subject.bytes = bytes;
    return fault_values(question, Moments()).values;
  };
  EXPECT_EQ(of(0), std::vector<std::uint32_t>{});
  EXPECT_EQ(of(1), std::vector<std::uint32_t>{});
  EXPECT_EQ(of(2), (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(of(3), (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(of(1000), (std::vector<std::uint32_t>{1, 999, 500}));
}

TEST(FaultValues, of_a_fault_of_a_host_are_durations_at_equal_ratios) {
  const auto of = [](std::uint32_t most) {
    return fault_values(question_at(Site::pause, most), Moments()).values;
  };
  EXPECT_EQ(of(1), (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(of(5), (std::vector<std::uint32_t>{5, 1, 2, 3}));
  EXPECT_EQ(of(8), (std::vector<std::uint32_t>{8, 1, 4, 2}));
  EXPECT_EQ(of(1000), (std::vector<std::uint32_t>{1000, 1, 100, 10}));
  EXPECT_EQ(fault_values(question_at(Site::stale, 1000), Moments()).values, of(1000));
}

TEST(FaultValues, of_other_faults_are_all_outcomes_that_the_rate_allows) {
  Question question = question_at(Site::connect, 4);
  EXPECT_EQ(fault_values(question, Moments()).values, (std::vector<std::uint32_t>{1, 2, 3, 4}));
  question.outcomes = 3;
  EXPECT_EQ(fault_values(question, Moments()).values, (std::vector<std::uint32_t>{1, 2}));
  question = question_at(Site::lost, 20);
  EXPECT_EQ(fault_values(question, Moments()).values.size(), 16U);
  EXPECT_EQ(fault_values(question, Moments()).left_out, 4U);
}

// A host whose events are at 100, 200, 300, 400 and 500 us, and which waits for nothing until 750
// us at most, which it gives up at 550 us.
void record_sleeper(Moments& moments) {
  RunWatcher* const watcher = &moments;
  const Scenario scenario("sleeper", "Sleeps", [](World& world) {
    world.host("other").spawn(
        [](ProgramHost& /*host*/) -> Task<> { co_await sched::sleep_for(150us); });
    world.host("sleeper").spawn([](ProgramHost& host) -> Task<> {
      for (int i = 0; i < 5; ++i) {
        co_await sched::sleep_for(100us);
      }
      auto waits = host.spawn([]() -> Task<> { co_await sched::sleep_for(250us); });
      co_await sched::sleep_for(50us);
      waits.cancel();
    });
  });
  run_scenario(scenario, Policy::nominal(), 1, {&watcher, 1});
}

TEST(FaultValues, of_a_delay_move_it_behind_each_later_moment_of_its_host) {
  Moments moments;
  record_sleeper(moments);
  const auto of = [&](Site site, std::uint32_t from, std::uint32_t most) {
    Question question = question_at(site, most);
    question.subject.host = 1;
    question.subject.at = sched::Instant(std::chrono::microseconds(from));
    return fault_values(question, moments);
  };
  // The last order first, which is the longest delay.
  EXPECT_EQ(of(Site::late, 250, 200).values, (std::vector<std::uint32_t>{151, 51}));
  EXPECT_EQ(of(Site::timer, 250, 200).values, (std::vector<std::uint32_t>{151, 51}));
  EXPECT_EQ(of(Site::late, 300, 100).values, (std::vector<std::uint32_t>{}));
  EXPECT_EQ(of(Site::late, 300, 101).values, (std::vector<std::uint32_t>{101}));
  EXPECT_EQ(of(Site::spurious, 300, 101).values, (std::vector<std::uint32_t>{101, 1}));
  const FaultValues few = of(Site::late, 0, 10'000);
  // 750 us: what the timer that was cancelled would have done.
  EXPECT_EQ(few.values, (std::vector<std::uint32_t>{751, 101, 201, 301}));
  EXPECT_EQ(few.left_out, 3U);  // behind 400, 500 and 550 us
}

}  // namespace
}  // namespace rehearsal::simnet
