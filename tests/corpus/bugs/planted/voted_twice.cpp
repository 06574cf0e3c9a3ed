// A voter that keeps its vote in memory only votes again after a restart, so two candidates win
// the same election. The fixed variant keeps the vote on its disk.
#include <map>
#include <set>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

constexpr int election_count = 4;
constexpr sched::Duration election_every = 40ms;

struct Vote {
  int election = 0;
  std::string candidate;
};

// The question is "ELECTION CANDIDATE".
sched::Task<std::string> vote(Vote& last, std::string question) {
  const std::vector<std::string> words = words_of(question);
  if (std::stoi(words[0]) > last.election) {
    last = {std::stoi(words[0]), words[1]};
  }
  const bool mine = std::stoi(words[0]) == last.election && words[1] == last.candidate;
  co_return mine ? "yes" : "no";
}

sched::Task<> run_voter(Version version, std::shared_ptr<Vote> disk, Host& host) {
  Vote memory;
  Vote& last = version == Version::buggy ? memory : *disk;
  const Answer answer = [&last](std::string question) { return vote(last, std::move(question)); };
  co_await serve_answers(host, answer);
}

using Winners = std::map<int, std::set<std::string>>;  // by election

// A candidate votes for itself and needs one vote more.
sched::Task<> stand(World& world, std::shared_ptr<Winners> winners, Host& host,
                    sched::Duration after) {
  const std::string me = host.network().name();
  for (int election = 1; election <= election_count; ++election) {
    co_await until(election * election_every + after);
    std::optional<std::string> answer;
    for (int i = 0; i < 3 && !answer; ++i) {
      answer = co_await try_ask(host, "voter", std::to_string(election) + ' ' + me, 10ms);
    }
    if (answer && *answer == "yes") {
      (*winners)[election].insert(me);
    }
    world.always("an election has one winner", (*winners)[election].size() <= 1);
  }
}

}  // namespace

Scenario voted_twice(Version version) {
  return {"voted_twice", "A voter restarts during an election", [version](World& world) {
            auto disk = std::make_shared<Vote>();
            auto winners = std::make_shared<Winners>();
            world.host("voter").spawn(
                "vote", [version, disk](Host& host) { return run_voter(version, disk, host); });
            for (int i = 0; i < 2; ++i) {
              world.host("candidate-" + std::to_string(i))
                  .spawn("stand", [&world, winners, i](Host& host) {
                    return stand(world, winners, host, i * 10ms);
                  });
            }
            world.survives({simnet::crash("voter")}, {.in_all = 1, .until = 300ms});
          }};
}

}  // namespace rehearsal::bugs
