// A leader that the others cannot hear continues to lead, because it still hears them, while they
// elect another. The fixed variant leads only while a majority has answered recently (a lease that
// is shorter than the others' patience), as in Raft's quorum check.
#include <array>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

constexpr std::size_t node_count = 3;
constexpr sched::Duration beat_every = 10ms;
constexpr sched::Duration election_patience = 100ms;  // of a node that hears no leader
constexpr sched::Duration leader_lease = 60ms;

std::string node_name(std::size_t node) { return "node-" + std::to_string(node); }

class Node {
 public:
  Node(Version version, Host& host, std::size_t me)
      : version_(version),
        host_(host),
        me_(me),
        socket_(host.bind({"0.0.0.0", port})),
        leads_(me == 0) {
    lease_until_ = host.now() + leader_lease;
  }

  [[nodiscard]] bool may_act(sched::Instant now) const {
    return leads_ && (version_ == Version::buggy || now < lease_until_);
  }

  sched::Task<> receive() {
    std::array<std::byte, 128> buffer{};
    for (;;) {
      const sched::Received received = co_await socket_.recv_from(buffer);
      const std::string text(reinterpret_cast<const char*>(buffer.data()), received.size);
      const std::string answer = hear(words_of(text));
      if (!answer.empty()) {
        co_await socket_.send_to(bytes_of(answer), received.from);
      }
    }
  }

  sched::Task<> tick() {
    for (std::size_t node = 0; node < node_count; ++node) {
      const auto found = co_await host_.resolve(node_name(node));
      nodes_[node] = found.front().with_port(port);
    }
    for (;;) {
      const sched::Instant now = host_.now();
      if (leads_) {
        co_await tell_others("beat", now);
      } else if (now - heard_ > election_patience + static_cast<int>(me_) * 30ms) {
        heard_ = now;
        voted_ = ++term_;
        votes_ = 1;
        co_await tell_others("elect", now);
      }
      co_await sched::sleep_for(beat_every);
    }
  }

 private:
  // "VERB TERM SENT". SENT is the sender's instant, which the answer repeats.
  std::string hear(const std::vector<std::string>& words) {
    const std::string& verb = words[0];
    const std::uint64_t term = std::stoull(words[1]);
    const sched::Instant sent{sched::Duration(std::stoll(words[2]))};
    const sched::Instant now = host_.now();
    if (verb == "beat" && term >= term_) {
      leads_ = leads_ && term == term_;
      term_ = term;
      heard_ = now;
      return "heard " + words[1] + ' ' + words[2];
    }
    if (verb == "elect" && term > voted_ && !leads_ && now - heard_ > election_patience) {
      voted_ = term_ = term;
      heard_ = now;
      return "vote " + words[1] + ' ' + words[2];
    }
    if (verb == "heard" && leads_ && term == term_) {
      lease_until_ = std::max(lease_until_, sent + leader_lease);
    }
    if (verb == "vote" && !leads_ && term == term_ && ++votes_ > node_count / 2) {
      leads_ = true;
      lease_until_ = sent + leader_lease;
    }
    return {};
  }

  sched::Task<> tell_others(std::string verb, sched::Instant now) {
    const std::string text =
        verb + ' ' + std::to_string(term_) + ' ' + std::to_string(now.time_since_epoch().count());
    for (std::size_t node = 0; node < node_count; ++node) {
      if (node != me_) {
        co_await socket_.send_to(bytes_of(text), nodes_[node]);
      }
    }
  }

  Version version_;
  Host& host_;
  std::size_t me_;
  Datagram socket_;
  std::array<sched::Endpoint, node_count> nodes_;
  std::uint64_t term_ = 1;
  std::uint64_t voted_ = 1;  // the term of its last vote
  std::size_t votes_ = 0;
  bool leads_ = false;
  sched::Instant heard_{};  // when it heard a leader, or voted for one
  sched::Instant lease_until_{};
};

using Nodes = std::array<const Node*, node_count>;

sched::Task<> run_node(Version version, std::shared_ptr<Nodes> nodes, Host& host, std::size_t me) {
  Node node(version, host, me);
  (*nodes)[me] = &node;
  sched::TaskGroup tasks(host);
  tasks.spawn("receive", node.receive());
  tasks.spawn("tick", node.tick());
  co_await tasks.join();
}

bool one_leads(const Nodes& nodes, sched::Instant now) {
  int leaders = 0;
  for (const Node* node : nodes) {
    leaders += node != nullptr && node->may_act(now) ? 1 : 0;
  }
  return leaders <= 1;
}

}  // namespace

Scenario split_brain(Version version) {
  Scenario scenario("split_brain", "A leader is cut off from the others, but they are not from it",
                    [version](World& world) {
                      auto nodes = std::make_shared<Nodes>();
                      for (std::size_t i = 0; i < node_count; ++i) {
                        world.host(node_name(i)).spawn("node", [version, nodes, i](Host& host) {
                          return run_node(version, nodes, host, i);
                        });
                      }
                      world.invariant("one node leads",
                                      [&world, nodes] { return one_leads(*nodes, world.now()); });
                      world.survives({simnet::partition_one_way("node-0", "node-1"),
                                      simnet::partition_one_way("node-0", "node-2")},
                                     {.at_once = 2, .in_all = 2, .until = 400ms});
                    });
  scenario.run = [](World& world) { return world.run_for(500ms); };
  return scenario;
}

}  // namespace rehearsal::bugs
