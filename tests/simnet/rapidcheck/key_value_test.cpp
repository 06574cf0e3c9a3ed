// A model-based test of a simulated server: commands that rapidcheck generates are carried out one
// after the other, under several schedules, and compared with a std::map.
#include <map>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "simnet/call.hpp"
#include "simnet/rapidcheck/property_runs.hpp"
// Included after property_runs.hpp, so that its assertions belong to a run.
#include <rapidcheck/state.h>

#include "tests/simnet/rapidcheck/key_value.hpp"

namespace rehearsal::simnet {
namespace {

using Model = std::map<std::string, std::string>;

// The server under test, and a client that asks it.
class Sut {
 public:
  Sut(World& world, KeyValueBug bug) : world_(world), client_(world.host("client")) {
    world.host("server").spawn([bug](auto& host) { return key_value_server(host, bug); });
  }

  std::string ask(const std::string& question) {
    const auto asks = [question](sched::Host<SimulatedNetwork>& host) {
      return ask_once(host, question);
    };
    return call(world_, client_, asks);
  }

 private:
  static sched::Task<std::string> ask_once(sched::Host<SimulatedNetwork>& host,
                                           std::string question) {
    auto server = co_await host.connect({"server", 6379});
    auto answer = co_await simnet::ask(server, std::move(question));
    co_return answer;
  }

  World& world_;
  SimulatedHost& client_;
};

using Command = rc::state::Command<Model, Sut>;

std::string a_key() { return std::string(1, *rc::gen::inRange('a', 'd')); }

struct Put final : Command {
  std::string key = a_key();
  std::string value = std::to_string(*rc::gen::inRange(0, 100));

  void apply(Model& model) const override { model[key] = value; }
  void run(const Model& /*model*/, Sut& sut) const override {
    RC_ASSERT(sut.ask("put " + key + ' ' + value) == "ok");
  }
  void show(std::ostream& out) const override { out << "put " << key << ' ' << value; }
};

struct Get final : Command {
  std::string key = a_key();

  void run(const Model& model, Sut& sut) const override {
    RC_ASSERT(sut.ask("get " + key) == (model.contains(key) ? model.at(key) : "none"));
  }
  void show(std::ostream& out) const override { out << "get " << key; }
};

struct Delete final : Command {
  std::string key = a_key();

  void apply(Model& model) const override { model.erase(key); }
  void run(const Model& model, Sut& sut) const override {
    RC_ASSERT(sut.ask("delete " + key) == (model.contains(key) ? "ok" : "none"));
  }
  void show(std::ostream& out) const override { out << "delete " << key; }
};

struct Count final : Command {
  void run(const Model& model, Sut& sut) const override {
    RC_ASSERT(sut.ask("count") == std::to_string(model.size()));
  }
  void show(std::ostream& out) const override { out << "count"; }
};

// rapidcheck's result for a property, and how its last failing case was shrunk.
struct Verdict {
  rc::detail::TestResult result;
  std::optional<Shrunk> found;
};

Verdict check(KeyValueBug bug) {
  PropertyOptions options;
  options.runs = 5;
  options.policy = NamedPolicy::Kind::random;
  options.rates[Site::recv] = {200'000, 3};
  PropertyRuns runs(options);
  rc::detail::TestParams params;
  params.seed = 2718281828;
  params.maxSuccess = 50;
  params.maxSize = 30;
  const auto property = [&runs, bug] {
    const auto commands = *rc::state::gen::commands(
        Model(), rc::state::gen::execOneOfWithArgs<Put, Get, Delete, Count>());
    runs.check([&](World& world) {
      Sut sut(world, bug);
      rc::state::runAll(commands, Model(), sut);
    });
  };
  Verdict verdict{rc::detail::checkTestable(property, rc::detail::TestMetadata(), params), {}};
  verdict.found = runs.found();
  return verdict;
}

TEST(KeyValueServer, agrees_with_its_model_under_every_schedule) {
  const Verdict verdict = check(KeyValueBug::none);
  EXPECT_TRUE(verdict.result.is<rc::detail::SuccessResult>()) << [&] {
    std::ostringstream out;
    rc::detail::printResultMessage(verdict.result, out);
    return out.str();
  }();
}

const rc::detail::FailureResult& failure_of(const Verdict& verdict) {
  EXPECT_TRUE(verdict.result.is<rc::detail::FailureResult>());
  return verdict.result.get<rc::detail::FailureResult>();
}

TEST(KeyValueServer, that_miscounts_is_found_with_three_commands_and_no_deviation) {
  const Verdict verdict = check(KeyValueBug::count_forgets_deletes);
  const auto& failure = failure_of(verdict);
  ASSERT_EQ(failure.counterExample.size(), 1U);
  EXPECT_EQ(failure.counterExample[0].second, "put a 0\ndelete a\ncount\n");
  ASSERT_TRUE(verdict.found);
  EXPECT_TRUE(verdict.found->schedule.deviations.empty());
  EXPECT_NE(failure.description.find("RC_ASSERT"), std::string::npos) << failure.description;
}

TEST(KeyValueServer, that_takes_a_part_for_a_command_is_found_with_one_command_and_deviation) {
  const Verdict verdict = check(KeyValueBug::one_command_per_recv);
  const auto& failure = failure_of(verdict);
  ASSERT_EQ(failure.counterExample.size(), 1U);
  const std::string& commands = failure.counterExample[0].second;
  EXPECT_EQ(commands.find(','), std::string::npos) << commands;
  ASSERT_TRUE(verdict.found);
  ASSERT_EQ(verdict.found->schedule.deviations.size(), 1U);
  EXPECT_EQ(verdict.found->schedule.deviations[0].at.site, Site::recv);
  EXPECT_NE(failure.description.find("recv/client/"), std::string::npos) << failure.description;
}

}  // namespace
}  // namespace rehearsal::simnet
