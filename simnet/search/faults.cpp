#include "simnet/search/faults.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "sched/base/check.hpp"
#include "sched/base/key_table.hpp"
#include "simnet/search/fault_values.hpp"
#include "simnet/search/tally.hpp"

namespace rehearsal::simnet {
namespace {

// Maximum number of planned runs with the same number of faults that are kept in memory.
constexpr std::size_t most_planned = 4'000'000;

// A deviation, by the key of its entity instead of its name.
struct Fault {
  std::uint64_t entity = 0;
  std::uint32_t ordinal = 0;
  std::uint32_t value = 0;
  Site site = Site::run;
};

// A run that is planned: that of its parent, with a further fault behind the last.
struct PlannedRun {
  Fault fault;
  std::uint32_t parent = 0;  // its place in the level before
  std::uint64_t turn = 0;    // a lower one is run first
};

// Makes the choices of a run with the given faults. Records the choices behind the last fault if
// `records`.
class FaultRun final : public PolicyAlgorithm {
 public:
  FaultRun(std::vector<Fault> faults, bool records)
      : faults_(std::move(faults)), records_(records) {}

  [[nodiscard]] bool decides(Site site) const override {
    return records_ || std::ranges::find(faults_, site, &Fault::site) != faults_.end();
  }
  std::uint32_t choose(const Question& question) override {
    if (next_ != faults_.size()) {
      const Fault& fault = faults_[next_];
      if (fault.site == question.site && fault.entity == question.entity &&
          fault.ordinal == question.ordinal) {
        ++next_;
        return std::min(fault.value, question.outcomes - 1);
      }
    } else if (records_ && question.outcomes > 1) {
      asked_.push_back(question);
    }
    return 0;
  }
  [[nodiscard]] const std::vector<Question>& asked() const { return asked_; }

 private:
  std::vector<Fault> faults_;  // in the order of the run
  std::size_t next_ = 0;       // of faults_
  bool records_;
  std::vector<Question> asked_;
};

class Enumeration {
 public:
  Enumeration(const Scenario& scenario, std::uint32_t most, const SearchOptions& options)
      : scenario_(scenario),
        options_(options),
        most_(most),
        cuts_(options.steps < scenario.options.step_limit) {
    sched::check(most >= 1, "an enumeration of faults has at least one fault in a run");
    scenario_.options.step_limit = std::min(scenario.options.step_limit, options.steps);
    report_.faults.emplace();
  }

  SearchReport run() {
    report_.end = run_levels();
    for (std::size_t site = 0; site < site_count; ++site) {
      if (untried_[site]) {
        report_.untried.push_back(static_cast<Site>(site));
      }
    }
    report_.unreached = tally_.unreached();
    report_.notes = tally_.search_notes();
    return std::move(report_);
  }

 private:
  using Level = std::vector<PlannedRun>;

  SearchEnd run_levels();
  // Returns why the search ends before the next run, or nothing.
  [[nodiscard]] std::optional<SearchEnd> ends() const;
  [[nodiscard]] std::vector<Fault> faults_of(std::size_t place) const;
  void run_once(std::size_t place);
  void judge(RunResult result);
  void plan(std::size_t parent, const std::vector<Question>& asked, const Moments& moments);
  FaultValues values_of(const Question& question, const Moments& moments) const;

