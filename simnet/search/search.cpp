#include "simnet/search/search.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "sched/base/check.hpp"
#include "sched/base/draw.hpp"
#include "sched/base/key_table.hpp"
#include "simnet/search/fault_values.hpp"
#include "simnet/search/step_order.hpp"
#include "simnet/search/tally.hpp"

namespace rehearsal::simnet {
namespace {

std::string counted(std::uint64_t count, const char* noun) {
  return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

// One run: asks the search for each step and records what happens.
class SearchRun final : public PolicyAlgorithm, public sched::Footprint, public RunWatcher {
 public:
  // Creates a run that also notes the sites at which a choice may deviate, of those in `noted`, a
  // bit for each site.
  SearchRun(Search& search, const SearchOptions& options, const Moments& moments,
            std::uint64_t noted)
      : search_(search), options_(options), moments_(moments), noted_(noted) {
    const Transition building;
    add_step(sched::Instant::min(), {&building, 1});
  }

  [[nodiscard]] bool decides(Site site) const override {
    return site == Site::program || !options_.values[index(site)].empty() || is_varied(site) ||
           (noted_ >> index(site) & 1U) != 0;
  }
  std::uint32_t choose(const Question& question) override {
    if (question.site == Site::program) {
      if (question.outcomes > options_.outcomes) {
        ++wide_;
        return 0;
      }
      return outcome(question.outcomes);
    }
    const std::vector<std::uint32_t> values = values_of(question);
    const std::uint32_t place = outcome(static_cast<std::uint32_t>(values.size()) + 1);
    return place == 0 ? 0 : values[place - 1];
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
  // The end of the world is not part of a step, whatever it touches.
  void ends(World& /*world*/, const RunReport& /*report*/) override { is_over_ = true; }
  [[nodiscard]] std::uint64_t wide() const { return wide_; }
  // Returns the sites that were asked, may deviate and are not varied, as bits.
  [[nodiscard]] std::uint64_t untried() const { return untried_; }
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
  [[nodiscard]] bool is_varied(Site site) const {
    return is_fault(site) && std::ranges::find(options_.varied, site) != options_.varied.end();
  }
  std::vector<std::uint32_t> values_of(const Question& question) {
    std::vector<std::uint32_t> values = options_.values[index(question.site)];
    if (values.empty() && is_varied(question.site)) {
      return fault_values(question, moments_).values;
    }
    if (values.empty() && question.allowed && question.outcomes > 1) {
      untried_ |= std::uint64_t{1} << index(question.site);
    }
    std::erase_if(values, [&](std::uint32_t value) { return value >= question.outcomes; });
    return values;
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
    throw RunGivenUp();
  }

  Search& search_;
  const SearchOptions& options_;
  const Moments& moments_;  // of the default run, if sites are varied
  std::uint64_t noted_;
  Execution run_;
  bool is_over_ = false;
  std::uint64_t wide_ = 0;
  std::uint64_t untried_ = 0;
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
    if (!options.varied.empty()) {
      RunWatcher* const watcher = &moments_;
      run_scenario(scenario_, Policy::nominal(), options.data_seed, {&watcher, 1});
    }
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
      for (std::size_t site = 0; site < site_count; ++site) {
        if ((untried_ >> site & 1U) != 0) {
          report_.untried.push_back(static_cast<Site>(site));
        }
      }
      report_.unreached = tally_.unreached();
      report_.notes = tally_.search_notes();
      return std::move(report_);
    }
  }

 private:
  void run_once() {
    ++report_.runs;
    const auto run = std::make_shared<SearchRun>(search_, options_, moments_, to_note());
    Policy policy = Policy::steered(run);
    policy.rates = scenario_.rates;  // the run is asked which choices may deviate
    try {
      RunResult result = [&] {
        const Recording recording(*run);
        RunWatcher* const watcher = run.get();
        return run_scenario(scenario_, policy, options_.data_seed, {&watcher, 1});
      }();
      const bool cut = cuts_ && result.report.end == WorldEnd::step_limit;
      judge(run->end(!cut), std::move(result), cut);
    } catch (const RunGivenUp&) {
      ++report_.given_up;
      end_of(run->end(false));
    }
    report_.wide += run->wide();
    untried_ |= run->untried();
  }
  // Returns the sites, as bits, that are not known to be left out. The rates of links and rules are
  // known after the first run.
  [[nodiscard]] std::uint64_t to_note() const {
    std::uint64_t sites = 0;
    for (std::size_t site = 0; site < site_count; ++site) {
      const bool may_deviate = report_.runs == 1 || scenario_.rates.of[site].per_million != 0;
      sites |= is_fault(static_cast<Site>(site)) && may_deviate ? std::uint64_t{1} << site : 0;
    }
    return sites & ~untried_;
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
    tally_.add(result);
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
  Moments moments_;
  std::uint64_t untried_ = 0;  // sites, as bits
  StepOrder order_;            // of the steps of last_
  KeyTable<bool> seen_;        // by trace
  Tally tally_;
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
    case SearchEnd::faults:
      return "all faults tried";
  }
  return "ended";
}

bool FaultsTried::all_tried() const {
  return std::ranges::all_of(sets, [](const Sets& one) { return one.tried == one.found; });
}

std::string FaultsTried::to_string() const {
  if (!sets.empty() && sets.front().found == 0) {
    return "no faults to try";
  }
  std::string text;
  bool complete = true;  // every smaller set was tried, so that the number of sets is known
  for (std::size_t i = 0; i < sets.size() && complete; ++i) {
    const Sets& one = sets[i];
    complete = one.tried == one.found;
    text += i == 0 ? "" : ", ";
    const bool all = complete && one.found > 1;
    text += one.found == 0 ? "no" : all ? "all " : "";
    text += !complete ? std::to_string(one.tried) + " of " : "";
    text += one.found == 0 ? "" : std::to_string(one.found);
    text += i == 0 ? " single fault" : i == 1 ? " pair" : " set";
    text += one.found == 1 ? "" : "s";
    text += i > 1 ? " of " + std::to_string(i + 1) : "";
    for (const auto& [site, count] : offered) {
      if (i == 0) {
        text += (site == offered.begin()->first ? " (" : ", ") + std::to_string(count) + ' ' +
                std::string(name(site));
      }
    }
    text += i == 0 ? ")" : "";
  }
  text += " tried";
  if (left_out != 0) {
    text += "; further values of choices left out: " + std::to_string(left_out);
  }
  return text;
}

namespace {

// "All schedules" includes faults and choices of programs. A search that leaves some out has seen
// the orders of steps.
std::string end_of_search(const SearchReport& report) {
  std::string text(name(report.end));
  constexpr std::string_view all = "all schedules";
  if ((!report.untried.empty() || report.wide != 0) && text.starts_with(all)) {
    text.replace(0, all.size(), "all orders of steps");
  }
  return text;
}

}  // namespace

std::string SearchReport::to_string() const {
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
  if (faults) {
    text += "; " + faults->to_string();
  }
  for (const Site site : untried) {
    text += (site == untried.front() ? "; not tried, although their rates allow it: " : ", ") +
            std::string(name(site));
  }
  return end == SearchEnd::faults ? text : text + "; " + end_of_search(*this);
}

SearchReport search(const Scenario& scenario, const SearchOptions& options, Search& search) {
  return Driver(scenario, options, search).drive();
}

}  // namespace rehearsal::simnet
