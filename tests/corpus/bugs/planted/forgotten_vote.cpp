// Two-phase commit. A participant that has not voted may abort a transaction, and tells so another
// that asks it. This one keeps its votes in memory. It takes three things: the coordinator crashes
// between the two commits that it sends, the participant that has committed restarts, and the other
// one asks it before the coordinator is back. The fixed variant looks up its votes on its disk.
#include <array>
#include <map>
#include <set>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

constexpr int transaction_count = 4;
constexpr sched::Duration patience = 20ms;
constexpr sched::Duration coordinator_patience = 60ms;

struct Votes {
  std::map<std::string, std::string> votes;     // "yes" or "no", by transaction
  std::map<std::string, std::string> outcomes;  // "commit" or "abort"
};

std::string other_of(const std::string& participant) {
  return participant == "participant-0" ? "participant-1" : "participant-0";
}

class Participant {
 public:
  Participant(Version version, std::shared_ptr<Votes> disk, Host& host)
      : disk_(std::move(disk)),
        known_(version == Version::buggy ? memory_ : *disk_),
        host_(host),
        waiting_(host) {}

  // Answers "prepare T", "commit T" and "abort T" of the coordinator, "outcome T" of the other.
  sched::Task<std::string> answer(std::string question) {
    const std::vector<std::string> words = words_of(question);
    const std::string& transaction = words[1];
    if (words[0] == "prepare") {
      const auto [vote, first] = known_.votes.emplace(transaction, "yes");
      if (first) {
        waiting_.spawn(find_outcome(transaction));
      }
      co_return vote->second;
    }
    if (words[0] == "outcome") {
      const auto outcome = known_.outcomes.find(transaction);
      if (outcome != known_.outcomes.end()) {
        co_return outcome->second;
      }
      const bool voted = known_.votes.emplace(transaction, "no").first->second == "yes";
      co_return voted ? "unknown" : "abort";
    }
    decide(transaction, words[0]);
    co_return "ok";
  }

 private:
  void decide(const std::string& transaction, const std::string& outcome) {
    known_.outcomes.emplace(transaction, outcome);
    disk_->outcomes.emplace(transaction, outcome);
  }

  // Asks the other participant, in case the coordinator does not come back.
  sched::Task<> find_outcome(std::string transaction) {
    co_await sched::sleep_for(coordinator_patience);
    while (!known_.outcomes.contains(transaction)) {
      const auto told = co_await try_ask(host_, other_of(host_.network().name()),
                                         "outcome " + transaction, patience);
      if (told && *told != "unknown") {
        decide(transaction, *told);
      }
      co_await sched::sleep_for(patience);
    }
  }

  std::shared_ptr<Votes> disk_;
  Votes memory_;
  Votes& known_;
  Host& host_;
  sched::TaskGroup waiting_;
};

sched::Task<> run_participant(Version version, std::shared_ptr<Votes> disk, Host& host) {
  Participant participant(version, std::move(disk), host);
  const Answer answer = [&participant](std::string question) {
    return participant.answer(std::move(question));
  };
  co_await serve_answers(host, answer);
}

// The disk of the coordinator.
struct CommitLog {
  std::set<std::string> begun;
  std::map<std::string, std::string> decided;
};

sched::Task<std::string> decide(Host& host, std::shared_ptr<CommitLog> log,
                                std::string transaction) {
  if (!log->begun.insert(transaction).second) {
    co_return "abort";  // it crashed before it decided
  }
  for (const char* participant : {"participant-0", "participant-1"}) {
    const auto vote = co_await try_ask(host, participant, "prepare " + transaction, patience);
    if (!vote || *vote != "yes") {
      co_return "abort";
    }
  }
  co_return "commit";
}

sched::Task<> coordinate(Host& host, std::shared_ptr<CommitLog> log) {
  for (int i = 0; i < transaction_count; ++i) {
    const std::string transaction = std::to_string(i);
    if (!log->decided.contains(transaction)) {
      std::string outcome = co_await decide(host, log, transaction);
      log->decided.emplace(transaction, std::move(outcome));
    }
    const std::string order = log->decided[transaction] + ' ' + transaction;
    for (const char* participant : {"participant-0", "participant-1"}) {
      std::optional<std::string> done;
      while (!done) {
        done = co_await try_ask(host, participant, order, patience);
      }
    }
  }
}

bool agree(const Votes& one, const Votes& other) {
  for (const auto& [transaction, outcome] : one.outcomes) {
    const auto found = other.outcomes.find(transaction);
    if (found != other.outcomes.end() && found->second != outcome) {
      return false;
    }
  }
  return true;
}

}  // namespace

Scenario forgotten_vote(Version version) {
  return {
      "forgotten_vote", "A coordinator and a participant crash during commits",
      [version](World& world) {
        std::array<std::shared_ptr<Votes>, 2> disks;
        for (std::size_t i = 0; i < disks.size(); ++i) {
          disks[i] = std::make_shared<Votes>();
          world.host("participant-" + std::to_string(i))
              .spawn("serve", [version, disk = disks[i]](Host& host) {
                return run_participant(version, disk, host);
              });
        }
        auto log = std::make_shared<CommitLog>();
        world.host("coordinator").spawn("run", [log](Host& host) { return coordinate(host, log); });
        world.invariant("both participants have one outcome",
                        [disks] { return agree(*disks[0], *disks[1]); });
        world.survives({simnet::crash("coordinator"), simnet::crash("participant-0")},
                       {.at_once = 2, .in_all = 2, .until = 500ms});
      }};
}

}  // namespace rehearsal::bugs