  Scenario scenario_;
  const SearchOptions& options_;
  std::uint32_t most_;
  bool cuts_;  // the step limit is the search's own
  SearchReport report_;
  std::vector<Level> levels_ = {Level(1)};  // by number of faults; the last one is being run
  Level next_level_;
  std::array<bool, site_count> untried_{};
  KeyTable<bool> seen_;  // by digest
  Tally tally_;
};

std::optional<SearchEnd> Enumeration::ends() const {
  if (options_.interrupted && options_.interrupted()) {
    return SearchEnd::interrupted;
  }
  if (report_.failures != 0 && options_.stop_at_failure) {
    return SearchEnd::failure;
  }
  return report_.runs == options_.runs ? std::optional(SearchEnd::runs) : std::nullopt;
}

SearchEnd Enumeration::run_levels() {
  for (;;) {
    for (std::size_t place = 0; place < levels_.back().size(); ++place) {
      if (const std::optional<SearchEnd> end = ends()) {
        return *end;
      }
      run_once(place);
    }
    if (report_.failures != 0 && options_.stop_at_failure) {
      return SearchEnd::failure;
    }
    if (levels_.size() > most_ || next_level_.empty()) {
      return report_.faults->all_tried() ? SearchEnd::faults : SearchEnd::runs;
    }
    std::ranges::sort(next_level_, {}, [](const PlannedRun& planned) {
      return std::tuple(planned.turn, planned.fault.site, planned.parent);
    });
    levels_.push_back(std::exchange(next_level_, {}));
  }
}

std::vector<Fault> Enumeration::faults_of(std::size_t place) const {
  std::vector<Fault> faults;
  for (std::size_t level = levels_.size() - 1; level != 0; --level) {
    const PlannedRun& planned = levels_[level][place];
    faults.push_back(planned.fault);
    place = planned.parent;
  }
  std::ranges::reverse(faults);
  return faults;
}

void Enumeration::run_once(std::size_t place) {
  ++report_.runs;
  const bool records = levels_.size() <= most_;
  const auto run = std::make_shared<FaultRun>(faults_of(place), records);
  Moments moments;
  RunWatcher* const watcher = &moments;
  // It decides wherever a fault may be, and nothing is drawn at random.
  const Policy policy{0, false, scenario_.rates, run};
  RunResult result =
      run_scenario(scenario_, policy, options_.data_seed, RunWatchers(&watcher, records ? 1 : 0));
  if (levels_.size() > 1) {
    ++report_.faults->sets[levels_.size() - 2].tried;
  }
  if (records) {
    plan(place, run->asked(), moments);
  }
  judge(std::move(result));
}

FaultValues Enumeration::values_of(const Question& question, const Moments& moments) const {
  const std::vector<std::uint32_t>& given = options_.values[index(question.site)];
  if (given.empty()) {
    return question.allowed ? fault_values(question, moments) : FaultValues();
  }
  FaultValues chosen;
  std::ranges::copy_if(given, std::back_inserter(chosen.values),
                       [&](std::uint32_t value) { return value < question.outcomes; });
  return chosen;
}

// Plans the runs with one more fault than that of `parent`, which asked for these choices.
void Enumeration::plan(std::size_t parent, const std::vector<Question>& asked,
                       const Moments& moments) {
  struct Ranked {
    std::size_t rank;   // of the value among those of its choice
    std::size_t place;  // of the choice among those of its site
    Fault fault;
  };
  FaultsTried& tried = *report_.faults;
  const std::size_t level = levels_.size();
  if (tried.sets.size() < level) {
    tried.sets.emplace_back();
  }
  std::array<std::vector<Ranked>, site_count> offered;
  for (const Question& question : asked) {
    if (!is_fault(question.site)) {
      untried_[index(question.site)] |= question.allowed;
      continue;
    }
    const FaultValues chosen = values_of(question, moments);
    tried.left_out += chosen.left_out;
    std::vector<Ranked>& of_site = offered[index(question.site)];
    for (std::size_t rank = 0; rank < chosen.values.size(); ++rank) {
      of_site.push_back({rank,
                         of_site.size(),
                         {question.entity, question.ordinal, chosen.values[rank], question.site}});
    }
    if (level == 1 && (question.allowed || !chosen.values.empty())) {
      tried.offered[question.site] += chosen.values.size();
    }
  }
  for (std::vector<Ranked>& of_site : offered) {
    std::ranges::sort(of_site, {},
                      [](const Ranked& one) { return std::pair(one.rank, one.place); });
    std::uint64_t turn = levels_.back()[parent].turn;
    tried.sets.back().found += of_site.size();
    for (const Ranked& one : of_site) {
      if (next_level_.size() < most_planned) {
        next_level_.push_back({one.fault, static_cast<std::uint32_t>(parent), turn++});
      }
    }
  }
}

void Enumeration::judge(RunResult result) {
  const bool cut = cuts_ && result.report.end == WorldEnd::step_limit;
  if (cut) {
    ++report_.cut;
  } else {
    bool& seen = seen_[result.report.digest];
    report_.traces += seen ? 0 : 1;
    seen = true;
  }
  tally_.add(result);
  if (options_.on_run) {
    options_.on_run(result);
  }
  if (!cut && !result.report.ok() && report_.failures++ == 0) {
    report_.failed_at = report_.runs;
    report_.failure = std::move(result);
  }
}

}  // namespace

SearchReport search_faults(const Scenario& scenario, std::uint32_t most,
                           const SearchOptions& options) {
  return Enumeration(scenario, most, options).run();
}

}  // namespace rehearsal::simnet
