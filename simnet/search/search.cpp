#include "simnet/search/search.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "sched/base/check.hpp"
#include "sched/base/draw.hpp"
#include "sched/base/key_table.hpp"
#include "simnet/search/step_order.hpp"

namespace rehearsal::simnet {
namespace {

// Thrown to end a run that the search has given up.
struct GivenUp {};

// One run: asks the search for each step and records what happens.
class SearchRun final : public PolicyAlgorithm, public sched::Footprint, public RunWatcher {
 public:
  SearchRun(Search& search, const SearchOptions& options) : search_(search), options_(options) {
    const Transition building;
    add_step(sched::Instant::min(), {&building, 1});
  }

  [[nodiscard]] bool decides(Site site) const override {
    return site == Site::program || !options_.values[index(site)].empty();
  }
  std::uint32_t choose(const Question& question) override {
    if (question.site == Site::program) {
      if (question.outcomes > options_.outcomes) {
        ++wide_;
        return 0;
      }
      return outcome(question.outcomes);
    }
    const std::vector<std::uint32_t>& values = options_.values[index(question.site)];
    const auto possible = static_cast<std::uint32_t>(std::ranges::count_if(
        values, [&](std::uint32_t value) { return value < question.outcomes; }));
    const std::uint32_t place = outcome(possible + 1);
    if (place == 0) {
      return 0;
    }
    std::uint32_t left = place;
    return *std::ranges::find_if(
        values, [&](std::uint32_t value) { return value < question.outcomes && --left == 0; });
  }
  [[nodiscard]] bool steers() const override { return true; }
  std::size_t next(sched::Instant at, std::span<const Transition> enabled) override {
    return add_step(at, enabled);
  }
  void touch(std::uint64_t object, sched::Access how) override {
    if (!is_over_) {
      run_.steps.back().touches.add(object, how);
    }
  }
  // An object is identified by the actor that creates it: what an actor does is the same in every
  // order of independent steps.
  std::uint64_t new_object() override {
    const std::uint64_t actor = run_.steps.back().actor();
    return draw(actor, ++objects_[actor], 3);
  }
  // What the end of the world touches is not part of a step.
  void ends(World& /*world*/, const RunReport& /*report*/) override { is_over_ = true; }
  [[nodiscard]] std::uint64_t wide() const { return wide_; }
  // Ends the record of the run; `whole` is false if it reached the limit.
  Execution end(bool whole) {
    end_step();
    run_.whole = whole && run_.left.empty();
    return std::move(run_);
  }

 private:
  std::size_t add_step(sched::Instant at, std::span<const Transition> enabled) {
    end_step();
    ExecutedStep& next = run_.steps.emplace_back();
    next.at = at;
    next.enabled.assign(enabled.begin(), enabled.end());
    const std::size_t place = search_.step(run_);
    if (place == Search::give_up) {
      give_up();
    }
    return next.chosen = place;
  }
  std::uint32_t outcome(std::uint32_t places) {
    if (places <= 1) {
      return 0;
    }
    const std::uint32_t place = search_.outcome(run_, places);
    run_.steps.back().outcomes.push_back({place, places});
    return place;
  }
  void end_step() {
    if (!run_.steps.empty()) {
      run_.steps.back().touches.settle();
    }
  }
  [[noreturn]] void give_up() {
    is_over_ = true;
    run_.left = std::move(run_.steps.back().enabled);
    run_.steps.pop_back();
    throw GivenUp();
  }

  Search& search_;
  const SearchOptions& options_;
  Execution run_;
  bool is_over_ = false;
  std::uint64_t wide_ = 0;
  KeyTable<std::uint64_t> objects_;
};

class Recording {
 public:
  explicit Recording(sched::Footprint& footprint)
      : before_(std::exchange(sched::footprint, &footprint)) {}
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  ~Recording() { sched::footprint = before_; }

 private:
  sched::Footprint* before_;
};

class Driver {
 public:
  Driver(const Scenario& scenario, const SearchOptions& options, Search& search)
      : scenario_(scenario),
        options_(options),
        search_(search),
        cuts_(options.steps < scenario.options.step_limit) {
    scenario_.options.step_limit = std::min(scenario.options.step_limit, options.steps);
  }

