#include "harness/process/run_length.hpp"

#include <array>
#include <optional>

#include "harness/process/child.hpp"
#include "harness/process/run_log.hpp"

namespace rehearsal::harness {
namespace {

class TellsEvents final : public simnet::RunWatcher {
 public:
  explicit TellsEvents(const Parent& parent) : parent_(parent) {}
  void begins(simnet::World& world) override {
    world.fabric().listener = [this, &world](const simnet::RunEvent& /*event*/) {
      parent_.tell(Reached{world.fabric().events, world.steps()});
    };
  }
  void ends(simnet::World& world, const simnet::RunReport& /*report*/) override {
    world.fabric().listener = nullptr;
  }

 private:
  const Parent& parent_;
};

}  // namespace

RunLength length_of(const simnet::Scenario& scenario, const simnet::Schedule& schedule) {
  Child child([&](const Parent& parent) {
    RunLog log;
    log.listen([&parent](const std::string& line) { parent.tell(Logs{line}); });
    TellsEvents events(parent);
    const std::array<simnet::RunWatcher*, 2> watchers = {&log, &events};
    replay_scenario(scenario, schedule, watchers);
  });
  RunLength length;
  while (child.receive()) {
    while (const std::optional<Message> message = child.next()) {
      if (const auto* logs = std::get_if<Logs>(&*message)) {
        length.log += logs->line + '\n';
      } else {
        length.end = std::get<Reached>(*message);
      }
    }
  }
  return length;
}

}  // namespace rehearsal::harness
