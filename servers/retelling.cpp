#include "servers/retelling.hpp"

#include <array>
#include <utility>
#include <variant>

#include "sched/check.hpp"
#include "servers/attempts.hpp"
#include "servers/run_log.hpp"
#include "servers/run_text.hpp"

namespace rehearsal::servers {
namespace {

// In the process of its own. What it tells as it goes is what is known of a run that crashes.
void retell(const simnet::Scenario& scenario, const simnet::SeededRun& how,
            const std::string& program, const Parent& parent) {
  RunLog log;
  log.listen([&parent](const std::string& line) { parent.tell(Logs{line}); });
  TellsDeviations deviations(parent);
  const std::array<simnet::RunWatcher*, 2> watchers = {&log, &deviations};
  const std::string command = run_command(program, scenario.name, how);
  const sched::CheckNote note(command);
  const simnet::RunResult result = run_scenario(scenario, how, watchers);
  parent.tell(Retold{result.report.ok(), result.report.digest, describe(result.report),
                     result.schedule.to_string(), log.text()});
}

}  // namespace

Retelling::Retelling(const simnet::Scenario& scenario, const simnet::NamedPolicy& policy,
                     const std::string& program, Finding finding)
    : finding_(std::move(finding)),
      child_([&scenario, policy, &program, seed = finding_.seed](const Parent& parent) {
        retell(scenario, {seed, policy}, program, parent);
      }),
      schedule_{scenario.name, finding_.seed, {}} {}

bool Retelling::hear() {
  const bool more = child_.receive();
  while (const std::optional<Message> message = child_.next()) {
    if (const auto* deviates = std::get_if<Deviates>(&*message)) {
      schedule_.deviations.push_back(deviates->deviation);
    } else if (const auto* logs = std::get_if<Logs>(&*message)) {
      log_ += logs->line + '\n';
    } else if (const auto* retold = std::get_if<Retold>(&*message)) {
      retold_ = *retold;
    }
  }
  return more;
}

FailureReport Retelling::failure() {
  FailureReport failure{finding_.seed, finding_.kind, finding_.what, {}, {}};
  if (!retold_) {  // it crashes
    child_.kill();
    const std::string how = child_.wait();
    if (finding_.digest) {
      failure.what += "\n  (run again alone, its process crashed: " + how + ')';
    }
    failure.what += '\n' + indented(child_.errors(), "  ");
    failure.schedule = schedule_.to_string();
    failure.log = log_;
    return failure;
  }
  if (!finding_.digest) {
    failure.what += '\n' + indented(finding_.errors, "  ") +
                    "  (run again alone, this seed did not crash: something in it reads more than "
                    "its world)";
    return failure;
  }
  if (retold_->digest != *finding_.digest) {
    failure.what +=
        "\n  (run again alone, this seed came to another digest: something in it reads "
        "more than its world)";
  }
  failure.schedule = retold_->schedule;
  failure.log = retold_->log;
  return failure;
}

}  // namespace rehearsal::servers
