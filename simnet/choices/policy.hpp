// A policy is how the choices of a run are made that is not a replay: nominal, at random with a
// rate for each site, or by a chooser that decides at some sites and leaves the others to chance.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "simnet/choices/rates.hpp"

namespace rehearsal::simnet {

// One choice that is to be made: a coordinate, its entity by its key, and how many outcomes it has.
struct Question {
  Site site = Site::run;
  std::uint64_t entity = 0;
  std::uint32_t ordinal = 0;
  std::uint32_t outcomes = 1;
  std::uint32_t most = 1;  // how far the scenario's rate lets it deviate, at least 1
};

// Makes choices of one run, in which it may remember what it was asked. To write a policy of your
// own, derive from it: it makes a run of run_scenario(scenario, Policy::directed(...), seed), and
// those of sweeps and of rehearsed tests where Scenario::own_policy makes it.
class Chooser {
 public:
  Chooser() = default;
  Chooser(const Chooser&) = delete;
  Chooser& operator=(const Chooser&) = delete;
  virtual ~Chooser() = default;

  // Whether it decides at this site. Asked once, as the run begins.
  [[nodiscard]] virtual bool decides(Site site) const = 0;
  // A number below `question.outcomes`; a function of the questions so far and nothing else.
  virtual std::uint32_t choose(const Question& question) = 0;
};

class Steering;

struct Policy {
  std::uint64_t seed = 0;
  bool draws = false;  // false: what no chooser decides is nominal, whatever the rates say
  Rates rates;
  std::shared_ptr<Chooser> chooser;  // null: all is drawn. It serves one run.
  Steering* steering = nullptr;      // the chooser, where it says what happens next, too

  Rate& operator[](Site site) { return rates[site]; }
  const Rate& operator[](Site site) const { return rates[site]; }

  // No choice deviates.
  static Policy nominal() { return {}; }
  static Policy random(std::uint64_t seed, const Rates& rates = Rates::usual()) {
    return {seed, true, rates, nullptr, nullptr};
  }
  static Policy directed(std::uint64_t seed, std::shared_ptr<Chooser> chooser,
                         const Rates& rates = Rates::usual()) {
    return {seed, true, rates, std::move(chooser), nullptr};
  }
};

}  // namespace rehearsal::simnet