  SearchReport drive() {
    for (;;) {
      if (options_.interrupted && options_.interrupted()) {
        report_.end = SearchEnd::interrupted;
      } else if (report_.failures != 0 && options_.stop_at_failure) {
        report_.end = SearchEnd::failure;
      } else if (!search_.next()) {
        report_.end = search_.bounded()  ? SearchEnd::deviations
                      : report_.cut != 0 ? SearchEnd::steps
                                         : SearchEnd::complete;
      } else if (report_.runs == options_.runs) {
        report_.end = SearchEnd::runs;
      } else {
        run_once();
        continue;
      }
      return std::move(report_);
    }
  }

 private:
  void run_once() {
    ++report_.runs;
    const auto run = std::make_shared<SearchRun>(search_, options_);
    try {
      RunResult result = [&] {
        const Recording recording(*run);
        RunWatcher* const watcher = run.get();
        return run_scenario(scenario_, Policy::steered(run), options_.data_seed, {&watcher, 1});
      }();
      const bool cut = cuts_ && result.report.end == WorldEnd::step_limit;
      judge(run->end(!cut), std::move(result), cut);
    } catch (const GivenUp&) {
      ++report_.given_up;
      end_of(run->end(false));
    }
    report_.wide += run->wide();
  }
  // Passes a run to the search. Its first steps that are equal to those of the last run, with equal
  // outcomes, are kept.
  void end_of(Execution run) {
    std::size_t kept = 0;
    while (kept < std::min(run.steps.size(), last_.steps.size()) &&
           run.steps[kept].actor() == last_.steps[kept].actor() &&
           run.steps[kept].outcomes == last_.steps[kept].outcomes) {
      ++kept;
    }
    last_ = std::move(run);
    order_.update(last_, kept);
    search_.ended(last_, order_);
  }
  void judge(Execution run, RunResult result, bool cut) {
    end_of(std::move(run));
    if (cut) {
      ++report_.cut;
    } else {
      bool& seen = seen_[order_.trace()];
      report_.traces += seen ? 0 : 1;
      seen = true;
    }
    if (options_.on_run) {
      options_.on_run(result);
    }
    if (!cut && !result.report.ok()) {
      if (report_.failures++ == 0) {
        report_.failed_at = report_.runs;
        report_.failure = std::move(result);
      }
    }
  }

  Scenario scenario_;
  const SearchOptions& options_;
  Search& search_;
  bool cuts_;  // the step limit is the search's own
  SearchReport report_;
  Execution last_;
  StepOrder order_;      // of the steps of last_
  KeyTable<bool> seen_;  // by trace
};

}  // namespace

std::string_view name(SearchEnd end) {
  switch (end) {
    case SearchEnd::complete:
      return "all schedules explored";
    case SearchEnd::failure:
      return "stopped at a failure";
    case SearchEnd::runs:
      return "stopped by the limit on runs";
    case SearchEnd::steps:
      return "all schedules explored, except runs longer than the step limit";
    case SearchEnd::deviations:
      return "all schedules explored within the limit on deviations";
    case SearchEnd::interrupted:
      return "interrupted";
  }
  return "ended";
}

std::string SearchReport::to_string() const {
  const auto counted = [](std::uint64_t count, const char* noun) {
    return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
  };
  std::string text = counted(runs, "run") + ", " + counted(traces, "distinct trace");
  if (given_up != 0) {
    text += ", " + std::to_string(given_up) + " given up";
  }
  if (cut != 0) {
    text += ", " + std::to_string(cut) + " cut";
  }
  if (wide != 0) {
    text += ", " + counted(wide, "choice") + " with too many outcomes left at the default";
  }
  if (failures != 0) {
    text +=
        ", " + std::to_string(failures) + " failed, the first in run " + std::to_string(failed_at);
  }
  return text + "; " + std::string(name(end));
}

SearchReport search(const Scenario& scenario, const SearchOptions& options, Search& search) {
  return Driver(scenario, options, search).drive();
}

}  // namespace rehearsal::simnet
