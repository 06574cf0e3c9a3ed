// A policy: how the choices of a run are made that is not a replay. Nominal, or at random with a
// rate for each site; an algorithm may decide at some sites and leave the others to chance, and may
// say which transition happens next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "sched/base/check.hpp"
#include "sched/base/time.hpp"
#include "simnet/choices/rates.hpp"

namespace rehearsal::simnet {

// One choice that is to be made: a coordinate, its entity by its key, and its number of outcomes.
struct Question {
  Site site = Site::run;
  std::uint64_t entity = 0;
  std::uint32_t ordinal = 0;
  std::uint32_t outcomes = 1;
  std::uint32_t most = 1;  // the scenario's rate lets it deviate up to this, at least 1
};

// One thing that can happen now: one resumption of a task, one timer, or one event of a kernel. It
// takes no time. What it makes ready is reported at its end.
struct Transition {
  enum class Kind : std::uint8_t {
    script,   // the world's script; it goes alone
    kernel,   // an event of a host's kernel: a segment arrives, blocking work is done
    timer,    // a timer of a host's program fires
    reports,  // a host's program gets its report of what is ready
    task      // a task is resumed
  };

  // The same in every run, and unique among those that can happen now.
  std::uint64_t actor = 0;
  std::uint32_t host = 0;
  Kind kind = Kind::script;

  friend bool operator==(const Transition&, const Transition&) = default;
};

// Makes choices of one run. It may remember the questions so far, and must be a function of them
// and of nothing else. To write a policy of your own, derive from it, and pass it to
// Policy::directed: for one run to run_scenario(), for sweeps and tests by Scenario::own_policy.
class PolicyAlgorithm {
 public:
  PolicyAlgorithm() = default;
  PolicyAlgorithm(const PolicyAlgorithm&) = delete;
  PolicyAlgorithm& operator=(const PolicyAlgorithm&) = delete;
  virtual ~PolicyAlgorithm() = default;

  // Returns whether it decides at this site. Called once, as the run begins.
  [[nodiscard]] virtual bool decides(Site site) const = 0;
  // Returns an outcome, below `question.outcomes`. Called for each choice of a site that it
  // decides.
  virtual std::uint32_t choose(const Question& question) = 0;

  // Returns whether the run goes by transitions, which next() picks; what else the algorithm does
  // not decide is then nominal. The run is written down as any other: its first deviation is that
  // it goes by transitions (Site::step), the others are the ties and delays that give the same
  // order.
  [[nodiscard]] virtual bool steers() const { return false; }
  // Returns the place in `enabled` of what happens at `at`. They stand in the order in which they
  // would happen if nothing deviated. What it throws ends the run, and reaches its caller.
  // REQUIRES: steers().
  virtual std::size_t next(sched::Instant /*at*/, std::span<const Transition> /*enabled*/) {
    sched::check(false, "a policy that steers has next()");
    return 0;
  }
};

struct Policy {
  std::uint64_t seed = 0;
  bool draws = false;  // false: what the algorithm does not decide is nominal, whatever the rates
  Rates rates;
  std::shared_ptr<PolicyAlgorithm> algorithm;  // null: all is drawn. It serves one run.

  Rate& operator[](Site site) { return rates[site]; }
  const Rate& operator[](Site site) const { return rates[site]; }

  // No choice deviates.
  static Policy nominal() { return {}; }
  // Each choice deviates at random, by the rate of its site.
  static Policy random(std::uint64_t seed, const Rates& rates = Rates::usual()) {
    return {seed, true, rates, nullptr};
  }
  // `algorithm` decides; it leaves other sites to chance, or, if it steers, nominal.
  static Policy directed(std::uint64_t seed, std::shared_ptr<PolicyAlgorithm> algorithm,
                         const Rates& rates = Rates::usual()) {
    return {seed, true, rates, std::move(algorithm)};
  }
  static Policy steered(std::shared_ptr<PolicyAlgorithm> algorithm) {
    sched::check(algorithm->steers(), "the algorithm of a steered run steers");
    return {0, false, {}, std::move(algorithm)};
  }
};

}  // namespace rehearsal::simnet
