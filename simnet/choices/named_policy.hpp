// NamedPolicy: a policy by its name on a command line and in a trace: "mix", "random", "pct:3".
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "simnet/choices/policy.hpp"

namespace rehearsal::simnet {

/// How many choices each site had in the default run of a scenario. Some policies plan by it.
struct RunShape {
  /// The number of choices, by index().
  std::array<std::uint64_t, site_count> asked{};
  /// Whether the run called World::sometimes() or World::state().
  bool names_milestones = false;

  /// Returns the number of choices at all sites.
  [[nodiscard]] std::uint64_t all() const;
};

/// Creates your own policy for the run of this seed. `rates` are those of the scenario, and `shape`
/// is that of its default run.
using MakesPolicy =
    std::function<Policy(std::uint64_t seed, const Rates& rates, const RunShape& shape)>;

/// Decides every choice, always with the default, and counts the choices per site.
class CountingAlgorithm final : public PolicyAlgorithm {
 public:
  /// Returns true: it decides at every site.
  [[nodiscard]] bool decides(Site /*site*/) const override { return true; }
  /// Counts the choice and returns 0.
  std::uint32_t choose(const Question& question) override {
    ++shape_.asked[index(question.site)];
    return 0;
  }
  /// Returns the counts until now.
  [[nodiscard]] const RunShape& shape() const { return shape_; }

 private:
  RunShape shape_;
};

/// A policy by name. It creates a Policy for each run.
class NamedPolicy {
 public:
  /// The policies.
  ///
  /// - nominal: no choice deviates
  /// - random:  each choice deviates at random, with the rate of its site
  /// - pct:     random task priorities that change at a few random steps (pct.hpp)
  /// - pos:     a new random priority each time a task becomes ready (pos.hpp)
  /// - sparse:  a few large deviations per run (sparse.hpp)
  /// - swarm:   other rates in each run; some sites are left out (swarm.hpp)
  /// - mix:     the seed selects swarm in every second run, else pct, pos or sparse, in turn
  /// - own:     your own policy, Scenario::own_policy
  enum class Kind : std::uint8_t { nominal, random, pct, pos, sparse, swarm, mix, own };

  /// Creates the mix.
  NamedPolicy() = default;
  /// Creates the policy of this kind, with its default parameter if it takes one.
  NamedPolicy(Kind kind);
  /// Creates the policy of this kind with a parameter: the depth of `pct`, or the number of
  /// deviations of `sparse`. REQUIRES: a policy of this kind takes such a parameter (1 to 100).
  NamedPolicy(Kind kind, std::uint32_t parameter) : kind_(kind), parameter_(parameter) {}
  /// Returns the policy of this name, such as "pct:3". Returns nothing if no policy has the name,
  /// it does not take the parameter, or the parameter has leading zeros.
  static std::optional<NamedPolicy> parse(std::string_view text);
  /// Returns what parse() accepts, separated by commas: "nominal, random, pct[:1..100], ...".
  static std::string names();

  /// Returns the name, with the parameter if it is not the default. parse() reads it back.
  [[nodiscard]] std::string to_string() const;
  /// Returns the policy that makes the run of this seed: the selected one for a mix,
  /// otherwise itself.
  [[nodiscard]] NamedPolicy of(std::uint64_t seed) const;
  /// Returns whether this is the policy without deviations.
  [[nodiscard]] bool nominal() const { return kind_ == Kind::nominal; }
  /// Returns whether the milestones of earlier runs guide later ones (see World::state()): only
  /// those of the mix.
  [[nodiscard]] bool guided() const { return kind_ == Kind::mix; }
  /// Returns whether this is the scenario's own policy.
  [[nodiscard]] bool own() const { return kind_ == Kind::own; }
  /// Returns whether make() uses the shape of the default run; see shape_of().
  [[nodiscard]] bool needs_shape() const;
  /// Creates the policy of one run. `rates` are those of its scenario. REQUIRES: not own().
  [[nodiscard]] Policy make(std::uint64_t seed, const Rates& rates, const RunShape& shape) const;
  /// Compares kind and parameter.
  friend bool operator==(const NamedPolicy&, const NamedPolicy&) = default;

 private:
  Kind kind_ = Kind::mix;
  std::uint32_t parameter_ = 0;  // 0: the kind takes none
};

}  // namespace rehearsal::simnet
