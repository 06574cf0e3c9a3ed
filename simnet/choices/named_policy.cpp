#include "simnet/choices/named_policy.hpp"

#include <charconv>
#include <limits>
#include <numeric>

#include "sched/base/check.hpp"
#include "simnet/choices/mixed_policy.hpp"
#include "simnet/choices/pct.hpp"
#include "simnet/choices/pos.hpp"
#include "simnet/choices/sparse.hpp"
#include "simnet/choices/swarm.hpp"

namespace rehearsal::simnet {
namespace {

struct Entry {
  std::string_view name;
  NamedPolicy::Kind kind{};
  std::uint32_t usual = 0;  // default parameter; 0: it takes none
  std::uint32_t most = 0;   // maximum parameter
  bool needs_shape = false;
};

using Kind = NamedPolicy::Kind;

// Indexed by Kind.
constexpr std::array<Entry, 8> entries = {{
    {"nominal", Kind::nominal},
    {"random", Kind::random},
    {.name = "pct", .kind = Kind::pct, .usual = 3, .most = 100, .needs_shape = true},
    {"pos", Kind::pos},
    {.name = "sparse", .kind = Kind::sparse, .usual = 2, .most = 100, .needs_shape = true},
    {"swarm", Kind::swarm},
    {.name = "mix", .kind = Kind::mix, .needs_shape = true},
    {.name = "own", .kind = Kind::own, .needs_shape = true},
}};

const Entry& entry(NamedPolicy::Kind kind) { return entries[static_cast<std::size_t>(kind)]; }

}  // namespace

std::uint64_t RunShape::all() const {
  return std::accumulate(asked.begin(), asked.end(), std::uint64_t{0});
}

NamedPolicy::NamedPolicy(Kind kind) : kind_(kind), parameter_(entry(kind).usual) {}

std::optional<NamedPolicy> NamedPolicy::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  for (const Entry& entry : entries) {
    if (entry.name != text.substr(0, colon)) {
      continue;
    }
    if (colon == std::string_view::npos) {
      return NamedPolicy(entry.kind);
    }
    const std::string_view digits = text.substr(colon + 1);
    std::uint32_t parameter = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), parameter);
    const bool fits = error == std::errc{} && end == digits.data() + digits.size() &&
                      !digits.starts_with('0') && parameter <= entry.most;
    return fits ? std::optional(NamedPolicy(entry.kind, parameter)) : std::nullopt;
  }
  return std::nullopt;
}

std::string NamedPolicy::names() {
  std::string names;
  for (const Entry& entry : entries) {
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
    if (entry.most != 0) {
      names += "[:1.." + std::to_string(entry.most) + "]";
    }
  }
  return names;
}

std::string NamedPolicy::to_string() const {
  const std::string name(entry(kind_).name);
  return parameter_ == entry(kind_).usual ? name : name + ':' + std::to_string(parameter_);
}

bool NamedPolicy::needs_shape() const { return entry(kind_).needs_shape; }

NamedPolicy NamedPolicy::of(std::uint64_t seed) const {
  return kind_ == Kind::mix ? mixed_policy(seed) : *this;
}

Policy NamedPolicy::make(std::uint64_t seed, const Rates& rates, const RunShape& shape) const {
  switch (kind_) {
    case Kind::nominal:
      return Policy::nominal();
    case Kind::random:
      return Policy::random(seed, rates);
    case Kind::pct:
      return Policy::directed(seed, std::make_shared<Pct>(seed, parameter_, shape), rates);
    case Kind::pos:
      return Policy::directed(seed, std::make_shared<Pos>(seed), rates);
    case Kind::sparse:
      return Policy::directed(seed, std::make_shared<Sparse>(seed, parameter_, rates, shape),
                              rates);
    case Kind::swarm:
      return Policy::random(seed, swarm(seed, rates));
    case Kind::mix:
      return of(seed).make(seed, rates, shape);
    case Kind::own:
      sched::check(false, "a policy of a scenario's own is made by the scenario");
  }
  return Policy::nominal();
}

}  // namespace rehearsal::simnet
