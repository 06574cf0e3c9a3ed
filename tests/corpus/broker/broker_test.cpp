#include "tests/corpus/broker/broker.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rehearsal/scenario.hpp>

namespace rehearsal::corpus {
namespace {

using Simulated = Host<simnet::SimulatedNetwork>;
using Commands = std::vector<std::string>;

// What a client has received, in order.
struct Heard {
  Commands answers;
  Commands news;
};

// Sends each command and waits for its answer; lines of news may come before it.
Task<> talk(Simulated& host, Commands commands, Heard& heard) {
  auto broker = co_await host.connect({"broker", 7});
  for (const std::string& command : commands) {
    co_await broker.send_all(command + '\n');
    for (;;) {
      const std::string line = co_await broker.recv_until("\n", 512);
      const bool news = line.starts_with("MSG");
      (news ? heard.news : heard.answers).push_back(line.substr(0, line.size() - 1));
      if (!news) {
        break;
      }
    }
  }
}

// Each client performs its commands; `holds` is evaluated when all are done.
Scenario broker(std::vector<Commands> clients, bool isolated,
                std::function<bool(const std::vector<Heard>&)> holds) {
  return {"broker", "Clients of a broker", [=](World& world) {
            auto& heard = world.make<std::vector<Heard>>(clients.size());
            HostOptions options;
            options.isolated_tasks = isolated;
            world.host("broker", options).spawn("serve", [](Simulated& host) {
              return serve_broker(host, host.listen({"0.0.0.0", 7}), BrokerOptions());
            });
            world.host("check").spawn([&world, &heard, holds](Simulated& /*host*/) -> Task<> {
              co_await sleep_for(std::chrono::seconds(1));
              world.always("each client has received what it must", holds(heard));
            });
            for (std::size_t i = 0; i < clients.size(); ++i) {
              world.host("client-" + std::to_string(i))
                  .spawn("talk", [&heard, i, commands = clients[i]](Simulated& host) {
                    return talk(host, commands, heard[i]);
                  });
            }
          }};
}

// Runs every order of tasks, timers and packets, up to equivalence. No fault is allowed, since the
// search would try none.
SearchReport see_all(Scenario scenario, std::uint64_t runs) {
  scenario.rates = Rates();
  Exhaustive exhaustive;
  SearchOptions options;
  options.runs = runs;
  return search(scenario, options, exhaustive);
}

constexpr std::uint64_t most_runs = 50'000;

TEST(Broker, of_two_clients_that_quit_is_seen_whole) {
  const auto both_bye = [](const std::vector<Heard>& heard) {
    return heard[0].answers == Commands{"BYE"} && heard[1].answers == Commands{"BYE"};
  };
  const SearchReport report = see_all(broker({{"QUIT"}, {"QUIT"}}, true, both_bye), most_runs);
  EXPECT_EQ(report.to_string(), "640 runs, 640 distinct traces; all schedules explored");
}

TEST(Broker, of_a_subscriber_and_a_publisher_of_two_lines_is_seen_whole) {
  // The subscription may begin and end before, between and after the lines.
  std::set<Commands> seen;
  const auto as_answered = [&seen](const std::vector<Heard>& heard) {
    seen.insert(heard[0].news);
    Commands counted;
    for (std::size_t line = 0; line < heard[1].answers.size(); ++line) {
      if (heard[1].answers[line] == "OK 1") {
        counted.emplace_back(line == 0 ? "MSG news one" : "MSG news two");
      }
    }
    return heard[0].news == counted;
  };
  const Scenario scenario =
      broker({{"SUB news", "UNSUB news", "QUIT"}, {"PUB news one", "PUB news two", "QUIT"}}, true,
             as_answered);
  const SearchReport report = see_all(scenario, most_runs);
  EXPECT_EQ(report.to_string(), "17920 runs, 17920 distinct traces; all schedules explored");
  EXPECT_EQ(seen, (std::set<Commands>{
                      {}, {"MSG news one"}, {"MSG news two"}, {"MSG news one", "MSG news two"}}));
}

// Without the names of what its tasks share, each order of its tasks is another schedule.
TEST(Broker, whose_tasks_share_unnamed_data_has_too_many_schedules) {
  const auto anything = [](const std::vector<Heard>& /*heard*/) { return true; };
  const SearchReport report = see_all(broker({{"QUIT"}, {"QUIT"}}, false, anything), 2'000);
  EXPECT_EQ(report.end, SearchEnd::runs);
}

}  // namespace
}  // namespace rehearsal::corpus
