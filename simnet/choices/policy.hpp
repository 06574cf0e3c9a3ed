// Policy: decides the outcome of each choice in a run that is not a replay: always the default, at
// random with a rate per site, or by a PolicyAlgorithm for some sites and at random for the rest.
// An algorithm may also choose which transition happens next.
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

/// What a choice is about, if that is known when it is made.
struct Subject {
  /// The value of `host` if the choice is not about something that happens later.
  static constexpr std::uint32_t no_host = ~std::uint32_t{0};

  /// The number of the host at which something happens later, or `no_host`.
  std::uint32_t host = no_host;
  /// When it happens if the choice takes its default. For a fault of a host: when the fault begins.
  sched::Instant at{};
  /// The number of bytes that a receive or a send moves if the choice takes its default; 0 at all
  /// other sites.
  std::uint32_t bytes = 0;
};

/// A choice to be made by a PolicyAlgorithm.
struct Question {
  /// The kind of the choice.
  Site site = Site::run;
  /// The key of its entity: a hash of the entity's name, the same in every run.
  std::uint64_t entity = 0;
  /// The index of the choice among those of this site and entity, from 0.
  std::uint32_t ordinal = 0;
  /// The number of outcomes, at least 1.
  std::uint32_t outcomes = 1;
  /// The largest deviation that the scenario's rate for the site allows, at least 1.
  std::uint32_t most = 1;
  /// Whether random policies may deviate here: the rate of the site, link or rule is not 0.
  bool allowed = true;
  /// What the choice is about.
  Subject subject{};
};

/// Something that can happen now in a run that is steered: a task resumption, a timer, or one event
/// of a kernel. It takes no virtual time. What it makes ready is reported when it ends.
struct Transition {
  /// The kinds of transitions.
  enum class Kind : std::uint8_t {
    /// An action of the world's script; it is never one of several.
    script,
    /// An event of a host's kernel, such as an arriving segment or finished blocking work.
    kernel,
    /// A timer of a host's program fires.
    timer,
    /// A host's program receives the report of what is ready.
    reports,
    /// A task is resumed.
    task
  };

  /// Identifies what acts: the same in every run, and unique among the transitions that
  /// can happen now.
  std::uint64_t actor = 0;
  /// The number of the host.
  std::uint32_t host = 0;
  /// The kind of the transition.
  Kind kind = Kind::script;

  /// Compares all fields.
  friend bool operator==(const Transition&, const Transition&) = default;
};

/// Makes choices of one run. Derive from it to write your own policy. Its answers must be
/// a function of the questions until now and of nothing else, or runs cannot be
/// reproduced. Pass it to Policy::directed(), and that to run_scenario(); for sweeps and
/// tests, set Scenario::own_policy.
class PolicyAlgorithm {
 public:
  PolicyAlgorithm() = default;
  PolicyAlgorithm(const PolicyAlgorithm&) = delete;
  PolicyAlgorithm& operator=(const PolicyAlgorithm&) = delete;
  virtual ~PolicyAlgorithm() = default;

  /// Returns whether it decides at this site. Called once per site, when the run begins.
  [[nodiscard]] virtual bool decides(Site site) const = 0;
  /// Returns an outcome less than `question.outcomes`. Called for each choice of a site at which it
  /// decides. Another value fails a CHECK.
  virtual std::uint32_t choose(const Question& question) = 0;

  /// Returns whether the run is steered: next() picks each transition. All choices at sites at
  /// which the algorithm does not decide then take their default. A steered run has a schedule like
  /// any other: its first deviation is at Site::step, and the others are the ties and delays that
  /// result in the same order.
  [[nodiscard]] virtual bool steers() const { return false; }
  /// Returns the position in `enabled` of the transition that happens at `at`. `enabled` is in the
  /// order in which the transitions would happen without deviations, and is never empty. An
  /// exception from it ends the run and reaches the caller of World::run(). REQUIRES: steers().
  virtual std::size_t next(sched::Instant /*at*/, std::span<const Transition> /*enabled*/) {
    sched::check(false, "a policy that steers has next()");
    return 0;
  }
};

/// How the choices of one run are made. Create it with nominal(), random(), directed()
/// or steered().
struct Policy {
  /// Seed of the random choices.
  std::uint64_t seed = 0;
  /// Whether choices that the algorithm does not decide are made at random, by `rates`. If false,
  /// they take their default.
  bool draws = false;
  /// How often each site deviates at random.
  Rates rates;
  /// Decides at some sites. Null if every choice is made at random. It serves one run.
  std::shared_ptr<PolicyAlgorithm> algorithm;

  /// Returns the rate of a site, which the caller may change.
  Rate& operator[](Site site) { return rates[site]; }
  /// Returns the rate of a site.
  const Rate& operator[](Site site) const { return rates[site]; }

  /// Returns a policy under which no choice deviates.
  static Policy nominal() { return {}; }
  /// Returns a policy under which each choice deviates at random, with the rate of its site.
  static Policy random(std::uint64_t seed, const Rates& rates = Rates::usual()) {
    return {seed, true, rates, nullptr};
  }
  /// Returns a policy under which `algorithm` decides at its sites and the other choices are
  /// made at random.
  static Policy directed(std::uint64_t seed, std::shared_ptr<PolicyAlgorithm> algorithm,
                         const Rates& rates = Rates::usual()) {
    return {seed, true, rates, std::move(algorithm)};
  }
  /// Returns a policy under which `algorithm` picks every transition and the choices at other sites
  /// take their default. Fails a CHECK unless `algorithm->steers()`.
  static Policy steered(std::shared_ptr<PolicyAlgorithm> algorithm) {
    sched::check(algorithm->steers(), "the algorithm of a steered run steers");
    return {0, false, {}, std::move(algorithm)};
  }
};

}  // namespace rehearsal::simnet
