#include "harness/report/effect_in_child.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <variant>
#include <vector>

#include "harness/process/child.hpp"

namespace rehearsal::harness {

// The child sends the sentence, then the number of each event.
Effect effect_in_child(const simnet::Scenario& scenario, const simnet::Schedule& schedule,
                       const simnet::AppliedDeviation& applied, const simnet::History& failing) {
  const auto body = [&](const Parent& parent) {
    simnet::Schedule without = schedule;
    std::erase(without.deviations, applied.deviation);
    // A run that lasts several times longer has nothing more to compare.
    simnet::Scenario bounded = scenario;
    const std::uint64_t steps = failing.size() == 0 ? 0 : std::prev(failing.end())->step;
    bounded.options.step_limit = std::min(bounded.options.step_limit, 4 * steps + 1'000);
    simnet::HistoryRecorder recorder;
    const std::array<simnet::RunWatcher*, 1> watchers = {&recorder};
    replay_scenario(bounded, without, watchers);
    const Effect found = effect_of(applied, failing, recorder.history());
    parent.tell(Logs{found.text});
    for (const std::uint64_t event : found.events) {
      parent.tell(Logs{std::to_string(event)});
    }
    ::_exit(0);
  };
  std::vector<std::string> lines;
  run_in_child(body,
               [&](const Message& message) { lines.push_back(std::get<Logs>(message).line); });
  Effect effect;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    effect.events.push_back(std::stoull(lines[i]));
  }
  effect.text = lines.empty() ? std::string() : lines.front();
  return effect;
}

}  // namespace rehearsal::harness
