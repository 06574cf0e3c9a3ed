// The policies by name, as a command line and a trace have them: "mix", "random", "pct:3".
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "simnet/choices/policy.hpp"

namespace rehearsal::simnet {

// How many choices each site had in the nominal run of a scenario: what some policies plan by.
struct RunShape {
  std::array<std::uint64_t, site_count> asked{};

  [[nodiscard]] std::uint64_t all() const;
};

// Makes a policy of one's own for the run of this seed. `rates` are those of the scenario, and
// `shape` is that of its nominal run.
using MakesPolicy =
    std::function<Policy(std::uint64_t seed, const Rates& rates, const RunShape& shape)>;

// Decides everything, nominally, and counts.
class CountingAlgorithm final : public PolicyAlgorithm {
 public:
  [[nodiscard]] bool decides(Site /*site*/) const override { return true; }
  std::uint32_t choose(const Question& question) override {
    ++shape_.asked[index(question.site)];
    return 0;
  }
  [[nodiscard]] const RunShape& shape() const { return shape_; }

 private:
  RunShape shape_;
};

class NamedPolicy {
 public:
  // `mix` takes turns: the seed says which of the others makes a run. `own` is the one that the
  // scenario brings with it (Scenario::own_policy).
  enum class Kind : std::uint8_t { nominal, random, pct, pos, sparse, swarm, mix, own };

  NamedPolicy() = default;
  NamedPolicy(Kind kind);  // NOLINT(google-explicit-constructor)
  // REQUIRES: a policy of this kind takes such a parameter.
  NamedPolicy(Kind kind, std::uint32_t parameter) : kind_(kind), parameter_(parameter) {}
  // Nothing where no policy has this name, or it takes no such parameter.
  static std::optional<NamedPolicy> parse(std::string_view text);
  // What parse() takes, for a person: "nominal, random".
  static std::string names();

  [[nodiscard]] std::string to_string() const;
  // What makes the run of this seed: itself, but for a mix.
  [[nodiscard]] NamedPolicy of(std::uint64_t seed) const;
  [[nodiscard]] bool nominal() const { return kind_ == Kind::nominal; }
  [[nodiscard]] bool own() const { return kind_ == Kind::own; }
  // Whether it plans by the shape of the nominal run.
  [[nodiscard]] bool needs_shape() const;
  // For one run. `rates` are those of its scenario. REQUIRES: it is not the scenario's own.
  [[nodiscard]] Policy make(std::uint64_t seed, const Rates& rates, const RunShape& shape) const;
  friend bool operator==(const NamedPolicy&, const NamedPolicy&) = default;

 private:
  Kind kind_ = Kind::mix;
  std::uint32_t parameter_ = 0;  // 0: it takes none
};

}  // namespace rehearsal::simnet
