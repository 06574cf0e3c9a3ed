#include "simnet/rapidcheck/property_runs.hpp"

#include <string>
#include <utility>

#include "simnet/search/nondeterminism.hpp"

namespace rehearsal::simnet {
namespace {

using CaseResult = rc::detail::CaseResult;

std::string describe(const Failure& failure, const std::optional<CaseResult>& assertion,
                     const Shrunk& shrunk) {
  std::string text = assertion ? assertion->description + '\n' : failure.to_string() + '\n';
  const std::size_t count = shrunk.schedule.deviations.size();
  text += "\nCause: " + std::to_string(count) + (count == 1 ? " deviation" : " deviations") +
          " from the default run with data seed " + std::to_string(shrunk.schedule.data_seed) +
          ":\n";
  for (const Deviation& deviation : shrunk.schedule.deviations) {
    text += "  " + deviation.to_string() + '\n';
  }
  return text;
}

}  // namespace

template <class Start>
PropertyRuns::Run PropertyRuns::run(const std::function<void(World&)>& build, Start start) const {
  Run run;
  Scenario scenario("property", "A case", [&](World& world) {
    run.assertion.reset();  // clears the result of the run that measured the shape
    auto& scope = world.make<AssertionScope>(world, run.assertion);
    try {
      build(world);
    } catch (const CaseResult& result) {
      scope.note(result, "", 0);
    }
  });
  scenario.options = options_.world;
  scenario.rates = options_.rates;
  scenario.own_policy = options_.own_policy;
  scenario.run = [](World& world) {
    const std::optional<RunReport> report = world.report();
    return report ? *report : world.run();
  };
  run.result = start(scenario);
  return run;
}

void PropertyRuns::discard_where_asked(const Run& run) {
  if (run.assertion && run.assertion->type != CaseResult::Type::Failure) {
    throw *run.assertion;  // NOLINT: as rapidcheck does
  }
}

void PropertyRuns::fail(const std::function<void(World&)>& build, const Schedule& schedule) {
  const auto replay = [&](const Schedule& one) {
    return run(build, [&](const Scenario& scenario) { return replay_scenario(scenario, one); });
  };
  Shrunk shrunk = shrink(
      schedule, [&](const Schedule& one) { return outcome_of(replay(one).result); },
      options_.shrink);
  if (!shrunk.failure) {
    throw CaseResult(CaseResult::Type::Failure,
                     nondeterminism_text("passes") + '\n' + schedule.to_string());
  }
  const Run last = replay(shrunk.schedule);
  const std::string text = describe(*shrunk.failure, last.assertion, shrunk);
  found_ = std::move(shrunk);
  throw CaseResult(CaseResult::Type::Failure, text);
}

void PropertyRuns::check(const std::function<void(World&)>& build) {
  if (found_) {
    const Schedule schedule = found_->schedule;
    const Run again =
        run(build, [&](const Scenario& scenario) { return replay_scenario(scenario, schedule); });
    discard_where_asked(again);
    if (!again.result.report.ok()) {
      fail(build, again.result.schedule);
    }
  }
  std::optional<RunShape> shape;
  for (std::uint64_t i = 0; i < options_.runs; ++i) {
    const SeededRun how{options_.seed + i, options_.policy};
    const Run one = run(build, [&](const Scenario& scenario) {
      if (!shape && options_.policy.needs_shape()) {
        shape = shape_of(scenario);
      }
      return run_scenario(scenario, how, {}, shape ? &*shape : nullptr);
    });
    discard_where_asked(one);
    if (!one.result.report.ok()) {
      fail(build, one.result.schedule);
    }
  }
}

}  // namespace rehearsal::simnet
